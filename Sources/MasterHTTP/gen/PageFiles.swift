// Made by scripts/generate from page/: change it there.

let pageFiles: [String: String] = [
    "api.js": ###"""
// Asks the frontend. User and password stay in this page's memory, and are gone with it.
let authorization = null;

export class NotLoggedIn extends Error {}

export function logIn(user, password) {
  const text = new TextEncoder().encode(`${user}:${password}`);
  authorization = "Basic " + btoa(String.fromCharCode(...text));
}

export function logOut() { authorization = null; }
export const isLoggedIn = () => authorization !== null;

export async function get(path, signal) {
  const headers = { Accept: "application/json", "X-Tabletd-Page": "1" };
  if (authorization) headers.Authorization = authorization;
  const answer = await fetch(path, { headers, signal, cache: "no-store", credentials: "omit", redirect: "error" });
  if (answer.status === 401) throw new NotLoggedIn(await reason(answer, "log in to see this"));
  if (!answer.ok) throw new Error(await reason(answer, `HTTP ${answer.status}`));
  return answer.json();
}

async function reason(answer, otherwise) {
  try {
    return (await answer.json()).error.message;
  } catch {
    return otherwise;
  }
}

"""###,
    "dom.js": ###"""
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

"""###,
    "graph.js": ###"""
// A tablet's versions, a band for each replica: rowsets as bars over the versions that they hold.
import { h, table, bytes, number } from "./dom.js";

const width = 900, left = 150, rowHeight = 22, staleHeight = 12;
const span = (edge) => edge.start === edge.end ? `${edge.start}` : `${edge.start}–${edge.end}`;

// Versions where anything begins or ends share the width, so that a merged rowset of thousands leaves room for the newest.
function scale(graphs) {
  const cuts = new Set([0]);
  for (const graph of graphs) {
    const edges = [...graph.visible, ...graph.missing, ...graph.stalePaths.flatMap((path) => path.edges)];
    for (const edge of edges) { cuts.add(edge.start); cuts.add(edge.end + 1); }
  }
  const sorted = [...cuts].sort((a, b) => a - b);
  const step = (width - left - 10) / Math.max(1, sorted.length - 1);
  const place = new Map(sorted.map((cut, index) => [cut, left + index * step]));
  return { x: (version) => place.get(version), cuts: sorted, step };
}

function bar(edge, kind, y, height, x) {
  const [from, to] = [x(edge.start), x(edge.end + 1)];
  const rect = h("rect", { class: kind, x: from + 1, y, width: Math.max(2, to - from - 2), height, rx: 3 });
  const label = kind !== "stale" && to - from > 7 * span(edge).length + 6
    && h("text", { class: kind === "gap" ? "tick" : "on", x: (from + to) / 2, y: y + height - 6, "text-anchor": "middle" }, span(edge));
  return h("g", null, h("title", null, `${kind} ${span(edge)}`), rect, label);
}

function band(replica, graph, top, x) {
  const bars = [
    h("text", { x: 4, y: top + 15 }, replica.label),
    graph.visible.map((edge) => bar(edge, edge.isRemote ? "remote" : "local", top, rowHeight, x)),
    graph.missing.map((range) => bar(range, "gap", top, rowHeight, x)),
  ];
  graph.stalePaths.forEach((path, index) => path.edges.forEach((edge) =>
    bars.push(bar(edge, "stale", top + rowHeight + 4 + index * (staleHeight + 3), staleHeight, x))));
  return h("g", null, bars);
}

function summary(replicas) {
  return "Version graph. " + replicas.map(({ label, graph }) => graph.missing.length > 0
    ? `${label}: ${graph.visible.length} rowsets up to version ${graph.maxVersion}, missing ${graph.missing.map(span).join(", ")}.`
    : `${label}: ${graph.visible.length} rowsets, complete up to version ${graph.maxVersion}.`).join(" ");
}

export function versionGraph(replicas) {
  const { x, cuts, step } = scale(replicas.map(({ graph }) => graph));
  let top = 26;
  const bands = replicas.map((replica) => {
    const drawn = band(replica, replica.graph, top, x);
    top += rowHeight + 10 + replica.graph.stalePaths.length * (staleHeight + 3);
    return drawn;
  });
  const every = Math.ceil(34 / step);
  const ticks = cuts.slice(0, -1).map((cut, index) => [
    h("line", { class: "axis", x1: x(cut), x2: x(cut), y1: 18, y2: top }),
    index % every === 0 && h("text", { class: "tick", x: x(cut) + 2, y: 12 }, cut),
  ]);
  const drawing = h("svg", { class: "graph", viewBox: `0 0 ${width} ${top + 4}`, role: "img", "aria-label": summary(replicas) },
    ticks, bands);
  const legend = [["local", "rowset on a disk"], ["remote", "rowset in the object store"],
    ["gap", "missing versions"], ["stale", "stale path, kept for readers of old versions"]];
  return [
    h("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": "Version graph" }, drawing),
    h("ul", { class: "legend" }, legend.map(([kind, text]) => h("li", null, h("span", { class: `swatch ${kind}` }), text))),
  ];
}

