// Building the page. Whatever comes from a document, a model or a user goes through text nodes: nothing here, and
// nothing that uses it, ever parses a string as HTML.

/**
 * Make an element. `attributes` may hold `class`, `dataset` (an object), `on` (an object of listeners), boolean
 * properties and plain attributes; children are nodes or text, and what is null or false is left out.
 */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) made.addEventListener(event, listener);
    } else if (name === "dataset") {
      Object.assign(made.dataset, value);
    } else if (value === true) {
      made.setAttribute(name, "");
    } else {
      made.setAttribute(name, String(value));
    }
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  send: "M5 12h13M12 5l7 7-7 7",
  stop: "M7 7h10v10H7z",
  copy: "M9 9h10v11H9zM5 15V4h10",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  retry: "M20 11a8 8 0 1 0-2.3 5.7M20 4v7h-7",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 13l4 4L19 7",
  warn: "M12 4l9 16H3zM12 10v4M12 17v.5",
  none: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 12h8",
  settings: "M4 7h10M18 7h2M4 17h2M10 17h10M14 4v6M6 14v6",
  theme: "M12 3a9 9 0 1 0 9 9 7 7 0 0 1-9-9z",
  up: "M12 19V6M6 11l6-6 6 6M5 21h14",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  previous: "M14 6l-6 6 6 6",
  next: "M10 6l6 6-6 6",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
};

/** An icon drawn in the text's colour; decoration only, its button carries the label. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon" })) {
    svg.setAttribute(key, value);
  }
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button with an icon and a label; with `quiet`, the label is only there for screen readers and as a tooltip. */
export function button(name, label, listener, { quiet = false, ...attributes } = {}) {
  return el(
    "button",
    { type: "button", ...(quiet && { title: label, "aria-label": label }), on: { click: listener }, ...attributes },
    name && icon(name),
    !quiet && el("span", {}, label),
  );
}

/** Replace everything inside `parent`. */
export function fill(parent, ...children) {
  parent.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return parent;
}

/** Copy text, also where the clipboard API is missing because the page came over plain HTTP. */
export async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = el("textarea", { class: "unseen", readonly: true });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/** Hand a text to the user as a file. */
export function saveFile(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = el("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
