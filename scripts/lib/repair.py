"""scripts/demo --scenario repair: versions are pulled out from under replicas while loads go on, and come back."""

import json
import threading
import time

from cluster import ClusterError, wait_for

PIECES = 100
# Of the loads, so that a person can follow; a load of one piece takes some tenths of a second.
PAUSE_BETWEEN_LOADS = 0.2

# Short pauses: a demo should not wait for what may heal by itself.
FE_SETTINGS = {
    "tablet_checker_interval_ms": 1000, "tablet_schedule_interval_ms": 200, "replica_catch_up_delay_seconds": 1,
    "surplus_replica_drop_delay_seconds": 5}
BE_SETTINGS = {"version_miss_grace_seconds": 1}
# The backend whose disk is injured keeps its rowsets as they were loaded, so that a lost one is a hole; the others compact,
# so that a clone meets rowsets cut in another way.
INJURED_BE_SETTINGS = {"disable_auto_compaction": "true"}


class Loader(threading.Thread):
    """Loads one piece of the flights after the other, again and again, until it is told to stop."""

    def __init__(self, cluster, pieces):
        super().__init__(daemon=True)
        self.cluster, self.pieces = cluster, pieces
        self.loaded = []
        self.repeated = 0
        self.failure = None
        self.ending = threading.Event()
        self.may_load = threading.Event()
        self.may_load.set()
        self.turn = threading.Lock()
        self.in_flight = False

    def run(self):
        try:
            number = 0
            while not self.ending.is_set():
                self.may_load.wait()
                with self.turn:
                    self.load(number)
                number += 1
                self.ending.wait(PAUSE_BETWEEN_LOADS)
        except Exception as error:
            # Of any kind: a loader that ended unseen would leave the rest waiting for loads that never come.
            self.failure = error

    def load(self, number):
        """Until the piece is in, once: a load that a dying backend took with it is repeated under another label."""
        piece = self.pieces[number % len(self.pieces)]
        for attempt in range(20):
            label = f"piece-{number}-{attempt}"
            self.in_flight = True
            done = self.cluster.ctl("load", "flights", "--file", piece, "--label", label, "--no-skip-header", check=False)
            self.in_flight = False
            if done.returncode == 0 or self.outcome(label) == "visible":
                self.loaded.append(piece)
                return
            self.repeated += 1
            time.sleep(0.5)
        raise ClusterError(f"piece {number} can't be loaded: {done.stderr.strip()}")

    def outcome(self, label):
        """How a load ended whose command failed: nothing is counted twice or not at all."""
        def ended():
            states = [load["state"] for load in self.cluster.ctl_json("loads") if load["label"] == label]
            return "absent" if not states else states[0] if states[0] in ("visible", "aborted") else None
        return wait_for(f"end of load {label}", ended, 120)

    def wait_for(self, count, seconds=120):
        """Waits until so many more pieces are in."""
        target = len(self.loaded) + count
        wait_for(f"{count} more loads", lambda: self.failure or len(self.loaded) >= target, seconds)
        self.check()

    def pause(self):
        self.may_load.clear()
        with self.turn:
            pass

    def resume(self):
        self.may_load.set()

    def stop(self):
        """No load is under way any more."""
        self.end()
        self.join(300)
        self.check()
        if self.is_alive():
            raise ClusterError("a load does not end")

    def end(self):
        self.ending.set()
        self.may_load.set()

    def check(self):
        if self.failure:
            raise ClusterError(f"the loads ended: {self.failure}") from self.failure