export function rowsetTable(replicas) {
  const rows = replicas.flatMap(({ label, graph }) => graph.visible.map((edge) => ({ label, edge })));
  return h("details", null, h("summary", null, "Rowsets as a table"), table("Rowsets", [
    ["Versions", (row) => span(row.edge)], ["Replica", (row) => row.label],
    ["Where", (row) => row.edge.isRemote ? "object store" : "disk"],
    ["Rows", (row) => number(row.edge.rows), "number"], ["Size", (row) => bytes(row.edge.bytes), "number"],
    ["Rowset", (row) => row.edge.rowsetID],
  ], rows));
}

"""###,
    "index.html": ###"""
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>tabletd</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page/page.css">
<script type="module" src="page/main.js"></script>
</head>
<body>
<a class="skip" href="#main" id="skip">Skip to content</a>
<header>
<p class="brand"><span id="cluster">tabletd</span> <span id="link" class="link" role="status"></span></p>
<nav aria-label="Views" id="nav"></nav>
<button type="button" id="logout" hidden>Log out</button>
</header>
<main id="main" tabindex="-1" aria-busy="true"></main>
<noscript><p>This page needs JavaScript. The same is told by <code>tabletctl status</code> and by <a href="api/status">api/status</a>.</p></noscript>
</body>
</html>

"""###,
    "main.js": ###"""
// Which view is shown, when it is asked for again, and who is logged in.
import { h, patchChildren } from "./dom.js";
import { get, logIn, logOut, isLoggedIn, NotLoggedIn } from "./api.js";
import { listed, views } from "./views.js";

const main = document.getElementById("main");
const nav = document.getElementById("nav");
const link = document.getElementById("link");
const logout = document.getElementById("logout");
const pauses = { first: 2000, longest: 30000 };
let pause = pauses.first;
let timer = null;
let round = null;

const parts = () => location.hash.replace(/^#\/?/, "").split("/").map((part) => {
  try { return decodeURIComponent(part); } catch { return part; }
});
const viewOf = (path) => Object.hasOwn(views, path[0]) ? views[path[0]] : null;

function showNav(path) {
  patchChildren(nav, Object.entries(listed).map(([key, view]) => {
    const isHere = key === path[0] || (key === "tables" && ["table", "tablet"].includes(path[0]));
    return h("a", { href: `#/${key}`, "aria-current": isHere && "page" }, view.title);
  }));
}

function tell(text, isLost) {
  if (link.textContent !== text) link.textContent = text;
  link.className = isLost ? "link lost" : "link";
}

