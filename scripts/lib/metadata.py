"""scripts/demo --scenario metadata: a frontend of many tablets is killed and its disk filled while its metadata is edited."""

import ctypes
import json
import os
import random
import threading
import time

from cluster import ClusterError, call, wait_for

KILLS = 20
EDITORS = 4
# An image every so often, so that some kills meet one that is being written.
BE_SETTINGS = {"report_tablet_interval_seconds": 10}
FE_SETTINGS = {"checkpoint_interval_seconds": 5, "sys_log_level": "WARNING"}


class SmallDisk:
    """A file system in memory that can be filled to the last byte."""

    def __init__(self, path, megabytes):
        self.path = path
        path.mkdir(parents=True)
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.mounted = self.libc.mount(b"tmpfs", os.fsencode(path), b"tmpfs", 0, f"size={megabytes}m".encode()) == 0

    def fill(self):
        filler = os.open(self.path / "filler", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            for size in (1 << 20, 1 << 16, 4096, 64, 1):
                try:
                    while os.write(filler, b"\7" * size) > 0:
                        pass
                except OSError:
                    pass
        finally:
            os.close(filler)

    def free(self):
        (self.path / "filler").unlink()

    def stop(self):
        if self.mounted:
            self.libc.umount2(os.fsencode(self.path), 2)
        self.mounted = False


class Editor(threading.Thread):
    """Makes and drops databases, one edit after the other, and remembers what was acknowledged."""

    def __init__(self, number, cluster, may_edit):
        super().__init__(daemon=True)
        self.number, self.cluster, self.may_edit = number, cluster, may_edit
        self.random = random.Random(number)
        # By name: whether it was last acknowledged as there. One whose last edit was not answered is in nobody's list.
        self.acknowledged = {}
        self.edits = self.unanswered = self.refused = 0
        self.ending = threading.Event()
        self.failure = None

    def run(self):
        try:
            number = 0
            while not self.ending.is_set():
                self.may_edit.wait()
                number += 1
                there = [name for name, is_there in self.acknowledged.items() if is_there]
                if len(there) > 50 and self.random.random() < 0.5:
                    name = self.random.choice(there)
                    self.edit(name, False, "DELETE", f"/api/databases/{name}", None)
                else:
                    name = f"d{self.number}_{number}"
                    self.edit(name, True, "POST", "/api/databases", {"name": name})
        except Exception as error:
            self.failure = error

    def edit(self, name, is_there, method, path, body):
        status = self.send(method, path, body)
        if status is None or status >= 500 and status != 503:
            # Nobody said what became of it.
            self.acknowledged.pop(name, None)
            self.unanswered += 1
            time.sleep(0.05)
        elif status < 300:
            self.acknowledged[name] = is_there
            self.edits += 1
        elif status == 503:
            # Either nothing was written, or the outcome is not known: it counts for neither.
            self.acknowledged.pop(name, None)
            self.refused += 1
            time.sleep(0.05)
        else:
            raise ClusterError(f"{method} {path} answered {status}")

    def send(self, method, path, body):
        data = json.dumps(body) if body is not None else None
        answer = call(self.cluster.fe_address, method, path, data, {"Content-Type": "application/json"})
        return answer[0] if answer else None


class MetadataDemo:
    def __init__(self, cluster, disk, tablets, say):
        self.cluster, self.disk, self.tablets, self.say = cluster, disk, tablets, say
        self.may_edit = threading.Event()
        self.may_edit.set()
        self.random = random.Random(7)
        self.restarts = []
        self.exits = 0

    def run(self):
        cluster, say = self.cluster, self.say
        for backend in cluster.backends:
            cluster.ctl("add-backend", f"127.0.0.1:{backend.ports['heartbeat_service_port']}", "--wait")
        began = time.monotonic()
        cluster.ctl("create-table", "big", "--buckets", self.tablets, "--replicas", 3, "--distribute-by", 1, "--timeout", 1800)
        seconds = time.monotonic() - began
        say(f"{self.tablets:,} tablets of three replicas made in {seconds:.1f} s, {self.tablets * 3 / seconds:,.0f} replicas/s")

        editors = [Editor(number, cluster, self.may_edit) for number in range(EDITORS)]
        for editor in editors:
            editor.start()
        self.checkpoint_under_load(editors)
        for number in range(KILLS):
            time.sleep(self.random.uniform(0.05, 2.5))
            self.kill(editors, number)
        disk_was_filled = self.fill_disk(editors)
        self.pause(editors)
        time.sleep(0.2)
        for editor in editors:
            editor.ending.set()
        self.may_edit.set()
        for editor in editors:
            editor.join(120)
        self.check(editors)
        # What counts is what is there after one more start.
        self.restart()
        return self.figures(editors, seconds, disk_was_filled)

    def checkpoint_under_load(self, editors):
        before = sum(editor.edits for editor in editors)
        began = time.monotonic()
        self.cluster.ctl("checkpoint")
        self.wait_for_edits(editors, 10)
        made = sum(editor.edits for editor in editors) - before
        self.say(f"an image was written while {made} edits were made, in {time.monotonic() - began:.1f} s")

    def kill(self, editors, number):
        self.check(editors)
        if self.cluster.fe.process.poll() is not None:
            self.exits += 1
        self.restart()
        self.wait_for_edits(editors, 5)
        self.say(f"killed {number + 1} of {KILLS}: it served again within {self.restarts[-1]:.2f} s")

    def restart(self, is_ready=True):
        if self.cluster.fe.process.poll() is None:
            self.cluster.fe.kill()
        began = time.monotonic()
        self.cluster.fe.start()
        page = "health" if is_ready else "status"
        wait_for("the metadata", lambda: self.cluster.answers(f"http://{self.cluster.fe_address}/api/{page}"), 60)
        self.restarts.append(time.monotonic() - began)

    def fill_disk(self, editors):
        if not self.disk.mounted:
            self.say("the disk is not filled: this user may not mount a file system")
            return False
        self.disk.fill()
        # The journal has room of its own for a while: a start on the full disk has none.
        self.restart(is_ready=False)
        wait_for("changes to be refused", lambda: not self.status()["isReady"], 60)
        self.say(f"killed, and the disk is full: it serves reads and says {self.status()['metadataTrouble']['reason']}")
        time.sleep(2)
        if self.cluster.fe.process.poll() is not None:
            self.exits += 1
            raise ClusterError("the FE ended on a full disk")
        self.disk.free()
        wait_for("changes to be taken again", lambda: self.status()["isReady"], 90)
        self.wait_for_edits(editors, 10)
        self.say("room again: changes are taken, by itself")
        return True

    def status(self):
        return self.cluster.get("/api/status")

    def pause(self, editors):
        self.may_edit.clear()

    def check(self, editors):
        for editor in editors:
            if editor.failure:
                raise ClusterError(f"an editor failed: {editor.failure}")

    def wait_for_edits(self, editors, count):
        target = sum(editor.edits for editor in editors) + count

        def enough():
            self.check(editors)
            return sum(editor.edits for editor in editors) >= target
        wait_for(f"{count} more edits", enough, 60)

    def figures(self, editors, seconds, disk_was_filled):
        found = {database["name"] for database in self.cluster.get("/api/databases")}
        wanted = {name: is_there for editor in editors for name, is_there in editor.acknowledged.items()}
        lost = [name for name, is_there in wanted.items() if (name in found) != is_there]
        status = self.status()
        return {
            "tablets": status["tablets"],
            "replicas": status["replicas"],
            "create_replicas_per_s": round(self.tablets * 3 / seconds),
            "kills": KILLS,
            "disk_filled": disk_was_filled,
            "edits_made": sum(editor.edits for editor in editors),
            "edits_unanswered": sum(editor.unanswered for editor in editors),
            "edits_refused": sum(editor.refused for editor in editors),
            "edits_acknowledged": len(wanted),
            "edits_present": len(wanted) - len(lost),
            "edits_lost": len(lost),
            "max_restart_seconds": round(max(self.restarts), 2),
            "exits_by_itself": self.exits,
        }


def judge(figures):
    wrong = []
    if figures["edits_lost"] or figures["edits_acknowledged"] != figures["edits_present"]:
        wrong.append(f"{figures['edits_lost']} acknowledged edits are lost")
    if figures["exits_by_itself"]:
        wrong.append(f"the FE ended by itself {figures['exits_by_itself']} times")
    if figures["edits_made"] < 10 * figures["kills"]:
        wrong.append("hardly an edit was made: nothing was shown")
    return wrong
