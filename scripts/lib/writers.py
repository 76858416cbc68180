"""Who goes on writing to a cluster while its frontends come and go, and remembers what was acknowledged."""

import itertools
import json
import threading
import time
from urllib.parse import urlsplit

from cluster import ClusterError, call

ROWS_OF_A_LOAD = 20
# Of the writes, so that a person can follow.
PAUSE_BETWEEN_WRITES = 0.05
PAUSE_BEFORE_REPEATING = 0.1
# How long an answer is waited for: of a frontend that hangs none comes.
LOAD_SECONDS = 5
CHANGE_SECONDS = 2


class Ledger:
    """When writes were acknowledged."""

    def __init__(self):
        self.lock = threading.Lock()
        self.moments = []

    def add(self):
        with self.lock:
            self.moments.append(time.monotonic())

    def count(self):
        with self.lock:
            return len(self.moments)

    def longest_gap(self, since, until):
        """From one acknowledged write to the next: the longest one that touches the span."""
        with self.lock:
            moments = sorted(self.moments)
        gaps = [later - one for one, later in zip(moments, moments[1:]) if later > since and one < until]
        return max(gaps, default=0)


class Writer(threading.Thread):
    """Makes one write after the other; each is repeated, at one frontend after the other, until it was acknowledged once."""

    def __init__(self, name, cluster, ledger, first=0):
        """`first`: the number of the frontend that is asked first."""
        super().__init__(daemon=True, name=name)
        self.cluster, self.ledger = cluster, ledger
        addresses = [cluster.address(frontend) for frontend in cluster.frontends]
        self.addresses = itertools.cycle(addresses[first:] + addresses[:first])
        self.acknowledged = []
        self.own = Ledger()
        self.repeated = 0
        self.failure = None
        self.ending = threading.Event()

    def run(self):
        try:
            for number in itertools.count():
                while not self.write(number, next(self.addresses)):
                    self.repeated += 1
                    time.sleep(PAUSE_BEFORE_REPEATING)
                self.acknowledged.append(number)
                self.own.add()
                self.ledger.add()
                if self.ending.wait(PAUSE_BETWEEN_WRITES):
                    return
        except Exception as error:
            # Of any kind: a writer that ended unseen would leave the rest waiting for writes that never come.
            self.failure = error

    def write(self, number, address):
        """Whether it was acknowledged. Asked again, the same write must not count twice."""
        raise NotImplementedError

    def stop(self):
        """No write is under way any more."""
        self.ending.set()
        self.join(120)
        self.check()
        if self.is_alive():
            raise ClusterError(f"a write of {self.name} does not end")

    def check(self):
        if self.failure:
            raise ClusterError(f"{self.name} ended: {self.failure}") from self.failure


class Loader(Writer):
    """Loads some rows each time; a label is never loaded twice."""

    def __init__(self, cluster, ledger, table):
        super().__init__(f"loader of {table}", cluster, ledger)
        self.table = table

    def rows(self, number):
        return "".join(f"{number},{row},{self.table}-{number}-{row}\n" for row in range(ROWS_OF_A_LOAD))

    def write(self, number, address):
        label = f"{self.table}-{number}"
        answer = self.send(label, self.rows(number), address)
        if answer is None:
            return False
        status, _, body = answer
        if status == 200:
            return json.loads(body)["state"] == "visible"
        if status == 409:
            return self.is_visible(label, address)
        if status in (307, 503):
            return False
        raise ClusterError(f"load {label} was answered with {status}: {body.decode(errors='replace')}")

    def send(self, label, rows, address):
        path = f"/api/default/{self.table}/_stream_load"
        headers = {"label": label, "column_separator": ",", "skip_lines": "0", "timeout": "60"}
        answer = call(address, "PUT", path, rows, headers, timeout=LOAD_SECONDS)
        if answer is None or answer[0] != 307:
            return answer
        # The rows go to the master itself.
        master = urlsplit(answer[1]["Location"]).netloc
        return call(master, "PUT", path, rows, headers, timeout=LOAD_SECONDS)

    def is_visible(self, label, address):
        answer = call(address, "GET", "/api/loads", timeout=5)
        if answer is None or answer[0] != 200:
            return False
        return any(load["label"] == label and load["state"] == "visible" for load in json.loads(answer[2]))


class Editor(Writer):
    """Makes databases, and looks whether the frontend that acknowledged one has it."""

    def __init__(self, number, cluster, ledger):
        super().__init__(f"editor {number}", cluster, ledger, first=number)
        self.number = number
        self.unseen = 0

    def database(self, number):
        return f"d{self.number}_{number}"

    def write(self, number, address):
        answer = create_database(address, self.database(number), CHANGE_SECONDS)
        if answer is None or answer[0] == 503:
            return False
        status, headers, body = answer
        if status == 409:
            # The name is nobody else's: an earlier try was carried out, and its answer was lost.
            return True
        if status >= 300:
            raise ClusterError(f"database {self.database(number)} was answered with {status}: {body.decode(errors='replace')}")
        self.look(address, int(headers["X-Tabletd-Log-Id"]))
        return True

    def look(self, address, log_id):
        replayed = self.cluster.replayed(address)
        if replayed is not None and replayed < log_id:
            self.unseen += 1


def create_database(address, name, timeout):
    return call(address, "POST", "/api/databases", json.dumps({"name": name}), {"Content-Type": "application/json"}, timeout)
