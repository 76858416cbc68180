"""What scripts/demo runs once everything is built."""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import backup
import failover
import metadata
import repair
import sql
from cluster import Cluster, ClusterError, S3Server
from etcd import Etcd
from replicated import ReplicatedCluster

ROOT = Path(__file__).resolve().parent.parent.parent
FLIGHTS = ROOT / ".venv" / "share" / "flights.csv"
EXPECTED_ROWS = 336_776


def say(text):
    print(f"{time.monotonic() - began:7.1f}s  {text}", flush=True)


began = time.monotonic()


def parse():
    parser = argparse.ArgumentParser(prog="scripts/demo")
    parser.add_argument("--bin", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--scenario", choices=["cooldown", "repair", "backup", "metadata", "failover", "sql"], default="cooldown")
    parser.add_argument("--keep", action="store_true", help="leave the cluster running")
    parser.add_argument("--tablets", type=int, default=100_000, help="of the scenario metadata")
    parser.add_argument("--json", metavar="FILE", help="write the figures")
    parser.add_argument("--s3-endpoint", metavar="URL", help="use this S3 instead of a local server")
    parser.add_argument("--s3-bucket", default="tablets")
    parser.add_argument("--s3-region", default="us-east-1")
    parser.add_argument("--debug-build", action="store_true")
    return parser.parse_args()


def start(arguments, folder):
    """Makes what the scenario needs: (clusters, a server besides them or None, a call that runs it and returns its figures)."""
    if arguments.scenario == "metadata":
        disk = metadata.SmallDisk(folder / "disk", 256)
        cluster = Cluster(
            arguments.bin, folder=folder, be_settings=metadata.BE_SETTINGS,
            fe_settings={**metadata.FE_SETTINGS, "meta_dir": folder / "disk" / "meta"})
        return [cluster], disk, metadata.MetadataDemo(cluster, disk, arguments.tablets, say).run
    if arguments.scenario == "repair":
        if arguments.s3_endpoint:
            say("this scenario needs no S3: --s3-endpoint is not used")
        cluster = Cluster(arguments.bin, folder=folder, be_settings=repair.BE_SETTINGS, fe_settings=repair.FE_SETTINGS)
        cluster.backends[2].settings.update(repair.INJURED_BE_SETTINGS)
        return [cluster], None, lambda: repair.RepairDemo(cluster, FLIGHTS, say).run()
    if arguments.scenario == "failover":
        etcd = Etcd(folder / "etcd").start()
        cluster = ReplicatedCluster(arguments.bin, etcd, folder=folder, fe_settings=failover.FE_SETTINGS)
        return [cluster], etcd, failover.FailoverDemo(cluster, say).run
    server, endpoint, bucket, keys = storage(arguments, folder)
    say(f"S3 is {endpoint}")
    if arguments.scenario == "backup":
        clusters = [Cluster(arguments.bin, folder=folder / name) for name in ("first", "second")]
        for cluster in clusters:
            backup.two_dirs(cluster)
        demo = backup.BackupDemo(*clusters, FLIGHTS, folder, endpoint, bucket, arguments.s3_region, keys, say)
        return clusters, server, demo.run
    if arguments.scenario == "sql":
        cluster = sql.SecureCluster(arguments.bin, folder)
        keys = keys or {name: os.environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        demo = sql.SQLDemo(cluster, FLIGHTS, endpoint, bucket, arguments.s3_region, keys, say)
        return [cluster], server, demo.run
    cluster = Cluster(arguments.bin, folder=folder)
    return [cluster], server, lambda: run(cluster, arguments, endpoint, bucket, keys)


def storage(arguments, folder):
    """The S3 to cool to: (server or None, endpoint, bucket, environment with its keys)."""
    if arguments.s3_endpoint:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            if name not in os.environ:
                raise ClusterError(f"--s3-endpoint needs the environment variable {name}")
        return None, arguments.s3_endpoint, arguments.s3_bucket, {}
    server = S3Server(str(ROOT / ".venv" / "bin" / "rclone"), folder / "s3").start()
    keys = {"AWS_ACCESS_KEY_ID": server.access_key, "AWS_SECRET_ACCESS_KEY": server.secret_key}
    return server, server.endpoint, server.bucket, keys


def run(cluster, arguments, endpoint, bucket, keys):
    ctl, ctl_json = cluster.ctl, cluster.ctl_json
    for backend in cluster.backends:
        ctl("add-backend", f"127.0.0.1:{backend.ports['heartbeat_service_port']}", "--wait")
    alive = ctl_json("status")["aliveBackends"]
    say(f"{alive} backends are alive")

    ctl("create-table", "flights", "--columns-from", FLIGHTS, "--buckets", 8, "--replicas", 3, "--distribute-by", "tailnum")
    table = ctl_json("table", "flights")
    say(f"table flights: {table['buckets']} tablets, {table['replicaCount']} replicas")

    load = ctl_json("load", "flights", "--file", FLIGHTS, "--delimiter", ",", "--skip-header")
    say(f"loaded {load['rowCount']:,} rows ({load['bytes']:,} bytes), version {load['version']} is visible")
    wanted = ctl_json("checksum", "--file", FLIGHTS, "--skip-header")
    local = ctl_json("read", "flights", "--checksum")
    if local != wanted:
        raise ClusterError(f"the rows read from local disks are {local}, the file has {wanted}")
    say(f"read back from local disks: {local['rows']:,} rows, checksum {local['checksum']}")

    ctl("create-resource", "cold", "--endpoint", endpoint, "--bucket", bucket, "--region", arguments.s3_region,
        "--root-path", "demo", env=keys)
    ctl("create-policy", "at-once", "--resource", "cold", "--ttl", 0)
    ctl("attach-policy", "flights", "at-once")
    say("storage policy attached; one replica of each tablet uploads, two follow")
    ctl("cooldown", "--wait", "flights", "--timeout", 300)
    table = ctl_json("table", "flights")
    say(f"{table['coldReplicaCount']} of {table['replicaCount']} replicas are cold, {table['remoteBytes']:,} bytes in S3")

    back = ctl_json("read", "flights", "--followers", "--checksum")
    say(f"read back from S3 through followers: {back['rows']:,} rows, checksum {back['checksum']}")

    uploads = sum(cluster.metric(backend, "tabletd_be_cooldown_uploaded_rowsets_total") for backend in cluster.backends)
    objects = sum(cluster.metric(backend, "tabletd_be_cooldown_uploaded_objects_total") for backend in cluster.backends)
    tablets = ctl_json("tablets", "flights")
    rowsets = sum(max(replica["versionCount"] for replica in tablet["replicas"]) for tablet in tablets)
    return {
        "backends_alive": alive,
        "tablets": len(tablets),
        "replicas": table["replicaCount"],
        "replicas_cold": table["coldReplicaCount"],
        "rowsets": rowsets,
        "uploads_per_rowset": exact(uploads / rowsets),
        "objects_uploaded": exact(objects),
        "bytes_loaded": load["bytes"],
        "bytes_remote": table["remoteBytes"],
        "rows_loaded": load["rowCount"],
        "rows_read_back": back["rows"],
        "checksum": back["checksum"],
        "checksum_match": back == wanted,
        "seconds": round(time.monotonic() - began, 1),
    }


def exact(number):
    return int(number) if float(number).is_integer() else number


def judge(figures):
    wrong = []
    if figures["rows_loaded"] != EXPECTED_ROWS:
        wrong.append(f"{figures['rows_loaded']} rows were loaded, not {EXPECTED_ROWS}")
    if figures["rows_read_back"] != figures["rows_loaded"] or not figures["checksum_match"]:
        wrong.append("the rows read back are not the rows loaded")
    if figures["uploads_per_rowset"] != 1:
        wrong.append(f"{figures['uploads_per_rowset']} uploads a rowset instead of 1")
    if figures["replicas_cold"] != figures["replicas"]:
        wrong.append(f"only {figures['replicas_cold']} of {figures['replicas']} replicas are cold")
    return wrong


def explain_keep(cluster, server):
    binaries = cluster.binaries
    print(f"\nThe cluster is running in {cluster.folder}:")
    for frontend in cluster.frontends:
        print(f"  {frontend.name}  http://127.0.0.1:{frontend.ports['http_port']}   pid {frontend.process.pid}")
    for backend in cluster.backends:
        print(f"  {backend.name}  http://127.0.0.1:{backend.ports['webserver_port']}   pid {backend.process.pid}")
    if isinstance(server, S3Server):
        print(f"  S3   {server.endpoint}   pid {server.process.pid}")
    if isinstance(server, Etcd):
        for member in server.members:
            print(f"  {member.name}  http://{member.address}   pid {member.process.pid}")
    print("Try:")
    print(f"  export TABLETD_FE={cluster.fe_option}")
    for words in ("backends", "tables", "table flights", "cooldown", "scheduler", "read flights | head -3"):
        print(f"  {binaries}/tabletctl {words}")
    servers = [server] if isinstance(server, S3Server) else server.members if isinstance(server, Etcd) else []
    pids = [process.process.pid for process in [*cluster.daemons, *servers]]
    print(f"Stop it with: kill {' '.join(map(str, pids))}")


def main():
    arguments = parse()
    folder = Path(tempfile.mkdtemp(prefix="tabletd-demo-"))
    server, clusters, kept = None, [], False
    judges = {"cooldown": judge, "repair": repair.judge, "backup": backup.judge, "metadata": metadata.judge,
              "failover": failover.judge, "sql": sql.judge}
    try:
        clusters, server, scenario = start(arguments, folder)
        for cluster in clusters:
            cluster.start()
            say(f"{len(cluster.frontends)} FE and {len(cluster.backends)} BEs run")
        figures = scenario()
        wrong = judges[arguments.scenario](figures)
        print(json.dumps(figures, indent=2))
        if arguments.json:
            Path(arguments.json).write_text(json.dumps(figures, indent=2) + "\n")
        if wrong:
            raise ClusterError("; ".join(wrong))
        if arguments.keep:
            kept = True
            for cluster in clusters:
                explain_keep(cluster, server)
        else:
            for cluster in clusters:
                cluster.stop()
            say("stopped; all is well")
    except (ClusterError, KeyboardInterrupt) as error:
        print(f"scripts/demo: {error or 'interrupted'}\nlogs are in {folder}", file=sys.stderr)
        kill(clusters, server)
        return 1
    except BaseException:
        # Whatever it is: no process stays behind.
        kill(clusters, server)
        raise
    finally:
        if server and not kept:
            server.stop()
    if not kept:
        shutil.rmtree(folder)
    return 0


def kill(clusters, server):
    for daemon in [daemon for cluster in clusters for daemon in cluster.daemons]:
        if daemon.process and daemon.process.poll() is None:
            daemon.kill()
    if server:
        server.stop()


sys.exit(main())
