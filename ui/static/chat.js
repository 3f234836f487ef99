// The conversation: the composer, and each question with what came of it.

import { button, copyText, el, fill, icon, saveFile } from "./dom.js";
import { historyBefore, isBusy, loadConversation, newId, saveConversation } from "./state.js";
import { translated } from "./translated.js";
import { dateText, interfaceLanguage, onLanguage, words } from "./words.js";

const LONGEST_QUESTION = 1000;
const RELATED = 3;
const FIRST_PASSAGES = 4;
const HOVER_MS = 180;

export class Chat {
  /** `app` gives `send(message)`, `stop()`, `server`, `status`, `choices`, `announce(text)`, `source` and `show(tab)`. */
  constructor(app) {
    this.app = app;
    this.turns = loadConversation();
    this.nodes = new Map();
    this.editing = null;
    this.welcome = el("div", { class: "welcome" });
    this.log = el("div", { class: "log", role: "log", "aria-live": "off", tabindex: "-1" });
    this.scroller = el("div", { class: "scroller" }, this.log, this.welcome);
    this.input = el("textarea", {
      id: "question", rows: "1", enterkeyhint: "send", autocomplete: "off",
      on: { keydown: (event) => this.onKey(event), input: () => this.onInput() },
    });
    this.warning = el("p", { class: "warning", role: "alert" });
    this.sendButton = el("button", { type: "button", class: "send", on: { click: () => (this.busy ? this.stop() : this.submit()) } });
    this.hint = el("p", { class: "hint" });
    this.composer = el("div", { class: "composer" }, this.warning,
      el("div", { class: "field" }, this.input, this.sendButton), this.hint);
    this.tools = el("div", { class: "tools" });
    this.root = el("section", { class: "chat" }, this.tools, this.scroller, this.composer);
    onLanguage(() => this.draw());
  }

  get busy() {
    return isBusy(this.turns.at(-1));
  }

  // Asking

  submit() {
    const question = this.input.value.trim();
    if (!question || this.busy || !this.app.ready || question.length > LONGEST_QUESTION) return;
    this.input.value = "";
    this.onInput();
    this.ask(question);
  }

  /** Show the question at once, then have it answered. */
  ask(question) {
    if (this.busy || !this.app.ready) return;
    const turn = { id: newId(), question, step: "searching", asked: new Date().toISOString(), passages: [], draft: "" };
    this.turns.push(turn);
    this.drawTurn(turn);
    this.drawFrame();
    this.toEnd();
    this.app.announce(words("searching"));
    const { topK, language, passagesOnly, documents, since, until } = this.app.choices;
    this.app.send({
      turn: turn.id, question, history: historyBefore(this.turns, turn.id),
      top_k: topK, language, passages_only: passagesOnly, documents, since, until,
    });
    saveConversation(this.turns);
  }

  /** Ask a turn's question again, maybe in other words; what followed it goes. */
  askAgain(turn, question = turn.question) {
    if (this.busy) return;
    for (const dropped of this.turns.splice(this.turns.indexOf(turn))) this.forget(dropped.id);
    this.ask(question);
  }

  stop() {
    const turn = this.turns.at(-1);
    if (!isBusy(turn)) return;
    this.app.stop();
    this.change(turn, { step: "stopped", draft: "" });
    this.app.announce(words("stopped"));
    this.input.focus();
  }

  /** Take in what the service says of a turn; what comes after a stop, or of a turn that is gone, is ignored. */
  receive(message) {
    const turn = this.turns.find((one) => one.id === message?.turn);
    if (!turn || !isBusy(turn)) return;
    const atEnd = this.atEnd();
    this.change(turn, message);
    if (atEnd) this.toEnd();
    if (turn.step === "searched") this.app.announce(words("reading")(turn.passages.length));
    if (turn.step === "waiting") this.app.announce(words("waiting")(turn.ahead));
    if (turn.step === "done") {
      this.app.announce(turn.answer?.answer ?? words("passages")(turn.passages.length));
      if (turn.answer && !turn.answer.refused && this.app.wide()) this.showCitation(turn, 0, false);
      else this.app.source.close(); // what it shows is no source of this reply
    }
    if (turn.step === "error") this.app.announce(turn.error);
  }

  /** The service does not respond any more: what it was answering will not come. */
  lost() {
    if (this.busy) this.receive({ turn: this.turns.at(-1).id, step: "error", error: words("offline"), draft: "" });
  }

