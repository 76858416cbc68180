"""Starts and stops a tabletd cluster and an S3 server on loopback, each process in a folder of its own."""

import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path


class ClusterError(Exception):
    pass


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def steady_port():
    """One that no outgoing connection is given: still free when what listened there was killed and starts again."""
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for port in random.sample(range(10_000, lowest), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise ClusterError(f"no port between 10000 and {lowest} is free")


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def call(address, method, path, body=None, headers=None, timeout=60):
    """One HTTP request: (status, headers, body), or None when no answer came."""
    connection = http.client.HTTPConnection(address, timeout=timeout)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def wait_for(what, condition, seconds, process=None, log=None):
    """Waits until condition() is true; says what it waited for when it never is."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if process is not None and process.poll() is not None:
            raise ClusterError(f"{what}: the process ended with {process.returncode}; its log ends in\n{tail(log)}")
        if time.monotonic() > deadline:
            raise ClusterError(f"{what}: not within {seconds} s" + (f"; its log ends in\n{tail(log)}" if log else ""))
        time.sleep(0.05)


def tail(path, lines=20):
    try:
        return "\n".join(Path(path).read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"


class Daemon:
    """One process with a configuration, a log and a file that tells its ports."""

    def __init__(self, name, binary, folder, settings):
        self.name, self.binary, self.folder = name, binary, Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = self.folder / f"{name}.log"
        self.ports_file = self.folder / "ports.json"
        self.config = self.folder / f"{name}.conf"
        self.settings = dict(settings, ports_file=str(self.ports_file))
        self.process = None
        self.ports = {}

    def start(self, *arguments):
        self.config.write_text("".join(f"{key} = {value}\n" for key, value in self.settings.items()))
        self.ports_file.unlink(missing_ok=True)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "--config", str(self.config), *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for(f"start of {self.name}", self.ports_file.exists, 60, self.process, self.log)
        self.ports = json.loads(self.ports_file.read_text())
        # The next start must find the same ports: the FE knows a BE by them.
        for key, value in self.ports.items():
            self.settings[key] = value
        return self

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    @property
    def has_ended(self):
        return self.process.poll() is not None

    def stop(self, seconds=20):
        if self.process is None or self.process.poll() is not None:
            return self.process.returncode if self.process else None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ClusterError(f"{self.name} did not end within {seconds} s of SIGTERM; its log ends in\n{tail(self.log)}")


class S3Server:
    """`rclone serve s3` over a folder, with keys made for it; it checks signatures."""

    access_key, secret_key, bucket = "demo-access", "demo-secret-key", "tablets"

    def __init__(self, rclone, folder):
        self.rclone, self.folder = rclone, Path(folder)
        (self.folder / "objects" / self.bucket).mkdir(parents=True, exist_ok=True)
        self.log = self.folder / "s3.log"
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.rclone, "serve", "s3", "--auth-key", f"{self.access_key},{self.secret_key}",
                 "--addr", f"127.0.0.1:{self.port}", "--config", os.devnull, str(self.folder / "objects")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for("start of the S3 server", lambda: is_listening(self.port), 30, self.process, self.log)
        return self

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


# Short intervals: a demo should not wait a minute for the next report.
FAST_BE = {
    "report_task_interval_seconds": 1,
    "report_disk_state_interval_seconds": 1,
    "report_tablet_interval_seconds": 1,
    "report_jitter_ms": 100,
    "storage_refresh_storage_policy_task_interval_seconds": 1,
    "generate_cooldown_task_interval_sec": 1,
}
FAST_FE = {"heartbeat_interval_second": 1, "cooldown_job_interval_seconds": 1}


class Cluster:
    """One FE and some BEs under a temporary folder."""

    def __init__(self, binaries, backends=3, folder=None, be_settings=None, fe_settings=None):
        self.binaries = Path(binaries)
        self.folder = Path(folder or tempfile.mkdtemp(prefix="tabletd-"))
        self.owns_folder = folder is None
        self.frontends = self.make_frontends(fe_settings or {})
        self.backends = [
            Daemon(f"be{number}", self.binaries / "tabletd-be", self.folder / f"be{number}", {
                "storage_root_path": self.folder / f"be{number}" / "storage", "heartbeat_service_port": 0,
                "be_port": 0, "webserver_port": 0, "bind_host": "127.0.0.1",
                **FAST_BE, **(be_settings or {})})
            for number in range(1, backends + 1)]

    def make_frontends(self, settings):
        return [self.make_frontend("fe", {"http_port": 0, "rpc_port": 0, "query_port": 0, **settings})]

    def make_frontend(self, name, settings):
        folder = self.folder / name
        return Daemon(name, self.binaries / "tabletd-fe", folder, {
            "meta_dir": folder / "meta", "load_spool_dir": folder / "spool", "advertised_host": "127.0.0.1",
            "bind_host": "127.0.0.1", "allow_replica_on_same_host": "true", **FAST_FE, **settings})

    def start(self):
        self.start_backends()
        self.fe.start()
        return self

    def start_backends(self):
        for backend in self.backends:
            (backend.folder / "storage").mkdir(exist_ok=True)
            backend.start()

    @property
    def fe(self):
        """The first one."""
        return self.frontends[0]

    @property
    def daemons(self):
        return [*self.frontends, *self.backends]

    @property
    def fe_address(self):
        return f"127.0.0.1:{self.fe.ports['http_port']}"

    @property
    def fe_option(self):
        """Whom tabletctl asks."""
        return self.fe_address

    def ctl(self, *arguments, env=None, check=True, stdout=subprocess.PIPE):
        command = [str(self.binaries / "tabletctl"), *map(str, arguments), "--fe", self.fe_option]
        done = subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, env={**os.environ, **(env or {})})
        if check and done.returncode != 0:
            raise ClusterError(f"`tabletctl {' '.join(map(str, arguments))}` ended with {done.returncode}: {done.stderr.strip()}")
        return done

    def ctl_json(self, *arguments, env=None):
        return json.loads(self.ctl(*arguments, "--json", env=env).stdout)

    def get(self, path):
        """What the FE's HTTP API answers."""
        try:
            with urllib.request.urlopen(f"http://{self.fe_address}{path}", timeout=30) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise ClusterError(f"GET {path} of the FE: {error.code} {error.read().decode(errors='replace').strip()}")
        except OSError as error:
            raise ClusterError(f"GET {path} of the FE: {error}")

    def answers(self, url):
        """Whether a server answers with success."""
        try:
            with urllib.request.urlopen(url, timeout=5):
                return True
        except OSError:
            return False

    def metric(self, backend, name):
        """Sum of a metric over its labels, as the BE's /metrics shows it."""
        url = f"http://127.0.0.1:{backend.ports['webserver_port']}/metrics"
        with urllib.request.urlopen(url, timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        values = [float(line.rsplit(" ", 1)[1]) for line in lines if line.split("{")[0].split(" ")[0] == name]
        return sum(values)

    def stop(self):
        errors = []
        for daemon in self.daemons:
            try:
                code = daemon.stop()
                if code not in (0, None):
                    errors.append(f"{daemon.name} ended with {code}; its log ends in\n{tail(daemon.log)}")
            except ClusterError as error:
                errors.append(str(error))
        if errors:
            raise ClusterError("\n".join(errors))
        if self.owns_folder:
            shutil.rmtree(self.folder)
