"""scripts/demo --scenario sql: the README's tour by statements of MariaDB's client, with users and TLS on."""

import os
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections import Counter

from certificates import Certificates
from cluster import Cluster, ClusterError

ROOT_PASSWORD, LOADER_PASSWORD, READER_PASSWORD = "the root of it", "l0ad", "re'ad"


class SecureCluster(Cluster):
    """One whose HTTP and SQL ports speak TLS alone, and whose root has a password."""

    def __init__(self, binaries, folder):
        self.certificates = Certificates(folder / "certificates")
        self.root_password = folder / "root.password"
        self.root_password.write_text(ROOT_PASSWORD + "\n")
        settings = self.certificates.settings("require")
        super().__init__(
            binaries, folder=folder, be_settings={**settings, "http_loopback_is_trusted": "false"},
            fe_settings={**settings, "initial_root_password_file": self.root_password})

    @property
    def fe_option(self):
        return f"https://{self.fe_address}"

    def ctl(self, *arguments, env=None, check=True, stdout=subprocess.PIPE):
        login = {"TABLETD_USER": "root", "TABLETD_PASSWORD": ROOT_PASSWORD,
                 "TABLETD_CA_FILE": str(self.certificates.ca)}
        return super().ctl(*arguments, env={**login, **(env or {})}, check=check, stdout=stdout)