// One round of the view: asked, shown, and the next one set. A round of another view before it is given up.
async function refresh() {
  clearTimeout(timer);
  round?.abort();
  const mine = round = new AbortController();
  const path = parts();
  const view = viewOf(path);
  showNav(path);
  if (!view) return show("Not found", [h("p", null, "There is no such view.")]);
  const title = typeof view.title === "function" ? view.title(path) : view.title;
  try {
    const data = await view.load((asked) => get(asked, mine.signal), path);
    if (mine.signal.aborted) return;
    show(title, view.show(data, path));
    tell("live", false);
    pause = pauses.first;
  } catch (error) {
    if (mine.signal.aborted) return;
    if (error instanceof NotLoggedIn) return askForUser(isLoggedIn() ? error.message : "");
    tell(`no news: ${error.message}`, true);
    if (main.getAttribute("aria-busy") === "true") show(title, [h("p", { class: "alert" }, error.message)]);
    pause = Math.min(pauses.longest, pause * 2);
  }
  if (!document.hidden) timer = setTimeout(refresh, pause);
}

function show(title, nodes) {
  document.title = `${title} · tabletd`;
  logout.hidden = !isLoggedIn();
  patchChildren(main, [h("h1", null, title), ...nodes.flat(3).filter(Boolean)]);
  main.setAttribute("aria-busy", "false");
}

function askForUser(refusal) {
  logOut();
  logout.hidden = true;
  tell("", false);
  document.title = "Log in · tabletd";
  const form = h("form", { class: "login", "aria-labelledby": "login-title" },
    h("h1", { id: "login-title" }, "Log in"),
    refusal && h("p", { class: "bad", role: "alert" }, refusal),
    h("label", null, "User", h("input", { name: "user", autocomplete: "username", required: true, value: "root" })),
    h("label", null, "Password", h("input", { name: "password", type: "password", autocomplete: "current-password" })),
    h("button", { type: "submit" }, "Log in"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    logIn(form.elements.user.value, form.elements.password.value);
    begin();
  });
  main.replaceChildren(form);
  main.setAttribute("aria-busy", "false");
  form.elements[form.elements.user.value ? "password" : "user"].focus();
}

// Another view, or the same one for another user: nothing of what was shown stays.
function begin() {
  pause = pauses.first;
  main.replaceChildren();
  main.setAttribute("aria-busy", "true");
  refresh();
}

