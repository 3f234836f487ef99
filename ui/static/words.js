// Everything the page says, in both languages of the interface. Answers have the language of their question.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const WORDS = {
  zh: {
    name: "问源", motto: "问自己的文档，句句有出处",
    ask: "问答", documents: "文档", settings: "设置", language: "English", theme: "深浅配色",
    skip: "跳到提问框",
    placeholder: "问一个文档里能找到答案的问题…", send: "发送", stop: "停止（Esc）", question: "问题",
    tooLong: (n, most) => `问题有 ${n} 个字符，最多 ${most} 个：请缩短一些`,
    keys: "Enter 发送 · Shift+Enter 换行 · Esc 停止",
    conversation: "对话", clear: "清空对话", clearSure: "确定清空？", exportMarkdown: "导出 Markdown", exportJson: "导出 JSON",
    edit: "修改问题", copy: "复制", copied: "已复制", retry: "重答", saveEdit: "重新提问", cancel: "取消",
    standalone: "检索的问题：", searching: "检索中…", reading: (n) => `找到 ${n} 段，阅读中…`,
    waiting: (n) => `排队中，前面还有 ${n} 个问题`, checking: "草稿，正在逐句核对", stopped: "已停止，没有留下未核对的文字。",
    supported: (list) => `已核对：来源 ${list}`, source: (n, title) => `来源 ${n}：${title}`, sources: "来源",
    withheld: (n) => `${n} 句没有通过核对，未作为答案`, unsupported: "未通过核对",
    related: "可能相关，但不是答案", passages: (n) => `找到 ${n} 段（只检索，不作答）`, noPassages: "没有找到相关的段落。",
    passage: "段落", seconds: (s) => `${s} 秒`, failed: "没能作答",
    reasons: { no_passages: "没有找到相关的段落。", not_in_passages: "读了最相关的段落，其中没有答案。", unsupported: "写出的答案在来源里站不住，所以没有显示。", unsure: "写出了一个答案，但把握不够，所以没有显示。" },
    panel: "原文", close: "关闭", previous: "上一处", next: "下一处",
    layout: "按原文件排版", untitled: "（无标题）", more: "…", partOf: (a, b, n) => `第 ${a}–${b} 个字符，共 ${n} 个`,
    welcome: "想知道什么？", welcomeHint: "答案只来自已收录的文档；找不到就直说。点编号核对原文。", examples: "例如",
    starting: "正在准备", startingHint: "第一次要下载模型（约 2.3 GB）并建立索引，以后打开只要几秒。",
    setupFailed: "准备没有成功", tryAgain: "再试一次", empty: "还没有文档", emptyHint: "把文件拖到“文档”页，就可以开始提问。", toDocuments: "去添加文档",
    noGenerator: "生成模型没有加载，现在只能检索段落。", offline: "连不上本机的服务，请看看终端里它是否还在运行。",
    generator: "生成", embedder: "检索", topK: "参考段落数", answerLanguage: "回答语言",
    languages: { auto: "自动（随问题）", zh: "简体中文", "zh-Hant": "繁体中文", en: "英文" },
    passagesOnly: "只检索段落", passagesOnlyHint: "立刻列出最相关的段落，不生成答案", scope: "问哪些文档", allDocuments: "全部文档",
    someDocuments: (n, all) => `${n} / ${all} 份文档`, written: "成文日期", since: "从", until: "到", writtenHint: "没有写明年份的段落不在其中", monthDay: (m, d) => `${m}月${d}日`, done: "完成", reset: "恢复默认",
    drop: "把文件拖到这里，或者", choose: "选择文件", kinds: (suffixes) => `${suffixes}，每个不超过`, tooLarge: (most) => `超过 ${most}`, missing: "原来的文件夹不见了，其中的文档已移出", searchDocuments: "搜索文档",
    count: (n, chunks) => `${n} 份文档 · ${chunks} 个文本块`, reindex: "重建索引", remove: "移除", removeSure: "确定移除？", none: "没有匹配的文档。",
    columns: { title: "标题", size: "篇幅", chunks: "文本块", date: "收录时间" }, characters: (n) => `${n} 字符`, pages: (n) => `${n} 页`, uploaded: "上传",
    uploading: "上传中…", checkingFile: "检查中…", accepted: "已收下，编入索引后就可以提问", refused: "没有收下", building: "正在更新索引；提问照常使用旧索引",
    rebuilt: (a, c, r) => `索引已更新：新增 ${a}，更改 ${c}，移除 ${r}`, rebuildFailed: "索引没有更新", skippedFiles: "跳过的文件",
    askDocument: "参与问答",
  },
  en: {
    name: "Wenyuan", motto: "Ask your documents; every sentence has its source",
    ask: "Ask", documents: "Documents", settings: "Settings", language: "中文", theme: "Light or dark",
    skip: "Skip to the question",
    placeholder: "Ask something that the documents answer…", send: "Send", stop: "Stop (Esc)", question: "Question",
    tooLong: (n, most) => `The question has ${n} characters, at most ${most} are read: shorten it`,
    keys: "Enter sends · Shift+Enter new line · Esc stops",
    conversation: "Conversation", clear: "Clear", clearSure: "Clear all?", exportMarkdown: "Export Markdown", exportJson: "Export JSON",
    edit: "Edit the question", copy: "Copy", copied: "Copied", retry: "Ask again", saveEdit: "Ask", cancel: "Cancel",
    standalone: "Searched for: ", searching: "Searching…", reading: (n) => `Found ${n} passages, reading…`,
    waiting: (n) => `In line: ${n} ${n === 1 ? "question comes" : "questions come"} first`, checking: "Draft, being checked", stopped: "Stopped. Nothing unchecked was kept.",
    supported: (list) => `Checked against source ${list}`, source: (n, title) => `Source ${n}: ${title}`, sources: "Sources",
    withheld: (n) => `${n} ${n === 1 ? "sentence" : "sentences"} did not hold up and ${n === 1 ? "is" : "are"} no part of the answer`, unsupported: "Not supported",
    related: "Possibly related, not an answer", passages: (n) => `${n} passages (search only, no answer)`, noPassages: "No passage was found.",
    passage: "Passage", seconds: (s) => `${s} s`, failed: "No answer",
    reasons: { no_passages: "No passage was found.", not_in_passages: "The nearest passages were read and do not say.", unsupported: "What was written did not hold up against its sources, so it is not shown.", unsure: "An answer was written, but it is too likely to be wrong, so it is not shown." },
    panel: "Source", close: "Close", previous: "Previous", next: "Next",
    layout: "As in the file", untitled: "(no title)", more: "…", partOf: (a, b, n) => `characters ${a}–${b} of ${n}`,
    welcome: "What would you like to know?", welcomeHint: "Answers come from the indexed documents only; what is not there is not answered. Click a number to check it.", examples: "For example",
    starting: "Getting ready", startingHint: "The first time, the models are fetched (about 2.3 GB) and the index is built; later it takes seconds.",
    setupFailed: "Setting up did not succeed", tryAgain: "Try again", empty: "No documents yet", emptyHint: "Drop files on the Documents page, then ask.", toDocuments: "Add documents",
    noGenerator: "The generator is not loaded; passages can be searched, answers not written.", offline: "The service on this machine does not respond; see in its terminal whether it still runs.",
    generator: "Generator", embedder: "Embedder", topK: "Passages", answerLanguage: "Answer in",
    languages: { auto: "Auto (the question's language)", zh: "Simplified Chinese", "zh-Hant": "Traditional Chinese", en: "English" },
    passagesOnly: "Passages only", passagesOnlyHint: "List the nearest passages at once, write no answer", scope: "Documents to ask", allDocuments: "All documents",
    someDocuments: (n, all) => `${n} of ${all} documents`, written: "Written", since: "From", until: "To", writtenHint: "Passages that state no year are left out", monthDay: (m, d) => `${MONTHS[m - 1]} ${d}`, done: "Done", reset: "Defaults",
    drop: "Drop files here, or", choose: "choose files", kinds: (suffixes) => `${suffixes}, each at most`, tooLarge: (most) => `larger than ${most}`, missing: "Folders that are gone, and their documents with them", searchDocuments: "Search documents",
    count: (n, chunks) => `${n} ${n === 1 ? "document" : "documents"} · ${chunks} chunks`, reindex: "Re-index", remove: "Remove", removeSure: "Remove it?", none: "No document matches.",
    columns: { title: "Title", size: "Size", chunks: "Chunks", date: "Indexed" }, characters: (n) => `${n} characters`, pages: (n) => `${n} ${n === 1 ? "page" : "pages"}`, uploaded: "uploaded",
    uploading: "Uploading…", checkingFile: "Checking…", accepted: "Taken; it can be asked once it is indexed", refused: "Not taken", building: "Updating the index; questions go on with the old one",
    rebuilt: (a, c, r) => `Index updated: ${a} new, ${c} changed, ${r} removed`, rebuildFailed: "The index was not updated", skippedFiles: "Skipped files",
    askDocument: "Ask this document",
  },
};

