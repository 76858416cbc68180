"""An etcd cluster on loopback, each member a process in a folder of its own."""

import shutil
import signal
import subprocess
from pathlib import Path

from cluster import ClusterError, call, steady_port, tail, wait_for


class Member:
    def __init__(self, name, folder):
        self.name, self.folder = name, Path(folder) / name
        self.folder.mkdir(parents=True)
        self.log = self.folder / f"{name}.log"
        self.client_port, self.peer_port = steady_port(), steady_port()
        self.process = None

    @property
    def address(self):
        return f"127.0.0.1:{self.client_port}"

    @property
    def peer_url(self):
        return f"http://127.0.0.1:{self.peer_port}"

    def start(self, program, members):
        client_url = f"http://{self.address}"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [program, "--name", self.name, "--data-dir", str(self.folder / "data"),
                 "--listen-client-urls", client_url, "--advertise-client-urls", client_url,
                 "--listen-peer-urls", self.peer_url, "--initial-advertise-peer-urls", self.peer_url,
                 "--initial-cluster", ",".join(f"{member.name}={member.peer_url}" for member in members)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def is_healthy(self):
        answer = call(self.address, "GET", "/health", timeout=5)
        return answer is not None and answer[0] == 200

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Etcd:
    """Three members: two of them are a quorum."""

    def __init__(self, folder):
        self.members = [Member(f"etcd{number}", folder) for number in (1, 2, 3)]

    @property
    def endpoints(self):
        return [f"http://{member.address}" for member in self.members]

    def start(self):
        program = shutil.which("etcd")
        if program is None:
            raise ClusterError("there is no program `etcd`: install it (`apt-get install etcd-server`)")
        try:
            for member in self.members:
                member.start(program, self.members)
            for member in self.members:
                wait_for(f"start of {member.name}", member.is_healthy, 30, member.process, member.log)
        except BaseException:
            self.stop()
            raise
        return self

    def lose_quorum(self):
        """Two members hang: they take connections, and answer nothing."""
        for member in self.members[1:]:
            member.pause()

    def regain_quorum(self):
        for member in self.members[1:]:
            member.resume()

    def check(self):
        for member in self.members:
            if member.process.poll() is not None:
                raise ClusterError(f"{member.name} ended with {member.process.returncode}; its log ends in\n{tail(member.log)}")

    def stop(self):
        for member in self.members:
            member.stop()
