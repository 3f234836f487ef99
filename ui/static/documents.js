// The second page: what is indexed, adding to it and taking away from it.

import { twice } from "./chat.js";
import { button, el, fill, icon } from "./dom.js";
import { onLanguage, words } from "./words.js";

export class Documents {
  constructor(app) {
    this.app = app;
    this.uploads = []; // {name, state: "uploading" | "checking" | "accepted" | "refused", reason}
    this.picker = el("input", { type: "file", multiple: true, class: "unseen", tabindex: "-1", "aria-hidden": "true",
      accept: app.limits.suffixes.join(","), on: { change: () => { this.take(this.picker.files); this.picker.value = ""; } } });
    this.zone = el("div", { class: "drop", on: {
      dragover: (event) => { event.preventDefault(); this.zone.classList.add("over"); },
      dragleave: () => this.zone.classList.remove("over"),
      drop: (event) => { event.preventDefault(); this.zone.classList.remove("over"); this.take(event.dataTransfer.files); },
    } });
    this.problem = null; // why removing or re-indexing could not begin
    this.job = el("div", { class: "job", "aria-live": "polite" });
    this.search = el("input", { type: "search", on: { input: () => this.drawList() } });
    this.bar = el("div", { class: "bar" });
    this.list = el("div", { class: "list" });
    this.root = el("section", { class: "documents" }, this.zone, this.picker, this.job, this.bar, this.list);
    onLanguage(() => this.draw());
  }

  async take(files) {
    const batch = Array.from(files, (file) => ({ file, name: file.name, state: "uploading", reason: "" }));
    this.uploads.push(...batch);
    this.drawJob();
    const here = [];
    for (const upload of batch) {
      try {
        if (upload.file.size > this.app.limits.bytes) throw new Error(words("tooLarge")(size(this.app.limits.bytes)));
        const { path } = await this.app.upload(upload.file);
        here.push({ name: upload.name, path });
        upload.state = "checking";
      } catch (error) {
        Object.assign(upload, { state: "refused", reason: error?.message ?? String(error) });
      }
      this.drawJob();
    }
    if (here.length) {
      const result = await this.app.call("add", { files: here });
      for (const upload of batch.filter((one) => one.state === "checking")) {
        const refusal = result.error ?? result.refused.find((one) => one.id === upload.name)?.reason;
        Object.assign(upload, refusal ? { state: "refused", reason: refusal } : { state: "accepted" });
      }
    }
    this.app.refresh();
    this.drawJob();
  }

  draw() {
    fill(this.zone, icon("up"), el("p", {}, words("drop"), " ", button(null, words("choose"), () => this.picker.click(), { class: "link" })),
      el("p", { class: "quiet" }, `${words("kinds")(this.app.limits.suffixes.join(" "))} ${size(this.app.limits.bytes)}`));
    this.search.placeholder = words("searchDocuments");
    this.search.setAttribute("aria-label", words("searchDocuments"));
    this.drawJob();
    this.drawList();
  }

  drawJob() {
    const { status } = this.app;
    const ended = status?.rebuilt;
    const shown = JSON.stringify([words("name"), this.uploads, this.problem, status?.building, status?.phase, ended]);
    if (shown === this.shown) return; // what was opened stays open, and nothing is read out twice
    this.shown = shown;
    fill(this.job,
      this.problem && el("p", { class: "notice", role: "alert" }, this.problem),
      this.uploads.length > 0 && el("ul", { class: "uploads" }, this.uploads.slice(-20).map((upload) =>
        el("li", { class: upload.state }, el("span", { class: "doc" }, upload.name), el("span", {}, uploadText(upload))))),
      status?.building && el("div", { class: "building" }, el("p", {}, words("building")), this.app.progress()),
      !status?.building && ended && (ended.error
        ? el("p", { class: "notice" }, `${words("rebuildFailed")}：${ended.error}`)
        : el("p", { class: "quiet" }, words("rebuilt")(ended.added.length, ended.changed.length, ended.removed.length))),
      !status?.building && ended?.missing.length > 0 && el("p", { class: "notice" }, `${words("missing")}：${ended.missing.join("，")}`),
      !status?.building && ended?.skipped.length > 0 && el("details", {}, el("summary", {}, `${words("skippedFiles")} (${ended.skipped.length})`),
        el("ul", {}, ended.skipped.map((one) => el("li", {}, `${one.id}：${one.reason}`)))));
  }

  drawList() {
    const { documents, status } = this.app;
    const wanted = this.search.value.trim().toLowerCase();
    const shown = documents.filter((one) => !wanted || `${one.title} ${one.id}`.toLowerCase().includes(wanted));
    if (this.search.parentNode !== this.bar) fill(this.bar, this.search, (this.counted = el("span", { class: "quiet" })), (this.again = el("span")));
    this.counted.textContent = words("count")(documents.length, status?.chunks ?? 0);
    fill(this.again, button("retry", words("reindex"), () => this.rebuild(), { class: "plain", disabled: Boolean(status?.building) }));
    fill(this.list, documents.length === 0 ? el("p", { class: "quiet" }, words("empty")) : shown.length === 0 ? el("p", { class: "quiet" }, words("none"))
      : el("table", {}, el("thead", {}, el("tr", {}, el("th", { scope: "col", class: "pick" }, el("span", { class: "unseen" }, words("askDocument"))),
        ["title", "size", "chunks", "date"].map((name) => el("th", { scope: "col", class: name }, words("columns")[name])), el("th", {}))),
      el("tbody", {}, shown.map((one) => this.row(one)))));
  }

  row(one) {
    const { choices } = this.app;
    const pick = el("input", { type: "checkbox", "aria-label": `${words("askDocument")}: ${one.title}`, on: { change: () => this.app.choose(one.id, pick.checked) } });
    pick.checked = !choices.documents || choices.documents.includes(one.id);
    return el("tr", { dataset: { doc: one.id } },
      el("td", { class: "pick" }, pick),
      el("td", { class: "title" }, el("strong", {}, one.title), el("span", { class: "quiet" }, one.id, one.uploaded && el("em", { class: "badge" }, words("uploaded")))),
      el("td", { class: "size" }, [one.pages && words("pages")(one.pages), words("characters")(one.characters.toLocaleString())].filter(Boolean).join(" · ")),
      el("td", { class: "chunks" }, String(one.chunks)),
      el("td", { class: "date" }, new Date(one.indexed_at).toLocaleDateString(document.documentElement.lang)),
      el("td", { class: "act" }, twice(words("remove"), words("removeSure"), "trash", () => this.remove(one.id))));
  }

  async remove(id) {
    this.report(await this.app.call("remove", { ids: [id] }));
  }

  async rebuild() {
    this.report(await this.app.call("rebuild", {}));
  }

  report(result) {
    this.problem = result.error ?? null;
    this.drawJob();
    this.app.refresh();
  }
}

function uploadText(upload) {
  if (upload.state === "refused") return `${words("refused")}：${upload.reason}`;
  return words({ uploading: "uploading", checking: "checkingFile", accepted: "accepted" }[upload.state]);
}

function size(bytes) {
  return `${Math.round(bytes / 1e6)} MB`;
}
