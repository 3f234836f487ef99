// The choices for asking, in a drawer.

import { button, el, fill } from "./dom.js";
import { DEFAULT_CHOICES } from "./state.js";
import { onLanguage, words } from "./words.js";

export class Settings {
  constructor(app) {
    this.app = app;
    this.root = el("dialog", { class: "settings", on: { click: (event) => { if (event.target === this.root) this.root.close(); } } });
    onLanguage(() => this.draw());
  }

  open() {
    this.draw();
    this.root.showModal();
  }

  draw() {
    const { choices, status, documents } = this.app;
    const change = (changes) => this.app.setChoices({ ...this.app.choices, ...changes });
    const count = el("output", {}, String(choices.topK));
    const topK = el("input", { type: "range", min: "1", max: "50", id: "top-k", on: { input: () => { count.textContent = topK.value; change({ topK: Number(topK.value) }); } } });
    topK.value = String(choices.topK);
    const language = el("select", { id: "answer-language", on: { change: () => change({ language: language.value }) } },
      Object.entries(words("languages")).map(([value, name]) => el("option", { value }, name)));
    language.value = choices.language;
    const only = el("input", { type: "checkbox", id: "passages-only", on: { change: () => change({ passagesOnly: only.checked }) } });
    only.checked = choices.passagesOnly;
    const days = ["since", "until"].map((name) => {
      const day = el("input", { type: "date", id: name, on: { change: () => {
        const other = name === "since" ? "until" : "since";
        const wrong = day.value && choices[other] && (name === "since" ? day.value > choices[other] : day.value < choices[other]);
        change({ [name]: day.value || null, ...(wrong && { [other]: day.value }) });
        this.draw();
        this.root.querySelector(`#${name}`).focus();
      } } });
      day.value = choices[name] ?? "";
      return el("label", { class: "row", for: name }, el("span", {}, words(name)), day);
    });
    const everything = el("input", { type: "checkbox", id: "every-document", on: { change: () => { change({ documents: everything.checked ? null : [] }); this.draw(); } } });
    everything.checked = !choices.documents;
    this.root.setAttribute("aria-label", words("settings"));
    fill(this.root, el("div", { class: "sheet" },
      el("header", {}, el("h2", {}, words("settings")), button("close", words("close"), () => this.root.close(), { quiet: true })),
      el("label", { class: "row", for: "passages-only" }, el("span", {}, words("passagesOnly"), el("small", {}, words("passagesOnlyHint"))), only),
      el("label", { class: "row", for: "answer-language" }, el("span", {}, words("answerLanguage")), language),
      el("label", { class: "row", for: "top-k" }, el("span", {}, words("topK")), topK, count),
      el("fieldset", {}, el("legend", {}, words("scope")),
        el("label", { class: "row", for: "every-document" }, el("span", {}, words("allDocuments")), everything),
        el("div", { class: "choose" }, documents.map((one) => this.pick(one)))),
      el("fieldset", {}, el("legend", {}, words("written")), days, el("small", {}, words("writtenHint"))),
      el("dl", {}, el("dt", {}, words("generator")), el("dd", {}, status?.generator ?? ""), el("dt", {}, words("embedder")), el("dd", {}, status?.embedder ?? "")),
      el("footer", {}, button(null, words("reset"), () => { change(DEFAULT_CHOICES); this.draw(); }, { class: "plain" }),
        button(null, words("done"), () => this.root.close(), { class: "primary" }))));
  }

  pick(one) {
    const box = el("input", { type: "checkbox", on: { change: () => { this.app.choose(one.id, box.checked); this.draw(); } } });
    box.checked = !this.app.choices.documents || this.app.choices.documents.includes(one.id);
    return el("label", { class: "row" }, el("span", {}, one.title), box);
  }
}
