// The page as a whole: what it knows of the service, and the parts it is made of.

import { Chat } from "./chat.js";
import { Documents } from "./documents.js";
import { button, el, fill } from "./dom.js";
import { Settings } from "./settings.js";
import { Source } from "./source.js";
import { DEFAULT_CHOICES, loadChoices, saveChoices } from "./state.js";
import { translated } from "./translated.js";
import { announce, onLanguage, switchLanguage, words } from "./words.js";

const POLL_BUSY_MS = 700;
const POLL_QUIET_MS = 8000;
const THEMES = ["auto", "light", "dark"];
const EXAMPLES = 4;

class App {
  /** The arguments are what Gradio gives a custom component, and what may be uploaded: `bytes` at most, `suffixes`. */
  constructor({ element, events, props, server, upload, watch, limits }) {
    Object.assign(this, { events, props, server, upload, limits });
    this.status = null;
    this.reachable = true;
    this.documents = [];
    this.examples = [];
    this.choices = loadChoices();
    this.announcer = el("div", { class: "unseen", role: "status", "aria-live": "polite" });
    this.source = new Source(this);
    this.chat = new Chat(this);
    this.library = new Documents(this);
    this.settings = new Settings(this);
    this.header = el("header", { class: "top" });
    this.panels = { ask: el("div", { id: "panel-ask", role: "tabpanel", "aria-labelledby": "tab-ask", class: "panel" }, this.chat.root, this.source.root),
      documents: el("div", { id: "panel-documents", role: "tabpanel", "aria-labelledby": "tab-documents", class: "panel", hidden: true }, this.library.root) };
    this.tab = "ask";
    fill(element.querySelector("#wenyuan"), this.header, this.panels.ask, this.panels.documents, this.settings.root, this.announcer);
    watch("value", () => this.chat.receive(props.value));
    document.addEventListener("keydown", (event) => this.onKey(event));
    this.setTheme(localStorage.getItem("wenyuan.theme") ?? "auto");
    onLanguage(() => this.drawHeader());
    announce();
    this.chat.toEnd();
    this.refresh();
    this.chat.input.focus();
  }

  get ready() {
    return this.reachable && this.status?.state === "ready";
  }

  wide() {
    return window.matchMedia("(min-width: 900px)").matches;
  }

  announce(text) {
    this.announcer.textContent = text;
  }

  send(message) {
    this.props.value = message;
    this.events.ask();
  }

  stop() {
    this.events.stop();
  }

  /** Call a function of the service; what goes wrong comes back as `error`, one line. */
  async call(name, message) {
    try {
      // Gradio's client reports a server that does not respond to the console alone, and returns nothing.
      return (await this.server[name](message)) ?? { error: words("offline") };
    } catch (error) {
      return { error: error?.message || words("offline") };
    }
  }