window.addEventListener("hashchange", () => { begin(); main.focus(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
document.getElementById("skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });
logout.addEventListener("click", () => { round?.abort(); clearTimeout(timer); askForUser(""); });
begin();

"""###,
    "page.css": ###"""
:root {
  --paper: #fbfbfc; --ink: #1b1f26; --soft: #5a6472; --line: #d7dbe2; --card: #ffffff; --accent: #0b5cad;
  --good: #1a7f4b; --warn: #8a5a00; --bad: #b3261e; --local: #2f6fbd; --remote: #7a4fb5; --stale: #8a94a3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171c; --ink: #e6e9ee; --soft: #a3adba; --line: #333a45; --card: #1c2027; --accent: #7ab8ff;
    --good: #5fd39a; --warn: #f0b849; --bad: #ff8a80; --local: #5b9bea; --remote: #b48cf0; --stale: #6e7887;
  }
}
* { box-sizing: border-box; }
html { color-scheme: light dark; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1rem; padding: .5rem 1rem;
  border-bottom: 1px solid var(--line); background: var(--card); }
.brand { margin: 0; font-weight: 650; }
.link { font-weight: 400; color: var(--soft); }
.link.lost { color: var(--bad); font-weight: 600; }
nav { display: flex; flex-wrap: wrap; gap: .1rem; flex: 1; }
nav a { padding: .35rem .6rem; border-radius: .4rem; color: inherit; text-decoration: none; }
nav a:hover { background: var(--paper); }
nav a[aria-current] { background: var(--accent); color: var(--card); }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
main:focus { outline: none; }
.skip { position: absolute; left: -999px; top: 0; background: var(--card); padding: .5rem 1rem; z-index: 2; }
.skip:focus { left: 0; }
main { padding: 1rem; max-width: 80rem; margin: 0 auto; }
h1 { font-size: 1.35rem; margin: 0 0 .75rem; }
h2 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
button { font: inherit; padding: .4rem .8rem; border: 1px solid var(--line); border-radius: .4rem;
  background: var(--card); color: inherit; cursor: pointer; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .6rem; margin: 0; padding: 0; }
.tiles div { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .6rem .8rem; }
.tiles dt { color: var(--soft); font-size: .85rem; }
.tiles dd { margin: 0; font-size: 1.35rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
.note { color: var(--soft); }
.alert { border-left: 4px solid var(--bad); background: var(--card); padding: .6rem .8rem; margin: 0 0 1rem; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .6rem; background: var(--card); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .4rem .7rem; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--soft); font-size: .82rem; font-weight: 600; white-space: nowrap; }
td.number, th.number { text-align: right; white-space: nowrap; }
meter { width: 7rem; height: .8rem; vertical-align: middle; }
form.login { max-width: 22rem; margin: 8vh auto; display: grid; gap: .8rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .8rem; padding: 1.2rem; }
form.login label { display: grid; gap: .25rem; }
form.login input { font: inherit; padding: .45rem .6rem; border: 1px solid var(--line); border-radius: .4rem;
  background: var(--paper); color: inherit; }
.graph { display: block; min-width: 34rem; width: 100%; height: auto; }
.graph text { fill: var(--ink); font: 11px system-ui, sans-serif; }
.graph .tick { fill: var(--soft); } .graph .axis { stroke: var(--line); }
.graph .local { fill: var(--local); } .graph .remote { fill: var(--remote); }
.graph .stale { fill: none; stroke: var(--stale); stroke-width: 1.5; }
.graph .gap { fill: none; stroke: var(--bad); stroke-width: 2; stroke-dasharray: 4 3; }
.graph .on { fill: #fff; }
@media (prefers-color-scheme: dark) { .graph .on { fill: #0d1117; } }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; list-style: none; padding: 0; margin: .4rem 0; color: var(--soft); }
.swatch { display: inline-block; width: .9rem; height: .7rem; margin-right: .4rem; border-radius: 2px; border: 2px solid transparent; }
.swatch.local { background: var(--local); } .swatch.remote { background: var(--remote); }
.swatch.gap { border: 2px dashed var(--bad); } .swatch.stale { border-color: var(--stale); }
@media (max-width: 40rem) {
  main { padding: .7rem; }
  table.cards, .cards tbody, .cards tr, .cards th, .cards td { display: block; }
  .cards thead { position: absolute; left: -999px; }
  .cards tr { border-bottom: 1px solid var(--line); padding: .4rem 0; }
  .cards tbody tr:last-child { border-bottom: 0; }
  .cards th, .cards td, .cards td.number { border: 0; padding: .12rem .7rem; text-align: left; }
  .cards td::before { content: attr(data-label) ": "; color: var(--soft); }
  .cards td:empty { display: none; }
}

"""###,
    "views.js": ###"""
// What each view asks and shows. A view is {title, load(get, parts) → data, show(data, parts) → nodes}.
import { h, table, tiles, meter, linkTo, bytes, number, percent, time, ago } from "./dom.js";
import { NotLoggedIn } from "./api.js";
import { versionGraph, rowsetTable } from "./graph.js";

const tableLink = (name) => linkTo(
  `#/table/${encodeURIComponent(name.database)}/${encodeURIComponent(name.table)}`, `${name.database}.${name.table}`);
const tabletLink = (id) => linkTo(`#/tablet/${id}`, id);
const state = (isGood, good, bad) => h("span", { class: isGood ? "good" : "bad" }, isGood ? good : bad);

const overview = {
  title: "Cluster",
  load: async (get) => {
    const [status, frontends] = await Promise.all([get("api/status"), get("api/frontends")]);
    return { status, frontends };
  },
  show: ({ status, frontends }) => [
    status.metadataTrouble && h("p", { class: "alert", role: "alert" },
      `Metadata can't be written for ${Math.round(status.metadataTrouble.ageMs / 1000)} s: ${status.metadataTrouble.reason}. ${status.metadataTrouble.nextStep}`),
    status.heldTables > 0 && h("p", { class: "alert" },
      "Tables are held, since the metadata are older than the backends. `tabletctl metadata` says what to choose."),
    tiles([
      ["Backends alive", `${status.aliveBackends} of ${status.backends}`, status.aliveBackends === status.backends ? "good" : "bad"],
      ["Tables", number(status.tables)], ["Tablets", number(status.tablets)],
      ["Healthy replicas", `${number(status.healthyReplicas)} of ${number(status.replicas)}`,
        status.healthyReplicas === status.replicas ? "good" : "warn"],
      ["Tablets in need", number(status.unhealthyTablets), status.unhealthyTablets > 0 ? "warn" : "good"],
      ["Beyond repair", number(status.unrecoverableTablets), status.unrecoverableTablets > 0 ? "bad" : "good"],
      ["Repairs waiting", number(status.pendingRepairs)], ["Clones running", number(status.runningClones)],
      ["Cold replicas", number(status.coldReplicas)], ["Loads running", number(status.runningLoads)],
      ["Tasks queued", number(status.queuedTasks)], ["Last change", number(status.lastLogID)],
    ]),
    h("h2", null, "Frontends"),
    table("Frontends", [
      ["Name", (row) => row.name], ["Address", (row) => `${row.host}:${row.httpPort}`], ["Role", (row) => row.role],
      ["Master", (row) => row.isMaster ? "yes" : "no"], ["Alive", (row) => state(row.isAlive, "yes", row.error || "no")],
      ["Replayed", (row) => number(row.replayedJournalID), "number"],
    ], frontends),
  ],
};

const backends = {
  title: "Backends",
  load: (get) => get("api/backends"),
  show: (rows) => [
    table("Backends", [
      ["Backend", (row) => `${row.host}:${row.heartbeatPort}`], ["Id", (row) => row.id, "number"],
      ["Alive", (row) => state(row.isAlive, "yes", row.heartbeatError || "no")],
      ["State", (row) => row.isDecommissioned ? "being drained" : row.warnings.join("; ")],
      ["Tablets", (row) => number(row.tabletCount), "number"], ["Tasks", (row) => number(row.queuedTasks), "number"],
      ["Heartbeat", (row) => ago(row.lastHeartbeatMs)], ["Version", (row) => row.version],
    ], rows, "No backend yet: `tabletctl add-backend HOST:PORT`."),
    h("h2", null, "Disks"),
    table("Disks", [
      ["Data dir", (row) => row.disk.rootPath], ["Backend", (row) => row.backend.host],
      ["State", (row) => state(row.disk.state === "good", "good", [row.disk.state, row.disk.stateReason].filter(Boolean).join(": "))],
      ["Medium", (row) => row.disk.medium], ["Data", (row) => bytes(row.disk.dataUsedBytes), "number"],
      ["Remote", (row) => bytes(row.disk.remoteUsedBytes), "number"],
      ["Free", (row) => bytes(row.disk.availableBytes), "number"],
      ["Used", (row) => {
        const used = row.disk.totalBytes - row.disk.availableBytes;
        const text = percent(used, row.disk.totalBytes);
        return [meter(row.disk.totalBytes > 0 ? used / row.disk.totalBytes : 0, `${text} of ${row.disk.rootPath} used`), " ", text];
      }],
    ], rows.flatMap((backend) => backend.disks.map((disk) => ({ backend, disk })))),
  ],
};

const tables = {
  title: "Tables",
  load: (get) => get("api/tables"),
  show: (rows) => [table("Tables", [
    ["Table", (row) => tableLink(row.name)], ["State", (row) => row.state],
    ["Rows", (row) => number(row.rowCount), "number"], ["On disks", (row) => bytes(row.localBytes), "number"],
    ["In the object store", (row) => bytes(row.remoteBytes), "number"], ["Tablets", (row) => number(row.buckets), "number"],
    ["Healthy", (row) => `${row.healthyReplicaCount} of ${row.replicaCount}`],
    ["Cold", (row) => row.storagePolicy ? `${row.coldReplicaCount} of ${row.replicaCount}` : "–"],
    ["Policy", (row) => row.storagePolicy ?? ""], ["Version", (row) => row.visibleVersion, "number"],
  ], rows, "No table yet.")],
};

const oneTable = {
  title: (parts) => `Table ${parts[1]}.${parts[2]}`,
  load: (get, parts) => get(`api/tables/${encodeURIComponent(parts[1])}/${encodeURIComponent(parts[2])}/tablets`),
  show: (rows) => [table("Tablets", [
    ["Tablet", (row) => tabletLink(row.id)], ["Bucket", (row) => row.bucket, "number"],
    ["Version", (row) => row.visibleVersion, "number"],
    ["Healthy", (row) => {
      const healthy = row.replicas.filter((replica) => replica.isHealthy).length;
      return state(healthy === row.replicas.length, `${healthy} of ${row.replicas.length}`, `${healthy} of ${row.replicas.length}`);
    }],
    ["Rows", (row) => number(Math.max(0, ...row.replicas.map((replica) => replica.rowCount))), "number"],
    ["Size", (row) => bytes(Math.max(0, ...row.replicas.map((replica) => replica.localBytes + replica.remoteBytes))), "number"],
    ["Backends", (row) => row.replicas.map((replica) => replica.backendID).join(", ")],
  ], rows)],
};

const tablet = {
  title: (parts) => `Tablet ${parts[1]}`,
  load: async (get, parts) => {
    const view = await get(`api/tablets/${encodeURIComponent(parts[1])}`);
    const graphs = await Promise.all(view.replicas.map(async (replica) => {
      try {
        return { graph: await get(`api/tablets/${view.id}/versions?backend=${replica.backendID}`) };
      } catch (error) {
        if (error instanceof NotLoggedIn || error.name === "AbortError") throw error;
        return { reason: error.message };
      }
    }));
    return { view, graphs };
  },
  show: ({ view, graphs }) => {
    const drawn = view.replicas.map((replica, index) => ({
      label: `backend ${replica.backendID}`, graph: graphs[index].graph, reason: graphs[index].reason,
    }));
    const told = drawn.filter(({ graph }) => graph);
    return [
      h("p", null, "Of table ", tableLink(view.table), `, bucket ${view.bucket}, visible version ${view.visibleVersion}.`),
      table("Replicas", [
        ["Replica", (row) => row.id], ["Backend", (row) => `${row.backendID} (${row.host})`],
        ["State", (row) => state(row.isHealthy, "healthy", row.reason || row.state)],
        ["Version", (row) => row.version, "number"], ["Rows", (row) => number(row.rowCount), "number"],
        ["On disk", (row) => bytes(row.localBytes), "number"],
        ["In the object store", (row) => bytes(row.remoteBytes), "number"],
        ["Cools", (row) => row.isCooldownReplica ? `uploads, term ${row.reportedCooldownTerm}` : row.isCold ? "cold" : ""],
        ["Data dir", (row) => row.dataDir ?? ""],
      ], view.replicas),
      h("h2", null, "Versions"),
      drawn.filter(({ reason }) => reason).map(({ label, reason }) => h("p", { class: "warn" }, `${label} does not tell its versions: ${reason}`)),
      told.length > 0 && versionGraph(told), told.length > 0 && rowsetTable(told),
    ];
  },
};

const repairColumns = [
  ["Tablet", (row) => tabletLink(row.tabletID)], ["Table", (row) => tableLink(row.table)], ["Status", (row) => row.status],
  ["Priority", (row) => row.priority], ["State", (row) => row.state],
  ["From", (row) => row.sourceBackendIDs.join(", ")], ["To", (row) => row.destinationBackendID ?? ""],
  ["Copied", (row) => bytes(row.copiedBytes), "number"], ["Message", (row) => row.message],
];

const repairs = {
  title: "Repairs",
  load: (get) => get("api/scheduler"),
  show: (view) => [
    h("p", null, `${number(view.unhealthyTablets)} tablets in need when last looked, ${ago(view.lastCheckMs)}.`),
    h("h2", null, "Running"), table("Running repairs", repairColumns, view.running, "No repair runs."),
    h("h2", null, "Waiting"), table("Waiting repairs", repairColumns, view.pending.slice(0, 100), "No repair waits."),
    h("h2", null, "Ended"), table("Ended repairs", [...repairColumns, ["Ended", (row) => time(row.endedMs)]], view.history.slice(0, 50), "None has ended yet."),
  ],
};

const cooldown = {
  title: "Cooldown",
  load: (get) => get("api/cooldown"),
  show: (view) => [
    table("Tables that cool", [
      ["Table", (row) => tableLink(row.table)], ["Policy", (row) => row.storagePolicy],
      ["Cold replicas", (row) => [
        h("progress", { max: Math.max(1, row.replicas), value: row.coldReplicas, "aria-label": `${row.coldReplicas} of ${row.replicas} replicas of ${row.table.table} are cold` }),
        ` ${row.coldReplicas} of ${row.replicas}`]],
      ["Uploaded", (row) => `${row.uploadedTablets} of ${row.tablets}`], ["Followed", (row) => `${row.alignedTablets} of ${row.tablets}`],
      ["On disks", (row) => bytes(row.localBytes), "number"], ["In the object store", (row) => bytes(row.remoteBytes), "number"],
    ], view.tables, "No table has a storage policy."),
    h("h2", null, "Tablets that fail to cool"),
    table("Tablets that fail to cool", [
      ["Tablet", (row) => tabletLink(row.tabletID)], ["Backend", (row) => row.backendID], ["Why", (row) => row.message],
      ["Since", (row) => time(row.sinceMs)],
    ], view.failures, "None fails."),
    h("h2", null, "Jobs"),
    table("Cooldown jobs", [
      ["Job", (row) => row.id], ["State", (row) => row.state], ["Acknowledged", (row) => `${row.acknowledged} of ${row.confCount}`],
      ["Begun", (row) => time(row.createdMs)], ["Message", (row) => row.message],
    ], view.jobs.slice(0, 50), "No job."),
  ],
};

const loads = {
  title: "Loads",
  load: (get) => get("api/loads"),
  show: (rows) => [table("Loads", [
    ["Label", (row) => row.label], ["Table", (row) => tableLink(row.table)],
    ["State", (row) => h("span", { class: row.state === "aborted" ? "bad" : row.state === "visible" ? "good" : "warn" }, row.state)],
    ["Rows", (row) => row.deleteCondition ? `delete: ${row.deleteCondition}` : number(row.rowCount), "number"],
    ["Size", (row) => bytes(row.bytes), "number"],
    ["Published", (row) => `${row.replicasPublished} of ${row.replicaCount}`],
    ["Version", (row) => row.version > 0 ? row.version : "", "number"], ["Begun", (row) => time(row.beganMs)], ["Message", (row) => row.message],
  ], rows.slice(0, 200), "No load yet.")],
};

export const listed = { "": overview, backends, tables, repairs, cooldown, loads };
export const views = { ...listed, table: oneTable, tablet };

"""###,
]
