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