  /** Ask the service where it stands, draw what has changed, and ask again later. */
  async refresh() {
    clearTimeout(this.timer);
    const before = JSON.stringify([this.status, this.reachable]);
    const wasReachable = this.reachable;
    const status = await this.call("status", {});
    this.reachable = !status.error || "state" in status;
    const moved = this.reachable && status.generation !== this.status?.generation;
    if (this.reachable) this.status = status;
    if (moved) {
      ({ documents: this.documents = [], examples: this.examples = [] } = await this.call("library", { examples: EXAMPLES }));
      this.forgetGone();
    }
    if (!this.reachable && !wasReachable) this.chat.lost();
    if (moved) this.chat.draw();
    else if (before !== JSON.stringify([this.status, this.reachable])) this.chat.drawFrame();
    if (moved) this.library.draw();
    else this.library.drawJob();
    this.drawHeader();
    const waiting = !this.reachable || status.state === "starting" || status.building;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), waiting ? POLL_BUSY_MS : POLL_QUIET_MS);
  }

  forgetGone() {
    const { documents } = this.choices;
    if (!documents) return;
    const here = documents.filter((id) => this.documents.some((one) => one.id === id));
    this.setChoices({ ...this.choices, documents: here.length ? here : null });
  }

  setChoices(choices) {
    this.choices = choices;
    saveChoices(choices);
    this.drawHeader();
    this.library.drawList();
  }

  /** Ask a document, or leave it out. */
  choose(id, wanted) {
    const all = this.documents.map((one) => one.id);
    const chosen = new Set(this.choices.documents ?? all);
    if (wanted) chosen.add(id);
    else chosen.delete(id);
    this.setChoices({ ...this.choices, documents: chosen.size === all.length ? null : all.filter((one) => chosen.has(one)) });
  }

  show(tab) {
    this.tab = tab;
    for (const [name, panel] of Object.entries(this.panels)) panel.hidden = name !== tab;
    this.drawHeader();
    if (tab === "ask") this.chat.input.focus();
  }

  onKey(event) {
    if (event.key !== "Escape" || event.isComposing || this.settings.root.open) return;
    if (this.chat.busy) this.chat.stop();
    else if (this.source.isOpen) this.source.close();
  }

  onTabKey(event) {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = this.tab === "ask" ? "documents" : "ask";
    this.show(other);
    this.header.querySelector(`#tab-${other}`).focus();
  }

  setTheme(theme) {
    this.theme = THEMES.includes(theme) ? theme : "auto";
    localStorage.setItem("wenyuan.theme", this.theme);
    document.documentElement.dataset.theme = this.theme;
  }

  nextTheme() {
    const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    const now = this.theme === "auto" ? (dark ? "dark" : "light") : this.theme;
    this.setTheme(now === "dark" ? "light" : "dark");
  }

  /** A bar for the work that is going on. */
  progress() {
    const phase = this.status?.phase;
    const name = phase ? capitalised(translated(phase.description)) : words("starting");
    const amount = phase?.total ? (phase.unit === "bytes" ? `${mega(phase.done)} / ${mega(phase.total)} MB` : `${phase.done} / ${phase.total}`) : "";
    const bar = el("progress", { max: "1", "aria-label": name });
    if (phase?.total) bar.value = phase.done / phase.total;
    return el("div", { class: "progress" }, el("p", {}, name, amount && el("span", { class: "amount" }, amount)), bar);
  }

  drawHeader() {
    const { documents, since, until } = this.choices;
    const chosen = documents ? words("someDocuments")(documents.length, this.documents.length) : null;
    const written = (since || until) && `${since ?? "…"} – ${until ?? "…"}`;
    const changed = JSON.stringify(this.choices) !== JSON.stringify(DEFAULT_CHOICES);
    const focused = document.activeElement?.dataset?.key;
    const tab = (name) => el("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, "aria-selected": String(this.tab === name), tabindex: this.tab === name ? "0" : "-1",
      dataset: { key: `tab-${name}` }, on: { click: () => this.show(name) } }, words(name), name === "documents" && el("span", { class: "count" }, String(this.documents.length)));
    fill(this.header,
      el("a", { class: "skip", href: "#question", on: { click: (event) => { event.preventDefault(); this.show("ask"); } } }, words("skip")),
      el("h1", {}, el("span", { class: "seal", "aria-hidden": "true" }, "问"), words("name")),
      el("div", { class: "tabs", role: "tablist", on: { keydown: (event) => this.onTabKey(event) } }, tab("ask"), tab("documents")),
      el("div", { class: "right" },
        [chosen, written, this.choices.passagesOnly && words("passagesOnly")].filter(Boolean).map((limit) =>
          el("button", { type: "button", class: "scope", on: { click: () => this.settings.open() } }, limit)),
        el("button", { type: "button", class: "language", dataset: { key: "language" }, on: { click: () => switchLanguage() } }, words("language")),
        button("theme", words("theme"), () => this.nextTheme(), { quiet: true, dataset: { key: "theme" } }),
        button("settings", words("settings"), () => this.settings.open(), { quiet: true, class: changed ? "changed" : "", dataset: { key: "settings" } })));
    if (focused) this.header.querySelector(`[data-key="${focused}"]`)?.focus();
  }
}

function capitalised(text) {
  return text[0].toUpperCase() + text.slice(1);
}

function mega(bytes) {
  return Math.round(bytes / 1e6).toLocaleString();
}

export function start(given) {
  return new App(given);
}