const KEY = "wenyuan.language";
let current = remembered() ?? (navigator.languages ?? [navigator.language]).map((l) => (l.startsWith("zh") ? "zh" : l.startsWith("en") ? "en" : null)).find(Boolean) ?? "en";
const listeners = new Set();

function remembered() {
  const kept = localStorage.getItem(KEY);
  return kept in WORDS ? kept : null;
}

/** What the page says about `key` in the language of the interface. */
export function words(key) {
  return WORDS[current][key];
}

export function interfaceLanguage() {
  return current;
}

/** Switch to the other language; everything that was drawn is drawn again by its listener. */
export function switchLanguage() {
  current = current === "zh" ? "en" : "zh";
  localStorage.setItem(KEY, current);
  announce();
}

export function onLanguage(listener) {
  listeners.add(listener);
}

export function announce() {
  document.documentElement.lang = current === "zh" ? "zh-Hans" : "en";
  document.title = `${WORDS[current].name} · ${WORDS[current].motto}`;
  for (const listener of listeners) listener();
}

/** A date of ISO 8601 as people read it: `--03-13`, whose year is not known, is 3月13日. */
export function dateText(date) {
  if (!date.startsWith("--")) return date;
  const [month, day] = date.slice(2).split("-").map(Number);
  return words("monthDay")(month, day);
}
