"""scripts/demo --scenario failover: masters are killed and stopped and etcd loses its quorum, while writes go on."""

import json
import random
import threading
import time

import witness
from cluster import call, wait_for
from writers import ROWS_OF_A_LOAD, Editor, Ledger, Loader, create_database

KILLS = 10
LEASE_SECONDS = 3
QUORUM_LOST_SECONDS = 15
PAUSED_SECONDS = 8
# How soon a change must be refused while it can't be made, and how soon reads must be answered again by every FE then.
REFUSAL_LIMIT_SECONDS = 3
READS_SETTLE_SECONDS = 5
FAILOVER_LIMIT_SECONDS = 6
# Of one writer: what it had under way has to be given up first, and a client waits for an answer before it asks elsewhere.
WAIT_LIMIT_SECONDS = 20
# Etcd elects a leader first, which lets every lease live for its whole time once more.
WRITES_AGAIN_LIMIT_SECONDS = 15
FE_SETTINGS = {"leader_lease_seconds": LEASE_SECONDS}
# By table, the replicas of each tablet.
TABLES = {"thrice": 3, "twice": 2}


class FailoverDemo:
    def __init__(self, cluster, say):
        self.cluster, self.say = cluster, say
        self.random = random.Random(11)
        self.ledger = Ledger()
        self.figures = {"scenario": "failover"}
        # By master that went: for how long no write was acknowledged, and none of the writer that waited longest.
        self.gaps, self.waits = [], []
        self.exits = []

    def run(self):
        began = time.monotonic()
        self.prepare()
        self.loaders = [Loader(self.cluster, self.ledger, table) for table in TABLES]
        # Each begins at another frontend, so that not all wait at once for one that hangs.
        self.editors = [Editor(number, self.cluster, self.ledger) for number in range(len(self.cluster.frontends))]
        self.witnesses = [witness.Witness(self.cluster, frontend) for frontend in self.cluster.frontends]
        for thread in [*self.witnesses, *self.writers]:
            thread.start()
        try:
            self.wait_for_writes()
            for number in range(1, KILLS + 1):
                self.kill_master(number)
            self.lose_quorum()
            self.pause_master()
            for writer in self.writers:
                writer.stop()
        finally:
            for thread in [*self.writers, *self.witnesses]:
                thread.ending.set()
        self.count_exits()
        # What counts is what the next master has.
        last = self.cluster.master()
        last.stop()
        self.cluster.master()
        last.start()
        for each in self.witnesses:
            each.stop()
        self.compare()
        self.judge_epochs()
        self.figures.update(
            kills=KILLS, max_failover_seconds=round(max(self.gaps), 2),
            median_failover_seconds=round(sorted(self.gaps)[len(self.gaps) // 2], 2),
            max_wait_of_a_writer_seconds=round(max(self.waits), 2), fe_exits=len(self.exits),
            seconds=round(time.monotonic() - began, 1))
        return self.figures

    @property
    def writers(self):
        return [*self.loaders, *self.editors]

    def prepare(self):
        ctl, backends = self.cluster.ctl, self.cluster.backends
        self.ids = {
            backend.name: self.cluster.ctl_json(
                "add-backend", f"127.0.0.1:{backend.ports['heartbeat_service_port']}", "--wait")["id"]
            for backend in backends}
        for table, replicas in TABLES.items():
            ctl("create-table", table, "--columns", "load,row,word", "--buckets", 4, "--replicas", replicas,
                "--distribute-by", "row")
        frontends = self.cluster.frontends
        self.figures.update(
            frontends=len(frontends) - len(self.cluster.observers), observers=len(self.cluster.observers),
            etcd_members=len(self.cluster.etcd.members), backends=len(backends))
        self.say(f"{len(frontends)} FEs over etcd, {len(TABLES)} tables; {self.cluster.master().name} is the master")

    # Part 1: masters die.

    def kill_master(self, number):
        time.sleep(self.random.uniform(0.3, 1.5))
        self.count_exits()
        master = self.cluster.master()
        at = time.monotonic()
        master.kill()
        master.start()
        self.wait_for_writes()
        self.note_gap(at, f"kill -9 of {master.name}, {number} of {KILLS}")

    def note_gap(self, at, what):
        now = time.monotonic()
        gap = self.ledger.longest_gap(at, now)
        self.gaps.append(gap)
        longest = max(self.writers, key=lambda writer: writer.own.longest_gap(at, now))
        self.waits.append(longest.own.longest_gap(at, now))
        self.say(f"{what}: {self.cluster.master().name} leads, {gap:.2f} s from one acknowledged write to the next, "
                 f"{self.waits[-1]:.2f} s for the {longest.name}")

    # Part 2: etcd has no quorum.

    def lose_quorum(self):
        self.count_exits()
        self.cluster.etcd.lose_quorum()
        lost = time.monotonic()
        self.say("two of three members of etcd hang")
        probes = [QuorumProbe(self.cluster, frontend) for frontend in self.cluster.frontends]
        for probe in probes:
            probe.start()
        time.sleep(QUORUM_LOST_SECONDS)
        for probe in probes:
            probe.stop()
        self.count_exits()
        back = time.monotonic()
        self.cluster.etcd.regain_quorum()
        self.wait_for_writes()
        again = time.monotonic() - back
        refusals = [refusal for probe in probes for refusal in probe.refusals]
        reads = [read for probe in probes for read in probe.reads]
        late = [read for read in reads if read[0] - lost > READS_SETTLE_SECONDS]
        self.figures.update(
            quorum_lost_seconds=round(back - lost, 1),
            changes_refused=len(refusals), changes_made_without_quorum=sum(probe.made for probe in probes),
            changes_refused_without_a_reason=sum(not reason for _, reason in refusals),
            max_refusal_seconds=round(max((seconds for seconds, _ in refusals), default=0), 2),
            reads_answered=sum(is_answered for _, is_answered, _ in reads),
            reads_not_answered=sum(not is_answered for _, is_answered, _ in reads),
            reads_not_answered_later=sum(not is_answered for _, is_answered, _ in late),
            writes_again_seconds=round(again, 2))
        self.say(f"{len(refusals)} changes were refused, the slowest after {self.figures['max_refusal_seconds']} s, such as: "
                 f"{refusals[-1][1] if refusals else 'none'}")
        for problem in sorted({problem for _, is_answered, problem in late if not is_answered}):
            self.say(f"a read was not answered: {problem}")
        self.say(f"{self.figures['reads_answered']} reads were answered meanwhile; the quorum is back, and writes "
                 f"{again:.2f} s later, by themselves")

    # Part 3: a master hangs for longer than its lease, and goes on.

    def pause_master(self):
        time.sleep(1)
        self.count_exits()
        master = self.cluster.master()
        at = time.monotonic()
        master.pause()
        self.say(f"SIGSTOP of {master.name}, the master")
        try:
            time.sleep(PAUSED_SECONDS)
            self.wait_for_writes()
            self.note_gap(at, f"{master.name} hangs")
        finally:
            master.resume()
        wait_for(f"{master.name} to follow", lambda: self.follows(master), 60)
        self.wait_for_writes()
        self.count_exits()
        self.say(f"SIGCONT of {master.name}: it follows")

    def follows(self, frontend):
        """It does not act, and has replayed what the master had a moment ago."""
        newest = self.cluster.replayed(self.cluster.address(self.cluster.master()))
        own = self.cluster.replayed(self.cluster.address(frontend))
        return newest is not None and own is not None and own >= newest - 10 and not self.cluster.acts(frontend)

    # What goes on.

    def wait_for_writes(self):
        """Until every writer was acknowledged twice more: the first may have been under way."""
        targets = [(writer, len(writer.acknowledged) + 2) for writer in self.writers]

        def enough():
            self.check()
            return all(len(writer.acknowledged) >= target for writer, target in targets)
        wait_for("acknowledged writes of every writer", enough, 90)

    def check(self):
        for writer in self.writers:
            writer.check()
        self.cluster.etcd.check()

    def count_exits(self):
        """An FE that ended without being killed is counted, and started again."""
        for frontend in self.cluster.frontends:
            if frontend.has_ended:
                self.exits.append(f"{frontend.name} ended with {frontend.process.returncode}")
                self.say(self.exits[-1])
                frontend.start()

    # The end: everything is there, once, everywhere.

    def compare(self):
        wait_for("the last loads everywhere", self.is_healthy, 120)
        present = lost = 0
        match = True
        for loader in self.loaders:
            wanted_file = self.cluster.folder / f"{loader.table}.csv"
            wanted_file.write_text("".join(map(loader.rows, loader.acknowledged)))
            wanted = self.cluster.ctl_json("checksum", "--file", wanted_file)
            found = self.cluster.ctl_json("read", loader.table, "--checksum")
            there = self.loads_present(loader)
            present += len(there & set(loader.acknowledged))
            lost += max(0, wanted["rows"] - found["rows"])
            match = match and found == wanted
            self.say(f"{loader.table}: {len(loader.acknowledged)} loads acknowledged, {found['rows']:,} rows read back, "
                     f"checksum {found['checksum']}")
        databases = {database["name"] for database in self.cluster.ctl_json("databases")}
        for editor in self.editors:
            present += sum(editor.database(number) in databases for number in editor.acknowledged)
        checks = [check for table in TABLES for check in self.cluster.ctl_json("check", "--table", table)]
        self.figures.update(
            loads_acknowledged=sum(len(loader.acknowledged) for loader in self.loaders),
            changes_acknowledged=sum(len(editor.acknowledged) for editor in self.editors),
            writes_repeated=sum(writer.repeated for writer in self.writers),
            writes_acknowledged=self.ledger.count(), writes_present=present, rows_lost=lost, checksum_match=match,
            inconsistent_tablets=sum(check["state"] != "consistent" for check in checks),
            own_writes_unseen=sum(editor.unseen for editor in self.editors))

    def loads_present(self, loader):
        """The loads of which every row is there exactly once."""
        rows = {}
        for line in self.cluster.ctl("read", loader.table).stdout.splitlines():
            rows.setdefault(int(line.split(",")[0]), []).append(line)
        return {number for number, lines in rows.items()
                if len(lines) == ROWS_OF_A_LOAD and set(lines) == set(loader.rows(number).splitlines())}

    def is_healthy(self):
        done = self.cluster.ctl("replicas", "--unhealthy", check=False)
        return done.returncode == 0

    def judge_epochs(self):
        begun, heard, wrong, stale = witness.read_logs(self.cluster)
        wrong += witness.contradictions(self.witnesses)
        for sentence in wrong[:10]:
            self.say(sentence)
        answers = sum(len(each.seen) for each in self.witnesses)
        self.say(f"{len(begun)} epochs were begun, backends took up {heard}; {answers:,} times an FE said that it acts as master")
        self.figures.update(
            epochs=len(begun), epochs_heard=heard, two_masters=len(wrong), stale_heartbeats=stale, master_answers=answers)


class QuorumProbe(threading.Thread):
    """Asks one frontend for changes and reads while etcd has no quorum."""

    def __init__(self, cluster, frontend):
        super().__init__(daemon=True)
        self.address, self.name_of_frontend = cluster.address(frontend), frontend.name
        # (seconds until the answer, its reason)
        self.refusals = []
        # (when, whether there was an answer, why not)
        self.reads = []
        self.made = 0
        self.ending = threading.Event()

    def run(self):
        number = 0
        while not self.ending.is_set():
            number += 1
            self.change(number)
            self.read()
            self.ending.wait(0.2)

    def change(self, number):
        at = time.monotonic()
        answer = create_database(self.address, f"q_{self.name_of_frontend}_{number}", timeout=30)
        if answer is not None and answer[0] < 300:
            self.made += 1
        else:
            self.refusals.append((time.monotonic() - at, reason(answer)))

    def read(self):
        at = time.monotonic()
        answer = call(self.address, "GET", "/api/databases", timeout=30)
        is_answered = answer is not None and answer[0] == 200 and time.monotonic() - at < REFUSAL_LIMIT_SECONDS
        self.reads.append((at, is_answered, "" if is_answered else f"{self.name_of_frontend}: {reason(answer)}"))

    def stop(self):
        self.ending.set()
        self.join(60)


def reason(answer):
    """What an answer that is no success says; nothing: no answer came, or none that says why."""
    if answer is None:
        return ""
    try:
        return json.loads(answer[2])["error"]["message"]
    except (ValueError, KeyError, TypeError):
        return ""


def judge(figures):
    wrong = []
    if figures["writes_acknowledged"] != figures["writes_present"]:
        wrong.append(f"{figures['writes_acknowledged']} writes were acknowledged, {figures['writes_present']} are present")
    if figures["rows_lost"] or not figures["checksum_match"]:
        wrong.append(f"{figures['rows_lost']} rows are lost, checksums match: {json.dumps(figures['checksum_match'])}")
    if figures["max_failover_seconds"] > FAILOVER_LIMIT_SECONDS:
        wrong.append(f"no write was acknowledged for {figures['max_failover_seconds']} s after a master went")
    if figures["max_wait_of_a_writer_seconds"] > WAIT_LIMIT_SECONDS:
        wrong.append(f"one writer waited {figures['max_wait_of_a_writer_seconds']} s for a write to be acknowledged")
    if figures["max_refusal_seconds"] > REFUSAL_LIMIT_SECONDS:
        wrong.append(f"a change was refused only after {figures['max_refusal_seconds']} s without a quorum")
    if figures["writes_again_seconds"] > WRITES_AGAIN_LIMIT_SECONDS:
        wrong.append(f"writes went on only {figures['writes_again_seconds']} s after the quorum was back")
    if not figures["changes_refused"]:
        wrong.append("no change was refused without a quorum: nothing was shown")
    if not figures["master_answers"] or min(figures["epochs"], figures["epochs_heard"]) <= KILLS:
        wrong.append("hardly a master was seen: nothing was shown")
    for name in ("two_masters", "stale_heartbeats", "fe_exits", "inconsistent_tablets", "own_writes_unseen",
                 "changes_made_without_quorum", "changes_refused_without_a_reason", "reads_not_answered_later"):
        if figures[name]:
            wrong.append(f"{name} is {figures[name]}, not 0")
    return wrong
