// The panel beside the chat: a document, opened at the cited place, with the place highlighted.

import { button, el, fill } from "./dom.js";
import { dateText, onLanguage, words } from "./words.js";

export class Source {
  constructor(app) {
    this.app = app;
    this.places = [];
    this.at = 0;
    this.view = null;
    this.request = 0;
    this.asInFile = false;
    this.opener = null;
    this.focusing = false;
    this.head = el("header", {});
    this.body = el("div", { class: "text", tabindex: "0" });
    this.root = el("aside", { class: "source", role: "complementary", hidden: true }, this.head, this.body);
    onLanguage(() => this.draw());
  }

  /** Open the panel at one of several places `{n, doc, start, end, quote, kind}`; with `focus` the keyboard goes there. */
  async open(places, at, focus) {
    if (focus) {
      this.opener = document.activeElement;
      this.focusing = true; // until something is shown: the mouse may rest on another chip before this one's text is here
    }
    this.places = places;
    this.at = at;
    const request = ++this.request;
    const { doc, start, end, quote } = places[at];
    const view = await this.app.call("source", { doc, start, end, quote: quote ?? null });
    if (request !== this.request) return; // another place was asked for meanwhile
    this.view = view;
    const inside = this.root.contains(document.activeElement); // on a button that is about to be drawn anew
    this.root.hidden = false;
    document.body.classList.add("with-source");
    this.draw();
    if (this.focusing || inside) this.body.focus({ preventScroll: true });
    this.focusing = false;
  }

  close() {
    this.request++;
    const inside = this.root.contains(document.activeElement);
    this.root.hidden = true;
    this.view = null;
    document.body.classList.remove("with-source");
    if (inside) (this.opener?.isConnected ? this.opener : this.app.chat.input).focus(); // the chip may have been drawn anew
    this.opener = null;
    this.focusing = false;
  }

  get isOpen() {
    return !this.root.hidden;
  }

  draw() {
    this.root.setAttribute("aria-label", words("panel"));
    if (!this.view) return;
    const { view, places, at } = this;
    const step = (by) => this.open(places, at + by, false);
    const place = places[at];
    const bar = el("div", { class: "bar" },
      el("span", { class: "number" }, place.kind === "quote" ? String(place.n) : words("passage")),
      el("h2", {}, view.error ? words("panel") : view.title || words("untitled")),
      places.length > 1 && button("previous", words("previous"), () => step(-1), { quiet: true, disabled: at === 0 }),
      places.length > 1 && button("next", words("next"), () => step(1), { quiet: true, disabled: at === places.length - 1 }),
      button("close", words("close"), () => this.close(), { quiet: true, class: "close" }));
    if (view.error) {
      fill(this.head, bar);
      fill(this.body, el("p", { class: "notice" }, view.error));
      return;
    }
    const headings = view.headings.filter((heading) => heading !== view.title);
    fill(this.head, bar,
      el("p", { class: "quiet file" }, view.doc, view.date && ` · ${dateText(view.date)}`, ` · ${words("partOf")(view.start, view.end, view.characters)}`),
      headings.length > 0 && el("p", { class: "headings" }, headings.join(" › ")),
      el("label", { class: "switch" }, this.layoutBox(), words("layout")));
    this.body.classList.toggle("as-in-file", this.asInFile);
    const mark = el("mark", { class: place.kind }, pieces(view.quote));
    fill(this.body, view.first > 0 && words("more"), pieces(view.before), mark, pieces(view.after), view.last < view.characters && words("more"));
    this.body.scrollTop = mark.offsetTop - Math.max(24, (this.body.clientHeight - mark.offsetHeight) / 3);
  }

  layoutBox() {
    const box = el("input", { type: "checkbox", on: { change: () => { this.asInFile = box.checked; this.draw(); } } });
    box.checked = this.asInFile;
    return box;
  }
}

/** The original characters; those that only lay the text out are in spans of their own, which the style may hide. */
function pieces(parts) {
  return parts.map(({ text, layout }) => (layout ? el("span", { class: layout }, text) : text));
}
