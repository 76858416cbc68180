// Elements. What comes from the server goes in as text only: nothing here takes markup.
const svgNames = new Set(["svg", "g", "rect", "line", "text", "path", "title"]);

export function h(name, attributes, ...children) {
  const element = svgNames.has(name)
    ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    element.setAttribute(key, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

// Makes `old` what `fresh` is and keeps every node that can stay, so that focus, scroll and selection do.
export function patch(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) return old.replaceWith(fresh);
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  patchChildren(old, [...fresh.childNodes]);
}

export function patchChildren(parent, fresh) {
  const old = [...parent.childNodes];
  fresh.forEach((node, index) => index < old.length ? patch(old[index], node) : parent.append(node));
  for (const node of old.slice(fresh.length)) node.remove();
}

// A table with a caption for who hears it. Columns are [title, cell of a row, kind]; the first names its row.
export function table(caption, columns, rows, empty) {
  if (rows.length === 0) return h("p", { class: "note" }, empty ?? "None.");
  const head = columns.map(([title, , kind]) => h("th", { scope: "col", class: kind }, title));
  const body = rows.map((row) => h("tr", null, columns.map(([title, cell, kind], index) => index === 0
    ? h("th", { scope: "row", class: kind }, cell(row))
    : h("td", { class: kind, "data-label": title }, cell(row)))));
  return h("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": caption },
    h("table", { class: "cards", "aria-label": caption }, h("thead", null, h("tr", null, head)), h("tbody", null, body)));
}

export function tiles(entries) {
  return h("dl", { class: "tiles" }, entries.map(([name, value, kind]) =>
    h("div", null, h("dt", null, name), h("dd", { class: kind }, value))));
}

export const meter = (share, label) =>
  h("meter", { min: 0, max: 1, low: 0.7, high: 0.9, optimum: 0, value: share, "aria-label": label });

export const linkTo = (href, text) => h("a", { href }, text);

export function bytes(count) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let unit = 0;
  while (count >= 1024 && unit < units.length - 1) { count /= 1024; unit += 1; }
  return `${unit === 0 ? count : count.toFixed(1)} ${units[unit]}`;
}

export const number = (count) => Number(count).toLocaleString("en");
export const percent = (part, whole) => whole > 0 ? `${(100 * part / whole).toFixed(1)} %` : "–";
export const time = (ms) => ms > 0 ? new Date(ms).toISOString().replace("T", " ").slice(0, 19) : "never";

export function ago(ms) {
  if (!(ms > 0)) return "never";
  const seconds = Math.max(0, Math.round((Date.now() - ms) / 1000));
  if (seconds < 120) return `${seconds} s ago`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min ago` : `${Math.round(seconds / 3600)} h ago`;
}
