import ArgumentParser
import HTTPAPI
import TabletModel

struct Frontends: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The frontends, whether they live, and how far each has replayed.",
        discussion: "What a frontend tells, the master knows from its pings.")
    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.show(try global.client().get("/api/frontends"), as: [FrontendView].self) { frontendsTable($0) }
    }
}

/// The columns of Doris' SHOW FRONTENDS.
func frontendsTable(_ frontends: [FrontendView]) -> String {
    var table = TextTable([
        "name", "host", ">edit log port", ">http", ">rpc", "role", "is master", ">cluster id", "join", "alive",
        ">replayed journal id", "last heartbeat", "is helper", "error", "version", "current connected",
    ])
    for frontend in frontends {
        table.add([
            frontend.name, frontend.host, "\(frontend.editLogPort)", "\(frontend.httpPort)", "\(frontend.rpcPort)",
            frontend.role.rawValue, yesNo(frontend.isMaster), "\(frontend.clusterID)", yesNo(frontend.hasJoined),
            yesNo(frontend.isAlive), "\(frontend.replayedJournalID)", formatAge(frontend.lastHeartbeatMs),
            yesNo(frontend.isHelper), frontend.error, frontend.version, yesNo(frontend.isCurrent),
        ])
    }
    return table.render(empty: "no frontend is registered yet")
}

struct AddFrontend: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Register a frontend that is to join the cluster.",
        discussion: """
            Before it is started for the first time, with --helper and the address of any frontend. A follower can become
            master; an observer answers reads, and never does.

            EXAMPLES
              tabletctl add-frontend 10.0.0.3:9020 --role follower
              tabletctl add-frontend 10.0.0.4:9020 --role observer --http-port 8031
            """)
    @Argument(help: "host:port of its rpc service (rpc_port).")
    var address: NewBackendArgument
    @Option(help: "follower or observer.")
    var role: RoleArgument
    @Option(help: "Its http_port; as the master's unless it is given.")
    var httpPort: Int32?
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let request = AddFrontendRequest(
            host: address.address.host, port: address.address.port, role: role.role, httpPort: httpPort)
        try global.show(try global.client().post("/api/frontends", request), as: FrontendView.self) { frontend in
            "\(frontend.role) \(frontend.name) is registered; start it with --helper and the address of any frontend\n"
        }
    }
}

struct DropFrontend: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take a frontend out of the cluster.",
        discussion: """
            It stops belonging to it at once, and joins again only as a new one: added anew, with an empty meta_dir. Refused for
            the master, and for the last follower.

            EXAMPLE
              tabletctl drop-frontend 10.0.0.3:9020 --role follower
            """)
    @Argument(help: "host:port under which it is registered.")
    var address: BackendArgument
    @Option(help: "What it is registered as: follower or observer.")
    var role: RoleArgument
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let path = "/api/frontends/\(pathSegment(address.address.description))?role=\(role.role.rawValue)"
        try global.finish(try global.client().delete(path), "\(role.role) \(address.address) dropped")
    }
}

struct RoleArgument: ExpressibleByArgument {
    var role: FrontendRole

    init?(argument: String) {
        guard let role = FrontendRole(rawValue: argument.uppercased()) else { return nil }
        self.role = role
    }

    static var allValueStrings: [String] { FrontendRole.allCases.map { $0.rawValue.lowercased() } }
}
