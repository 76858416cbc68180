"""Runs tabletd's benches, and rclone beside the uploads. See scripts/bench."""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cluster import S3Server

ROOT = Path(__file__).resolve().parents[2]
RCLONE = str(ROOT / ".venv" / "bin" / "rclone")
BENCHES = ["heartbeat", "submit", "report", "report-diff", "versions", "clone", "tasks", "metadata", "replicated",
           "sql-port", "sql", "upload"]
# Name: objects, MiB in all, and what is counted a second.
SETS = {"1g": (1, 1024, "MiB"), "4m": (200, 800, "MiB"), "16k": (2000, 31.25, "objects")}


def measured(command, environment):
    """Seconds, and CPU seconds (user and system) of the process and all it waited for."""
    began = time.monotonic()
    process = subprocess.Popen(
        command, env=dict(os.environ, **environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"bench: {' '.join(command)} ended with {process.returncode}:\n{output}")
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime


class Uploads:
    """Both clients in turn, each run against a server that was just started and holds nothing."""

    def __init__(self, bench, runs, folder):
        self.bench, self.runs, self.folder = bench, runs, Path(folder)
        self.files = self.folder / "files"

    def run(self):
        subprocess.run(
            [self.bench, "upload", "--prepare", "--files", self.files, "--s3-endpoint", "-", "--s3-bucket", "-"],
            check=True)
        samples = {(client, name): [] for client in ("tabletd", "rclone") for name in SETS}
        for run in range(self.runs):
            for name in ("16k", "4m", "1g"):
                # Who goes first changes with every run.
                for client in ("tabletd", "rclone") if run % 2 == 0 else ("rclone", "tabletd"):
                    samples[client, name].append(self.upload(client, name))
        return {key: tuple(statistics.median(column) for column in zip(*values)) for key, values in samples.items()}

    def upload(self, client, name):
        folder = Path(tempfile.mkdtemp(prefix="s3-", dir=self.folder))
        server = S3Server(RCLONE, folder).start()
        try:
            return self.by_tabletd(server, name) if client == "tabletd" else self.by_rclone(server, name)
        finally:
            server.stop()
            shutil.rmtree(folder)

    def by_tabletd(self, server, name):
        return measured(
            [self.bench, "upload", "--set", name, "--runs", "1", "--keep-objects", "--files", str(self.files),
             "--s3-endpoint", server.endpoint, "--s3-bucket", server.bucket],
            {"AWS_ACCESS_KEY_ID": server.access_key, "AWS_SECRET_ACCESS_KEY": server.secret_key})

    def by_rclone(self, server, name):
        return measured(
            [RCLONE, "copy", "--transfers", "16", "-q", str(self.files / name), f"bench:{server.bucket}/bench"],
            {"RCLONE_CONFIG": os.devnull, "RCLONE_CONFIG_BENCH_TYPE": "s3", "RCLONE_CONFIG_BENCH_PROVIDER": "Rclone",
             "RCLONE_CONFIG_BENCH_ENDPOINT": server.endpoint,
             "RCLONE_CONFIG_BENCH_ACCESS_KEY_ID": server.access_key,
             "RCLONE_CONFIG_BENCH_SECRET_ACCESS_KEY": server.secret_key})


def upload_figures(medians):
    """The figures of the JSON file, ours by the names that `tabletd-bench upload` uses."""
    figures = {}
    for client, prefix in (("tabletd", ""), ("rclone", "rclone_")):
        for name, (objects, mib, unit) in SETS.items():
            seconds, cpu = medians[client, name]
            rate = f"mib_per_s_{name}" if unit == "MiB" else f"objects_per_s_{name}"
            figures[prefix + rate] = (mib if unit == "MiB" else objects) / seconds
            if unit == "MiB":
                figures[prefix + "client_cpu_s_per_gib" + ("" if name == "1g" else f"_{name}")] = cpu * 1024 / mib
            else:
                figures[prefix + f"client_cpu_s_per_1000_{name}"] = cpu * 1000 / objects
    return figures


def print_uploads(medians, runs):
    print(f"upload: medians of {runs} runs; whole processes, their start included")
    print(f"{'set':<14}{'tabletd':>17}{'rclone':>17}{'ratio':>8}{'CPU s':>9}{'rclone':>9}{'ratio':>8}  goal")
    for name, (objects, mib, unit) in SETS.items():
        (ours, our_cpu), (theirs, their_cpu) = medians["tabletd", name], medians["rclone", name]
        amount = mib if unit == "MiB" else objects
        speed, cpu = theirs / ours, our_cpu / their_cpu
        verdict = "reached" if speed >= 1 and cpu <= 0.5 else "missed"
        rates = [f"{amount / seconds:,.0f} {unit}/s" for seconds in (ours, theirs)]
        print(f"{name + ' × ' + format(objects, ','):<14}{rates[0]:>17}{rates[1]:>17}{speed:>8.2f}"
              f"{our_cpu:>9.2f}{their_cpu:>9.2f}{cpu:>8.2f}  speed ≥ 1, CPU ≤ 0.5: {verdict}")


def tasks(bench, runs, json_folder):
    """Agent tasks; the backup, and rclone by turns with it, against one server."""
    with tempfile.TemporaryDirectory(prefix="tabletd-bench-") as folder:
        server = S3Server(RCLONE, folder).start()
        try:
            command = [bench, "tasks", "--runs", str(runs), "--s3-endpoint", server.endpoint, "--s3-bucket",
                       server.bucket, "--rclone", RCLONE, "--folder", folder]
            if json_folder:
                command += ["--json", str(Path(json_folder, "tasks.json"))]
            environment = {"AWS_ACCESS_KEY_ID": server.access_key, "AWS_SECRET_ACCESS_KEY": server.secret_key}
            subprocess.run(command, env=dict(os.environ, **environment), check=True)
        finally:
            server.stop()


def machine(bench, folder):
    """As the other benches tell it: from the shortest of them."""
    path = Path(folder) / "machine.json"
    subprocess.run([bench, "report", "--tablets", "1", "--runs", "1", "--json", path], check=True,
                   stdout=subprocess.DEVNULL)
    return json.loads(path.read_text())["machine"]


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("--bench", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--runs", type=int, default=5, help="runs whose median counts (default 5)")
    parser.add_argument("--only", action="append", choices=BENCHES, help="only this bench; may be repeated")
    parser.add_argument("--json", metavar="FOLDER", help="write the figures there, a file a bench")
    arguments = parser.parse_args()
    if arguments.runs < 1:
        parser.error("--runs must be at least 1")
    if arguments.json:
        Path(arguments.json).mkdir(parents=True, exist_ok=True)
    for name in arguments.only or BENCHES:
        if name == "upload":
            with tempfile.TemporaryDirectory(prefix="tabletd-bench-") as folder:
                medians = Uploads(arguments.bench, arguments.runs, folder).run()
                print_uploads(medians, arguments.runs)
                if arguments.json:
                    result = {"bench": "upload", "figures": upload_figures(medians),
                              "machine": machine(arguments.bench, folder), "runs": arguments.runs}
                    Path(arguments.json, "upload.json").write_text(json.dumps(result, indent=2, sort_keys=True) + "\n")
        elif name == "tasks":
            tasks(arguments.bench, arguments.runs, arguments.json)
        else:
            command = [arguments.bench, name, "--runs", str(arguments.runs)]
            if arguments.json:
                command += ["--json", str(Path(arguments.json, f"{name}.json"))]
            subprocess.run(command, check=True)
        print(flush=True)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
