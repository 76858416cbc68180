"""scripts/demo --scenario backup: a table goes to S3 and comes back in another cluster, and is changed there."""

import time
from pathlib import Path

from cluster import ClusterError, wait_for

RESOURCE = "vault"
LABEL = "flights-of-2013"
TAILNUM = "N14228"
NEW_COLUMN, DEFAULT = "origin_year", "2013"


def two_dirs(cluster):
    """Each backend has a second data dir, so that a tablet can move."""
    for backend in cluster.backends:
        dirs = [backend.folder / name for name in ("storage", "storage2")]
        for each in dirs:
            each.mkdir(parents=True, exist_ok=True)
        backend.settings["storage_root_path"] = ";".join(map(str, dirs))


class BackupDemo:
    """Every step ends with the rows read back and compared with what a plain text file says they must be."""

    def __init__(self, first, second, source, folder, endpoint, bucket, region, keys, say):
        self.first, self.second = first, second
        self.source, self.folder = source, folder
        self.endpoint, self.bucket, self.region, self.keys, self.say = endpoint, bucket, region, keys, say
        self.steps = []

    def run(self):
        began = time.monotonic()
        lines = self.source.read_bytes().splitlines(keepends=True)
        self.header, self.rows = lines[0].rstrip(b"\n").decode().split(","), lines[1:]
        for cluster in (self.first, self.second):
            self.join(cluster)
        self.load()
        self.back_up()
        self.restore()
        self.delete()
        self.add_column()
        self.migrate()
        return {
            "steps": self.steps,
            "rows_lost": sum(step["rows_lost"] for step in self.steps),
            "checksum_match": all(step["checksum_match"] for step in self.steps),
            "seconds": round(time.monotonic() - began, 1),
        }

    def join(self, cluster):
        for backend in cluster.backends:
            cluster.ctl("add-backend", f"127.0.0.1:{backend.ports['heartbeat_service_port']}", "--wait")
        cluster.ctl("create-resource", RESOURCE, "--endpoint", self.endpoint, "--bucket", self.bucket,
                    "--region", self.region, "--root-path", "backups", env=self.keys)

    def check(self, step, cluster, rows):
        """Reads the whole table and compares it with the rows that must be there."""
        expected = self.folder / "expected.csv"
        expected.write_bytes(b"".join(rows))
        wanted = cluster.ctl_json("checksum", "--file", expected)
        read = cluster.ctl_json("read", "flights", "--checksum")
        self.steps.append({
            "step": step, "rows_expected": wanted["rows"], "rows_read": read["rows"],
            "rows_lost": max(0, wanted["rows"] - read["rows"]), "checksum_match": read == wanted})
        self.say(f"{step}: {read['rows']:,} rows read back, checksum {read['checksum']}"
                 + ("" if read == wanted else f", but it must be {wanted['rows']:,} rows, {wanted['checksum']}"))

    def load(self):
        self.first.ctl("create-table", "flights", "--columns-from", self.source, "--buckets", 8, "--replicas", 3,
                       "--distribute-by", "tailnum")
        # Twice, so that there is more than one version to back up.
        half = len(self.rows) // 2
        for number, part in enumerate((self.rows[:half], self.rows[half:])):
            path = self.folder / f"part-{number}.csv"
            path.write_bytes(b"".join(part))
            self.first.ctl("load", "flights", "--file", path, "--label", f"part-{number}", "--no-skip-header")
        self.check("load", self.first, self.rows)

    def back_up(self):
        self.first.ctl("backup", "flights", "--to", RESOURCE, "--label", LABEL)
        self.check("backup", self.first, self.rows)
        self.first.ctl("drop-table", "flights", "--yes")
        self.say("backed up, and dropped in the first cluster")

    def restore(self):
        self.second.ctl("restore", LABEL, "--from", RESOURCE, "--replicas", 2)
        self.check("restore", self.second, self.rows)

    def delete(self):
        self.second.ctl("delete", "flights", "--where", f"tailnum = '{TAILNUM}'")
        place = self.header.index("tailnum")
        before = len(self.rows)
        self.rows = [row for row in self.rows if row.rstrip(b"\n").split(b",")[place] != TAILNUM.encode()]
        if len(self.rows) == before:
            raise ClusterError(f"no flight of {TAILNUM} is in {self.source}: the step would show nothing")
        self.check("delete", self.second, self.rows)

    def add_column(self):
        self.second.ctl("alter-table", "flights", "add-column", f"{NEW_COLUMN}:INT", "--default", DEFAULT)
        self.rows = [row.rstrip(b"\n") + f",{DEFAULT}\n".encode() for row in self.rows]
        self.check("add column", self.second, self.rows)

    def migrate(self):
        tablet = self.second.ctl_json("tablets", "flights")[0]
        replica = tablet["replicas"][0]
        number = self.backend_ids(self.second).index(replica["backendID"])
        backend = self.second.backends[number]
        source, target = self.dirs_of(tablet["id"], backend)
        self.second.ctl("migrate", tablet["id"], "--to", f"{replica['backendID']}:{target}")
        wait_for("the tablet in its new data dir", lambda: not self.holds(source, tablet["id"]), 60)
        if not self.holds(target, tablet["id"]):
            raise ClusterError(f"tablet {tablet['id']} is not in {target}")
        self.say(f"tablet {tablet['id']} moved from {source.name} to {target.name}")
        self.check("migrate", self.second, self.rows)

    def backend_ids(self, cluster):
        """In the order of the cluster's backends."""
        ports = {backend["heartbeatPort"]: backend["id"] for backend in cluster.ctl_json("backends")}
        return [ports[int(backend.ports["heartbeat_service_port"])] for backend in cluster.backends]

    def dirs_of(self, tablet, backend):
        """(the data dir that holds the tablet, one that does not)"""
        dirs = [Path(path) for path in backend.settings["storage_root_path"].split(";")]
        source = next((each for each in dirs if self.holds(each, tablet)), None)
        if source is None:
            raise ClusterError(f"no data dir of {backend.name} holds tablet {tablet}")
        return source, next(each for each in dirs if each != source)

    def holds(self, data_dir, tablet):
        return any(data_dir.glob(f"data/*/{tablet}"))


def judge(figures):
    return [f"step {step['step']}: {step['rows_read']} of {step['rows_expected']} rows, checksum "
            + ("equal" if step["checksum_match"] else "differs")
            for step in figures["steps"] if step["rows_lost"] or not step["checksum_match"]]
