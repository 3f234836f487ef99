// The conversation and the choices of this browser. The conversation belongs to the tab and survives a reload.

const CONVERSATION = "wenyuan.conversation";
const CHOICES = "wenyuan.choices";
const MOST_TURNS = 200;
const HISTORY_TURNS = 3;

export const DEFAULT_CHOICES = Object.freeze({ topK: 12, language: "auto", passagesOnly: false, documents: null, since: null, until: null });

export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function loadConversation() {
  const turns = parsed(sessionStorage.getItem(CONVERSATION));
  if (!Array.isArray(turns)) return [];
  // What was being answered when the page went away will not go on.
  return turns.map((turn) => (isBusy(turn) ? { ...turn, step: "stopped", draft: "" } : turn));
}

export function saveConversation(turns) {
  const kept = turns.slice(-MOST_TURNS);
  for (;;) {
    try {
      sessionStorage.setItem(CONVERSATION, JSON.stringify(kept));
      return;
    } catch {
      if (!kept.length) return; // storage is full or forbidden: the conversation lasts as long as the page
      kept.shift();
    }
  }
}

export function loadChoices() {
  return { ...DEFAULT_CHOICES, ...(parsed(localStorage.getItem(CHOICES)) ?? {}) };
}

export function saveChoices(choices) {
  localStorage.setItem(CHOICES, JSON.stringify(choices));
}

export function isBusy(turn) {
  return ["searching", "waiting", "searched", "writing"].includes(turn?.step);
}

/** The last answered questions before a turn, in their complete form, as the service reads them. */
export function historyBefore(turns, id) {
  const end = turns.findIndex((turn) => turn.id === id);
  return turns
    .slice(0, end < 0 ? undefined : end)
    .filter((turn) => turn.step === "done")
    .slice(-HISTORY_TURNS)
    .map((turn) => ({ question: turn.standalone ?? turn.question, answer: turn.answer?.refused ? "" : (turn.answer?.answer ?? "") }));
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
