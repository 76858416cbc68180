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