  change(turn, changes) {
    Object.assign(turn, changes);
    this.drawTurn(turn);
    if (!isBusy(turn)) {
      this.drawFrame();
      saveConversation(this.turns);
    }
  }

  clear() {
    if (this.busy) this.stop();
    for (const turn of this.turns.splice(0)) this.forget(turn.id);
    saveConversation(this.turns);
    this.app.source.close();
    this.drawFrame();
    this.input.focus();
  }

  async exportAs(format) {
    const result = await this.app.call("export", { format, language: interfaceLanguage(), turns: this.turns });
    if (result.error) return this.app.announce(result.error);
    saveFile(result.name, result.type, result.text);
  }

  forget(id) {
    this.nodes.get(id)?.remove();
    this.nodes.delete(id);
  }

  // Keys and fields

  onKey(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.submit();
  }

  onInput() {
    const { length } = this.input.value.trim();
    this.warning.textContent = length > LONGEST_QUESTION ? words("tooLong")(length, LONGEST_QUESTION) : "";
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 180)}px`;
    this.sendButton.disabled = !this.busy && (!length || length > LONGEST_QUESTION || !this.app.ready);
  }

  atEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    return scrollTop + clientHeight > scrollHeight - 120;
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  // Drawing

  draw() {
    this.turns.forEach((turn) => this.drawTurn(turn));
    this.drawFrame();
  }

  /** Draw what is around the turns. */
  drawFrame() {
    const busy = this.busy;
    this.input.placeholder = words("placeholder");
    this.input.setAttribute("aria-label", words("question"));
    this.log.setAttribute("aria-label", words("conversation"));
    fill(this.sendButton, icon(busy ? "stop" : "send"));
    const label = words(busy ? "stop" : "send");
    this.sendButton.setAttribute("aria-label", label);
    this.sendButton.title = label;
    this.sendButton.classList.toggle("stopping", busy);
    this.hint.textContent = words("keys");
    this.onInput();
    const empty = this.turns.length === 0;
    // Below a conversation it only says why nothing can be asked now.
    const known = this.app.status !== null || !this.app.reachable;
    this.welcome.hidden = !empty && (!known || this.app.ready);
    this.tools.hidden = empty;
    if (!this.welcome.hidden) this.drawWelcome();
    fill(this.tools,
      button("download", "Markdown", () => this.exportAs("markdown"), { class: "plain", "aria-label": words("exportMarkdown"), title: words("exportMarkdown") }),
      button("download", "JSON", () => this.exportAs("json"), { class: "plain", "aria-label": words("exportJson"), title: words("exportJson") }),
      twice(words("clear"), words("clearSure"), "trash", () => this.clear()));
  }

  drawWelcome() {
    const { status, examples } = this.app;
    const state = this.app.reachable ? status?.state : "offline";
    if (!state || state === "starting") {
      fill(this.welcome, el("div", { class: "setup", role: "status" },
        el("h2", {}, words("starting")), this.app.progress(), el("p", { class: "quiet" }, words("startingHint"))));
    } else if (state === "failed" || state === "offline") {
      fill(this.welcome, el("div", { class: "setup failed", role: "alert" },
        state === "failed" && el("h2", {}, words("setupFailed")), el("p", {}, state === "failed" ? status.error : words("offline")),
        state === "failed" && button("retry", words("tryAgain"), () => this.app.call("set_up", {}).then(() => this.app.refresh()))));
    } else if (state === "empty") {
      fill(this.welcome, el("div", { class: "setup" }, el("h2", {}, words("empty")), el("p", {}, words("emptyHint")),
        button("up", words("toDocuments"), () => this.app.show("documents"), { class: "primary" })));
    } else {
      fill(this.welcome, el("h2", {}, words("welcome")), el("p", { class: "quiet" }, words("welcomeHint")),
        status.generator_error && el("p", { class: "notice" }, words("noGenerator")),
        examples.length > 0 && el("p", { class: "quiet examples-title" }, words("examples")),
        el("div", { class: "examples" }, examples.map((question) =>
          el("button", { type: "button", class: "example", on: { click: () => this.ask(question) } }, question))));
    }
  }

  drawTurn(turn) {
    const node = el("article", { class: `turn ${turn.step}`, dataset: { turn: turn.id, step: turn.step }, "aria-busy": String(isBusy(turn)) },
      this.drawQuestion(turn), this.drawReply(turn));
    const before = this.nodes.get(turn.id);
    if (before) before.replaceWith(node);
    else this.log.append(node);
    this.nodes.set(turn.id, node);
  }

  drawQuestion(turn) {
    if (this.editing === turn.id) return this.drawEditor(turn);
    return el("div", { class: "asked" },
      el("p", { class: "question" }, turn.question),
      turn.standalone && el("p", { class: "standalone" }, words("standalone"), turn.standalone),
      !isBusy(turn) && el("div", { class: "actions" },
        button("edit", words("edit"), () => { this.editing = turn.id; this.drawTurn(turn); this.nodes.get(turn.id).querySelector("textarea").focus(); }, { quiet: true }),
        button("copy", words("copy"), (event) => this.copied(event, turn.question), { quiet: true })));
  }

  drawEditor(turn) {
    const done = (question) => {
      this.editing = null;
      if (question && question.length <= LONGEST_QUESTION) this.askAgain(turn, question);
      else this.drawTurn(turn);
    };
    const field = el("textarea", { rows: "2", "aria-label": words("edit"), on: { keydown: (event) => {
      if (event.key === "Escape") { event.stopPropagation(); done(null); }
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); done(field.value.trim()); }
    } } });
    field.value = turn.question;
    return el("div", { class: "asked editing" }, field, el("div", { class: "actions" },
      button(null, words("saveEdit"), () => done(field.value.trim()), { class: "primary" }),
      button(null, words("cancel"), () => done(null), { class: "plain" })));
  }

  drawReply(turn) {
    switch (turn.step) {
      case "searching": return working(words("searching"));
      case "waiting": return [working(words("waiting")(turn.ahead)), this.drawFound(turn)];
      case "searched": return [working(words("reading")(turn.passages.length)), this.drawFound(turn)];
      case "writing": return [el("div", { class: "draft" }, el("p", {}, turn.draft), working(words("checking"))), this.drawFound(turn)];
      case "stopped": return el("div", { class: "reply halted" }, el("p", { class: "quiet" }, words("stopped")), this.drawActions(turn));
      case "error": return el("div", { class: "reply failed", role: "alert" },
        el("p", { class: "verdict" }, icon("warn"), words("failed")), el("p", {}, turn.error), this.drawActions(turn));
      default: return turn.answer ? (turn.answer.refused ? this.drawRefusal(turn) : this.drawAnswer(turn)) : this.drawPassages(turn);
    }
  }

  drawAnswer(turn) {
    const { sentences, citations } = turn.answer;
    const held = sentences.filter((sentence) => sentence.supported);
    const withheld = sentences.filter((sentence) => !sentence.supported);
    return el("div", { class: "reply answer" },
      el("p", { class: "text" }, held.map((sentence) => this.drawSentence(turn, sentence))),
      withheld.length > 0 && el("details", { class: "withheld" }, el("summary", {}, icon("warn"), words("withheld")(withheld.length)),
        withheld.map((sentence) => el("p", {}, el("s", {}, sentence.text), el("span", { class: "problem" }, words("unsupported"), "：", sentence.problems.map(translated).join("；"))))),
      el("div", { class: "sources" }, el("h3", {}, words("sources")), citations.map((citation, place) =>
        el("button", { type: "button", class: "card", on: { click: () => this.showCitation(turn, place, true) } },
          el("span", { class: "number" }, String(citation.n)),
          el("span", { class: "what" }, el("strong", {}, citation.title), el("span", { class: "excerpt" }, written(passageOf(turn, citation)), joined(citation.quote)))))),
      this.drawActions(turn));
  }

  /** A sentence with its chips before its closing punctuation, and the mark of its check after it. */
  drawSentence(turn, { text, citations }) {
    const [, body, end] = /^(.*?)([。！？!?.…]*)$/s.exec(text);
    const checked = words("supported")(citations.join(", "));
    return [el("span", { class: "sentence" }, body,
      citations.map((n) => this.chip(turn, turn.answer.citations.findIndex((citation) => citation.n === n))), end,
      el("span", { class: "mark", role: "img", title: checked, "aria-label": checked }, icon("check"))), " "];
  }

  drawRefusal(turn) {
    const { answer } = turn;
    return el("div", { class: "reply refusal" },
      el("p", { class: "verdict" }, icon("none"), answer.answer),
      answer.reason && el("p", { class: "quiet" }, words("reasons")[answer.reason]),
      turn.passages.length > 0 && el("div", { class: "related" }, el("h3", {}, words("related")),
        turn.passages.slice(0, RELATED).map((_, place) => this.passageCard(turn, place))),
      this.drawActions(turn));
  }

  drawPassages(turn) {
    return el("div", { class: "reply passages" },
      el("p", { class: "quiet" }, turn.passages.length ? words("passages")(turn.passages.length) : words("noPassages")),
      turn.passages.map((_, place) => this.passageCard(turn, place)), this.drawActions(turn));
  }

  /** What was found, visible while the answer is being written. */
  drawFound(turn) {
    return el("ul", { class: "found" }, turn.passages.slice(0, FIRST_PASSAGES).map((passage) =>
      el("li", {}, icon("file"), el("span", { class: "doc" }, passage.title), el("span", { class: "excerpt" }, joined(passage.text).slice(0, 80)))),
    turn.passages.length > FIRST_PASSAGES && el("li", { class: "quiet" }, `+${turn.passages.length - FIRST_PASSAGES}`));
  }

  passageCard(turn, place) {
    const passage = turn.passages[place];
    return el("button", { type: "button", class: "card", on: { click: () => this.showPassage(turn, place) } },
      el("span", { class: "what" }, el("strong", {}, passage.title), el("span", { class: "excerpt" }, written(passage), joined(passage.text))));
  }

  chip(turn, place) {
    const citation = turn.answer.citations[place];
    let timer = null;
    return el("button", {
      type: "button", class: "chip", "aria-label": words("source")(citation.n, citation.title),
      on: {
        click: () => { clearTimeout(timer); this.showCitation(turn, place, true); },
        pointerenter: (event) => { if (event.pointerType === "mouse" && this.app.wide()) timer = setTimeout(() => this.showCitation(turn, place, false), HOVER_MS); },
        pointerleave: () => clearTimeout(timer),
      },
    }, String(citation.n));
  }

  drawActions(turn) {
    const seconds = turn.answer?.timings?.total_s;
    return el("div", { class: "actions" },
      turn.step === "done" && button("copy", words("copy"), (event) => this.copied(event, plainText(turn)), { quiet: true }),
      button("retry", words("retry"), () => this.askAgain(turn), { quiet: true }),
      seconds && el("span", { class: "quiet cost" }, words("seconds")(seconds.toFixed(1)), " · ", turn.answer.models.generator));
  }

  showCitation(turn, place, focus) {
    const all = turn.answer.citations;
    this.app.source.open(all.map(({ n, doc, start, end, quote }) => ({ n, doc, start, end, quote, kind: "quote" })), place, focus);
  }

  showPassage(turn, place) {
    this.app.source.open(turn.passages.map(({ doc, start, end }, at) => ({ n: at + 1, doc, start, end, kind: "passage" })), place, true);
  }

  async copied(event, text) {
    const pressed = event.currentTarget;
    await copyText(text);
    pressed.classList.add("done");
    this.app.announce(words("copied"));
    setTimeout(() => pressed.classList.remove("done"), 1200);
  }
}

function working(text) {
  return el("p", { class: "working" }, el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")), text);
}

/** A button that does something that cannot be undone only when it is pressed a second time. */
export function twice(label, sure, name, action) {
  const made = button(name, label, () => {
    if (made.classList.contains("sure")) return action();
    made.classList.add("sure");
    made.lastChild.textContent = sure;
    setTimeout(() => { made.classList.remove("sure"); made.lastChild.textContent = label; }, 3000);
    return undefined;
  }, { class: "plain" });
  return made;
}

/** The passage that a citation stands in. */
function passageOf(turn, { doc, start }) {
  return turn.passages.find((passage) => passage.doc === doc && passage.start <= start && start < passage.end);
}

/** When a passage was written, where that is known. */
function written(passage) {
  return passage?.date && el("span", { class: "written" }, dateText(passage.date));
}

/** A text on one line, for an excerpt: white space between Chinese characters is layout and vanishes, other becomes a space. */
function joined(text) {
  return text.replace(/(?<=[\u3000-\u9fff\uff00-\uffef])\s+(?=[\u3000-\u9fff\uff00-\uffef])/g, "").replace(/\s+/g, " ");
}

function plainText(turn) {
  if (!turn.answer) return turn.passages.map((passage) => `${passage.title}\n${passage.text}`).join("\n\n");
  const sources = turn.answer.citations.map((citation) => `[${citation.n}] ${citation.title} (${citation.doc}): ${joined(citation.quote)}`);
  return [turn.answer.answer, ...sources].join("\n");
}
