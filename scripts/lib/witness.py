"""Whether two frontends ever led at once, as they say themselves and as their backends heard it."""

import json
import re
import threading
import time

from cluster import call
from replicated import LOCAL

PAUSE_BETWEEN_LOOKS = 0.05

BEGUN = re.compile(r"this FE is the master .*?\bepoch=(\d+)")
HEARD = re.compile(r"new master .*?\bepoch=(\d+) .*?\bmaster=\S*?:(\d+)")
STALE = re.compile(r"heartbeat refused .*is not greater than epoch")


class Witness(threading.Thread):
    """Asks one frontend over and over whether it acts, and in which epoch."""

    def __init__(self, cluster, frontend):
        super().__init__(daemon=True)
        self.cluster, self.frontend = cluster, frontend
        # (asked, answered, epoch) of each answer as a master.
        self.seen = []
        self.ending = threading.Event()

    def run(self):
        while not self.ending.wait(PAUSE_BETWEEN_LOOKS):
            before = self.epoch()
            asked = time.monotonic()
            if before is not None and self.cluster.acts(self.frontend):
                answered = time.monotonic()
                # Of a master that was deposed meanwhile nothing is known.
                if self.epoch() == before:
                    self.seen.append((asked, answered, before))

    def epoch(self):
        answer = call(self.cluster.address(self.frontend), "GET", "/api/status", headers=LOCAL, timeout=1)
        return json.loads(answer[2])["epoch"] if answer and answer[0] == 200 else None

    def stop(self):
        self.ending.set()
        self.join(30)


def contradictions(witnesses):
    """Answers of an epoch that were given after one of a later epoch, and epochs of two frontends: as sentences."""
    answers = sorted(
        ((asked, answered, epoch, witness.frontend.name) for witness in witnesses for asked, answered, epoch in witness.seen),
        key=lambda answer: answer[1])
    found, owners = [], {}
    for _, _, epoch, name in answers:
        if owners.setdefault(epoch, name) != name:
            found.append(f"{name} and {owners[epoch]} both acted in epoch {epoch}")
    for asked, _, epoch, name in answers:
        later = next(((other, its) for _, answered, its, other in answers if answered < asked and its > epoch), None)
        if later:
            found.append(f"{name} acted in epoch {epoch} after {later[0]} had in epoch {later[1]}")
    return found


def read_logs(cluster):
    """(epochs begun, how often a backend took one up, what is wrong with them, heartbeats of deposed masters that were refused)"""
    begun, heard, wrong, stale = {}, 0, [], 0
    for frontend in cluster.frontends:
        for epoch in map(int, BEGUN.findall(frontend.log.read_text(errors="replace"))):
            if epoch in begun:
                wrong.append(f"epoch {epoch} was begun by {begun[epoch].name} and by {frontend.name}")
            begun[epoch] = frontend
    for backend in cluster.backends:
        text = backend.log.read_text(errors="replace")
        stale += len(STALE.findall(text))
        newest = 0
        for epoch, port in ((int(epoch), int(port)) for epoch, port in HEARD.findall(text)):
            if epoch <= newest:
                wrong.append(f"{backend.name} took epoch {epoch} after epoch {newest}")
            newest = epoch
            heard += 1
            if epoch not in begun or int(begun[epoch].settings["rpc_port"]) != port:
                wrong.append(f"{backend.name} heard epoch {epoch} from port {port}, whose epoch it is not")
    return sorted(begun), heard, wrong, stale
