"""A cluster with several frontends over an edit log in etcd."""

from cluster import Cluster, call, steady_port, wait_for

# Set on what an FE sends on: whoever gets it answers for itself, or not at all.
LOCAL = {"X-Tabletd-Forwarded": "1"}
# No such database is ever made.
NOWHERE = "/api/databases/no_such_database"


class ReplicatedCluster(Cluster):
    """The first frontend begins the cluster, the others join it by a helper."""

    def __init__(self, binaries, etcd, followers=3, observers=1, backends=3, folder=None, be_settings=None, fe_settings=None):
        self.etcd, self.count = etcd, followers + observers
        super().__init__(binaries, backends, folder, be_settings, fe_settings)
        self.observers = self.frontends[followers:]

    def make_frontends(self, settings):
        # By these ports the others know one: they are chosen beforehand.
        return [
            self.make_frontend(f"fe{number}", {
                "journal_type": "etcd", "etcd_endpoints": ";".join(self.etcd.endpoints), "etcd_prefix": "/tabletd/demo",
                "http_port": steady_port(), "rpc_port": steady_port(), "query_port": 0, **settings})
            for number in range(1, self.count + 1)]

    def start(self):
        self.start_backends()
        self.fe.start()
        wait_for("the first master", lambda: self.acts(self.fe), 60, self.fe.process, self.fe.log)
        for frontend in self.frontends[1:]:
            role = "observer" if frontend in self.observers else "follower"
            self.ctl("add-frontend", f"127.0.0.1:{frontend.settings['rpc_port']}", "--role", role,
                     "--http-port", frontend.settings["http_port"])
            frontend.start("--helper", self.fe_address)
        wait_for("all frontends to be alive", self.all_alive, 60)
        return self

    def all_alive(self):
        views = self.ctl_json("frontends")
        return len(views) == len(self.frontends) and all(view["isAlive"] for view in views)

    def address(self, frontend):
        return f"127.0.0.1:{frontend.settings['http_port']}"

    @property
    def fe_option(self):
        return ",".join(self.address(frontend) for frontend in self.frontends if frontend.process and not frontend.has_ended)

    def acts(self, frontend, timeout=1):
        """Whether it answers as master: a change that changes nothing is looked at by nobody else."""
        answer = call(self.address(frontend), "DELETE", NOWHERE, headers=LOCAL, timeout=timeout)
        return answer is not None and answer[0] == 404

    def master(self, seconds=60):
        """The frontend that acts now."""
        return wait_for("a master", lambda: next((each for each in self.frontends if self.acts(each)), None), seconds)

    def replayed(self, address):
        """The log id up to which the frontend there has replayed, or None when it does not answer."""
        answer = call(address, "GET", "/metrics", timeout=5)
        if answer is None or answer[0] != 200:
            return None
        for line in answer[2].decode().splitlines():
            if line.startswith("doris_fe_max_journal_id"):
                return int(float(line.rsplit(" ", 1)[1]))
        return None