def cut(source, folder, count):
    """The rows of a file as so many files without its heading."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = source.read_bytes().splitlines(keepends=True)[1:]
    paths = []
    for number in range(count):
        path = folder / f"piece-{number:03}.csv"
        path.write_bytes(b"".join(lines[number * len(lines) // count:(number + 1) * len(lines) // count]))
        paths.append(path)
    return paths


class RepairDemo:
    def __init__(self, cluster, flights, say):
        self.cluster, self.flights, self.say = cluster, flights, say
        self.figures = {"scenario": "repair"}
        self.ids = {}

    def run(self):
        began = time.monotonic()
        self.prepare()
        pieces = cut(self.flights, self.cluster.folder / "pieces", PIECES)
        loader = Loader(self.cluster, pieces)
        loader.start()
        try:
            self.kill_during_loads(loader)
            self.lose_a_rowset(loader)
            loader.wait_for(3)
        except BaseException:
            loader.end()
            raise
        loader.stop()
        self.say(f"loads stopped: {len(loader.loaded)} pieces are in, {loader.repeated} had to be repeated")
        self.figures.update(loads=len(loader.loaded), loads_repeated=loader.repeated)
        self.wait_until_healthy("the end")
        self.compare(loader)
        self.count_clones()
        self.figures["unhealthy_replicas"] = len(self.unhealthy())
        self.figures["seconds"] = round(time.monotonic() - began, 1)
        return self.figures

    def prepare(self):
        ctl, ctl_json = self.cluster.ctl, self.cluster.ctl_json
        for backend in self.cluster.backends:
            view = ctl_json("add-backend", f"127.0.0.1:{backend.ports['heartbeat_service_port']}", "--wait")
            self.ids[backend.name] = view["id"]
        ctl("create-table", "flights", "--columns-from", self.flights, "--buckets", 8, "--replicas", 3,
            "--distribute-by", "tailnum", "--delimiter", ",")
        table = ctl_json("table", "flights")
        self.figures.update(backends=len(self.ids), tablets=table["buckets"], replicas=table["replicaCount"])
        self.say(f"table flights: {table['buckets']} tablets, {table['replicaCount']} replicas on {len(self.ids)} backends")

    # Part 1: a backend dies while it is being loaded to.

    def kill_during_loads(self, loader):
        loader.wait_for(6)
        victim = self.cluster.backends[0]
        wait_for("a load under way", lambda: loader.in_flight, 60)
        victim.kill()
        self.say(f"kill -9 of {victim.name} (backend {self.ids[victim.name]}) during a load; the loads go on")
        before = len(loader.loaded)
        loader.wait_for(4)
        self.figures["loads_while_a_backend_was_dead"] = len(loader.loaded) - before
        sick = self.unhealthy()
        self.say(f"{len(loader.loaded) - before} loads later {len(sick)} replicas are not healthy, such as: {describe(sick)}")
        victim.start()
        back = time.monotonic()
        self.say(f"{victim.name} is started again")
        wait_for("the restarted backend to be alive", lambda: self.is_alive(victim), 60)
        self.wait_until_healthy(f"the repair of {victim.name}")
        self.figures["restarted_backend_whole_seconds"] = round(time.monotonic() - back, 1)
        self.say(f"{victim.name} has all it missed, {self.figures['restarted_backend_whole_seconds']} s after its start")

    # Part 2: a rowset's file is lost while its backend is down.

    def lose_a_rowset(self, loader):
        victim = self.cluster.backends[2]
        # The backend misses no load while it is down: what the FE finds then is the lost file and nothing else.
        loader.pause()
        self.wait_until_healthy("the loads so far")
        tablet, rowset = self.choose_rowset(self.ids[victim.name])
        victim.stop()
        files = list((victim.folder / "storage" / "data").glob(f"*/{tablet}/*/{rowset['rowsetID']}_*.dat"))
        if not files:
            raise ClusterError(f"no segment of rowset {rowset['rowsetID']} of tablet {tablet} under {victim.folder}")
        for file in files:
            file.unlink()
        versions = span(rowset)
        self.say(f"{victim.name} is stopped, and rowset [{versions}] of its tablet {tablet} is deleted from the disk")
        victim.start()
        wait_for(f"{victim.name} to load its tablets", lambda: self.is_loaded(victim), 60)
        back = time.monotonic()
        loader.resume()
        found = wait_for("the FE to see the gap", lambda: self.gap_seen(tablet, victim), 120)
        detected = time.monotonic()
        self.figures.update(
            injured_tablet=tablet, injured_versions=versions, missing_detected_seconds=round(detected - back, 1))
        self.say(f"the FE shows it {detected - back:.1f} s after the backend was back: {describe([found])}")
        self.show(tablet)
        wait_for("the repair", lambda: self.is_repaired(tablet, victim, rowset), 180)
        self.figures["repaired_seconds"] = round(time.monotonic() - detected, 1)
        self.say(f"repaired {self.figures['repaired_seconds']} s later, while loads went on")
        self.show(tablet)

    def choose_rowset(self, backend):
        """One in the middle of a tablet's history that is on the disk and that no stale path could stand in for."""
        best = None
        for tablet in self.cluster.ctl_json("tablets", "flights"):
            graph = self.graph(tablet["id"], backend)
            stale = [edge for path in graph["stalePaths"] for edge in path["edges"]]
            fit = [
                edge for edge in graph["visible"][1:-1]
                if edge["rows"] > 0 and not edge["isRemote"] and not any(overlap(edge, other) for other in stale)]
            if fit and (best is None or len(fit) > best[0]):
                best = (len(fit), tablet["id"], fit[len(fit) // 2])
        if best is None:
            raise ClusterError(f"backend {backend} has no local rowset in the middle of a history")
        return best[1], best[2]

    def graph(self, tablet, backend):
        answer = self.cluster.ctl_json("tablet", tablet, "--versions", "--backend", backend)["versions"][0]
        if answer.get("graph") is None:
            raise ClusterError(f"backend {backend} does not tell the versions of tablet {tablet}: {answer['problem']}")
        return answer["graph"]

    def gap_seen(self, tablet, backend):
        """The FE lists the replica, and not for its backend's being away."""
        for found in self.unhealthy():
            replica = found["replica"]
            if found["tabletID"] == tablet and replica["backendID"] == self.ids[backend.name] and "dead" not in replica["reason"]:
                return found
        return None

    def is_repaired(self, tablet, backend, rowset):
        if not self.is_healthy():
            return False
        held = self.graph(tablet, self.ids[backend.name])["held"]
        return any(part["start"] <= rowset["start"] and rowset["end"] <= part["end"] for part in held)

    # The end: everything is there, everywhere.

    def compare(self, loader):
        everything = self.cluster.folder / "loaded.csv"
        with open(everything, "wb") as out:
            for piece in loader.loaded:
                out.write(piece.read_bytes())
        wanted = self.cluster.ctl_json("checksum", "--file", everything)
        fewest, matches = wanted["rows"], True
        for name, backend in self.ids.items():
            back = self.cluster.ctl_json("read", "flights", "--backend", backend, "--checksum")
            self.say(f"read back from {name}: {back['rows']:,} rows, checksum {back['checksum']}")
            fewest, matches = min(fewest, back["rows"]), matches and back == wanted
        checks = self.cluster.ctl_json("check", "--table", "flights")
        self.figures.update(
            rows_loaded=wanted["rows"], rows_lost=wanted["rows"] - fewest, checksum=wanted["checksum"],
            checksum_match=matches, consistent_tablets=sum(check["state"] == "consistent" for check in checks))

    def count_clones(self):
        history = self.cluster.ctl_json("scheduler")["history"]
        clones = [task for task in history if task["state"] == "finished" and task.get("destinationBackendID")]
        self.figures.update(clones=len(clones), cloned_bytes=sum(task["copiedBytes"] for task in clones))

    # What the cluster says.

    def unhealthy(self):
        return self.cluster.get("/api/replicas?unhealthy=true&limit=100000")

    def is_healthy(self):
        """Every replica is healthy and the scheduler has nothing in its hands."""
        if self.unhealthy():
            return False
        scheduler = self.cluster.get("/api/scheduler")
        return not scheduler["pending"] and not scheduler["running"]

    def wait_until_healthy(self, what, seconds=180):
        try:
            wait_for(what, self.is_healthy, seconds)
        except ClusterError as error:
            scheduler = self.cluster.ctl("scheduler", check=False).stdout
            raise ClusterError(f"{error}; not healthy: {describe(self.unhealthy())}\n{scheduler}")

    def is_alive(self, backend):
        return any(view["id"] == self.ids[backend.name] and view["isAlive"] for view in self.cluster.get("/api/backends"))

    def is_loaded(self, backend):
        return self.cluster.answers(f"http://127.0.0.1:{backend.ports['webserver_port']}/api/health")

    def show(self, tablet):
        print(self.cluster.ctl("tablet", tablet, "--versions").stdout, flush=True)


def span(edge):
    return str(edge["start"]) if edge["start"] == edge["end"] else f"{edge['start']}-{edge['end']}"


def overlap(one, other):
    return one["start"] <= other["end"] and other["start"] <= one["end"]


def describe(sick, limit=3):
    words = [
        f"tablet {found['tabletID']} on backend {found['replica']['backendID']}: {found['replica']['reason']}"
        for found in sick[:limit]]
    return "; ".join(words) if words else "none"


def judge(figures):
    wrong = []
    if figures["rows_lost"] != 0 or not figures["checksum_match"]:
        wrong.append(f"{figures['rows_lost']} rows are lost, checksums match: {json.dumps(figures['checksum_match'])}")
    if figures["unhealthy_replicas"] != 0:
        wrong.append(f"{figures['unhealthy_replicas']} replicas are not healthy")
    if figures["consistent_tablets"] != figures["tablets"]:
        wrong.append(f"only {figures['consistent_tablets']} of {figures['tablets']} tablets are consistent")
    if figures["clones"] == 0:
        wrong.append("nothing was cloned")
    return wrong