class SQLDemo:
    def __init__(self, cluster, flights, endpoint, bucket, region, keys, say):
        self.cluster, self.flights, self.say = cluster, flights, say
        self.endpoint, self.bucket, self.region, self.keys = endpoint, bucket, region, keys
        self.statements = self.refused = 0
        self.surprises = []

    def client(self, text, user="root", password=ROOT_PASSWORD, tls=True):
        port = self.cluster.fe.ports["query_port"]
        secure = ["--ssl-verify-server-cert", f"--ssl-ca={self.cluster.certificates.ca}"] if tls else ["--skip-ssl"]
        return subprocess.run(
            ["mariadb", "-h127.0.0.1", f"-P{port}", f"-u{user}", *secure, "-N", "-B", "--quick", "-e", text],
            env={**os.environ, "MYSQL_PWD": password}, stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def sql(self, text, user="root", password=ROOT_PASSWORD):
        done = self.client(text, user, password)
        if done.returncode != 0:
            raise ClusterError(f"`{text}` by {user}: {done.stderr.strip()}")
        self.statements += 1
        return done.stdout

    def refuse(self, what, text, user, password, tls=True, because=""):
        """A statement that must not work, and say why."""
        done = self.client(text, user, password, tls)
        if done.returncode == 0 or because not in done.stderr:
            self.surprises.append(f"{what}: `{text}` by {user} ended with {done.returncode}: {done.stderr.strip()}")
        else:
            self.refused += 1

    def refuse_http(self, what, url, headers=None):
        context = ssl.create_default_context(cafile=str(self.cluster.certificates.ca))
        try:
            request = urllib.request.Request(url, headers=headers or {})
            with urllib.request.urlopen(request, context=context, timeout=10) as answer:
                self.surprises.append(f"{what}: {url} answered {answer.status}")
        except urllib.error.HTTPError as error:
            if error.code in (401, 403):
                self.refused += 1
            else:
                self.surprises.append(f"{what}: {url} answered {error.code}")

    def run(self):
        began = time.monotonic()
        self.make_cluster()
        self.make_table()
        self.load()
        match, rows = self.compare()
        self.cool()
        cold_match, _ = self.compare()
        self.change()
        self.knock()
        return {
            "statements": self.statements,
            "refused": self.refused,
            "refused_as_expected": not self.surprises,
            "surprises": self.surprises,
            "rows": rows,
            "rows_match": match and cold_match,
            "seconds": round(time.monotonic() - began, 1),
        }

    def make_cluster(self):
        addresses = [f"127.0.0.1:{backend.ports['heartbeat_service_port']}" for backend in self.cluster.backends]
        for address in addresses:
            self.sql(f"ALTER SYSTEM ADD BACKEND '{address}'")
        self.wait("three live backends", lambda: self.sql("SHOW BACKENDS").count("\ttrue\t") >= 3)
        for shard, address in enumerate(addresses, 1):
            self.sql(f"ALTER CLUSTER main ADD BACKENDS '{address}' TO SHARD {shard}")
        self.sql("SHOW CLUSTERS")
        self.sql("SHOW FRONTENDS")
        self.say("three backends, one in each shard of the cluster main")

    def make_table(self):
        names = self.flights.open(encoding="utf-8").readline().strip().split(",")
        columns = ", ".join(f"`{name}` VARCHAR(100)" for name in names)
        self.columns = names
        self.sql("CREATE DATABASE air")
        self.sql(f"CREATE TABLE air.flights ({columns}) DISTRIBUTED BY HASH(`tailnum`) BUCKETS 8 "
                 'PROPERTIES ("replication_num" = "3", "cluster" = "main")')
        for text in ("SHOW DATABASES", "SHOW TABLES FROM air", "DESC air.flights", "SHOW CREATE TABLE air.flights",
                     "SHOW TABLETS FROM air.flights", "SHOW PARTITIONS FROM air.flights"):
            if not self.sql(text):
                self.surprises.append(f"`{text}` has no rows")
        self.sql(f"CREATE USER loader IDENTIFIED BY '{LOADER_PASSWORD}'")
        self.sql("GRANT LOAD ON air.* TO loader")
        self.sql("CREATE USER reader IDENTIFIED BY 're\\'ad'")
        self.sql("GRANT READ ON air.* TO reader")
        self.say("a table, and two users: one loads, one reads")

    def load(self):
        done = self.cluster.ctl(
            "load", "air.flights", "--file", self.flights, "--delimiter", ",", "--skip-header", "--label", "tour",
            "--json", env={"TABLETD_USER": "loader", "TABLETD_PASSWORD": LOADER_PASSWORD})
        if done.returncode != 0:
            raise ClusterError(done.stderr)
        self.sql("SHOW LOAD FROM air")
        self.say("loaded over HTTPS, as loader")

    def compare(self):
        """Every row by SELECT, against the file: fields in any order of rows."""
        text = self.sql("SELECT * FROM air.flights", "reader", READER_PASSWORD)
        got = Counter(hash(",".join("" if field == "NULL" else field for field in line.split("\t")))
                      for line in text.splitlines())
        with self.flights.open(encoding="utf-8") as file:
            next(file)
            wanted = Counter(hash(line.rstrip("\n")) for line in file)
        count = int(self.sql("SELECT COUNT(*) FROM air.flights", "reader", READER_PASSWORD))
        rows = sum(got.values())
        self.say(f"SELECT gives {rows:,} rows" + ("" if got == wanted else ", which are not those of the file"))
        return got == wanted and count == rows, rows

    def cool(self):
        key, secret = self.keys["AWS_ACCESS_KEY_ID"], self.keys["AWS_SECRET_ACCESS_KEY"]
        self.sql('CREATE RESOURCE "cold" PROPERTIES ("type" = "s3", '
                 f'"s3.endpoint" = "{self.endpoint}", "s3.region" = "{self.region}", "s3.bucket" = "{self.bucket}", '
                 f'"s3.root.path" = "tour", "s3.access_key" = "{key}", "s3.secret_key" = "{secret}")')
        self.sql('CREATE STORAGE POLICY at_once PROPERTIES ("storage_resource" = "cold", "cooldown_ttl" = "0")')
        self.sql('ALTER TABLE air.flights SET ("storage_policy" = "at_once")')
        if secret in self.sql("SHOW RESOURCES") + self.sql("SHOW PROCESSLIST"):
            self.surprises.append("a secret is shown")
        self.cluster.ctl("cooldown", "--wait", "air.flights", "--timeout", 300)
        self.sql("SHOW COOLDOWN")
        self.sql("SHOW STORAGE POLICY")
        self.say("cold: rows now come from S3")

    def change(self):
        self.sql("DELETE FROM air.flights WHERE month = '1'", "loader", LOADER_PASSWORD)
        left = int(self.sql("SELECT COUNT(*) FROM air.flights WHERE month = '1'"))
        if left:
            self.surprises.append(f"{left} rows are left of a delete")
        for text in ("SHOW PROC '/'", "SHOW PROC '/backends'", "SHOW PROC '/dbs'", "SHOW PROC '/statistic'",
                     "SHOW PROC '/cluster_health/tablet_health'", "ADMIN SHOW REPLICA STATUS FROM air.flights",
                     "ADMIN SHOW REPLICA DISTRIBUTION FROM air.flights", "ADMIN SHOW FRONTEND CONFIG", "SHOW USERS",
                     "SHOW GRANTS FOR reader", "SHOW VARIABLES LIKE 'version%'", "SELECT @@version, DATABASE()",
                     "SHOW DATA FROM air.flights", "HELP CREATE TABLE"):
            self.sql(text)
        self.say("deleted, and looked at from all sides")

    def knock(self):
        """Whoever is not meant to be there."""
        self.refuse("a wrong password", "SELECT 1", "root", "wrong", because="ERROR")
        self.refuse("an empty password", "SELECT 1", "root", "", because="ERROR")
        self.refuse("nobody", "SELECT 1", "nobody", "x", because="ERROR")
        self.refuse("a plain connection", "SELECT 1", "root", ROOT_PASSWORD, tls=False, because="ERROR")
        for text in ("DROP TABLE air.flights", "CREATE DATABASE x", "SHOW BACKENDS", "DELETE FROM air.flights WHERE month = '2'",
                     "GRANT ADMIN ON *.* TO reader", "ALTER SYSTEM DECOMMISSION BACKEND '127.0.0.1:1'"):
            self.refuse("a reader", text, "reader", READER_PASSWORD, because="right")
        self.refuse("a loader", "DROP DATABASE air", "loader", LOADER_PASSWORD, because="right")
        self.refuse("what is not supported", "SELECT a FROM b JOIN c", "root", ROOT_PASSWORD, because="ERROR")
        fe = f"https://{self.cluster.fe_address}"
        be = f"https://127.0.0.1:{self.cluster.backends[0].ports['webserver_port']}"
        for url in (fe + "/api/backends", fe + "/api/users", be + "/api/tablets", be + "/varz"):
            self.refuse_http("nobody over HTTP", url)
        self.refuse_http("rows without a token", be + "/api/_tablet/_read?tablet_id=1&version=2")
        self.refuse_http("rows with a token of somebody's own", be + "/api/_tablet/_read?tablet_id=1&version=2",
                         {"token": "1893456000." + "0" * 64})
        self.say(f"{self.refused} were refused")
        for name in ("fe", "be1", "be2", "be3"):
            for daemon in self.cluster.daemons:
                if daemon.name == name:
                    log = daemon.log.read_text(errors="replace")
                    for secret in (ROOT_PASSWORD, LOADER_PASSWORD, self.keys["AWS_SECRET_ACCESS_KEY"]):
                        if secret in log:
                            self.surprises.append(f"a secret stands in {daemon.log}")

    @staticmethod
    def wait(what, condition, seconds=60):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise ClusterError(f"{what}: not within {seconds} s")
            time.sleep(0.3)


def judge(figures):
    wrong = list(figures["surprises"])
    if not figures["rows_match"]:
        wrong.append("the rows of SELECT are not those of the file")
    if figures["rows"] == 0:
        wrong.append("there were no rows")
    return wrong
