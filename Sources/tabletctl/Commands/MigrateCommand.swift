import ArgumentParser
import HTTPAPI
import TabletModel

struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Move a tablet's replica to another data dir, or medium, of its backend.",
        discussion: """
            Loads and reads go on meanwhile. What the replica leaves goes to the trash of its former data dir. BACKEND is an id
            or HOST:HEARTBEAT_PORT, as `tabletctl backends` lists them; PATH is a data dir of it.

            EXAMPLES
              tabletctl migrate 10012 --to 10002:/data2/be
              tabletctl migrate 10012 --to be1:9050:/data2/be
              tabletctl migrate 10012 --backend 10002 --medium SSD
            """)
    @Argument(help: "Id of the tablet.")
    var tablet: Int64
    @Option(help: ArgumentHelp("The data dir to move to.", valueName: "backend:path"))
    var to: DirArgument?
    @Option(help: ArgumentHelp("With --medium: the replica's backend.", valueName: "backend"))
    var backend: String?
    @Option(help: "Any data dir of this medium: HDD or SSD.")
    var medium: String?
    @Flag(help: "Return when the backend has been told.")
    var noWait = false
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard (to == nil) == (medium != nil), (backend != nil) == (medium != nil) else {
            throw ValidationError("give --to BACKEND:PATH, or --backend BACKEND and --medium MEDIUM")
        }
    }

    func run() throws {
        let client = try global.client()
        let place = try client.backend(named: to?.backend ?? backend ?? "")
        let request = MoveReplicaRequest(backendID: place.id, path: to?.path, medium: medium)
        let answer = try client.post("/api/tablets/\(tablet)/migrate", request)
        var job = try decode(JobView.self, answer)
        if !noWait { job = try wait(for: job, at: place, client) }
        if global.json { return try encodeJSON(job).withUnsafeBytes { Terminal.output($0) } }
        Terminal.output(
            noWait
                ? "job \(job.id): \(job.subject); see `tabletctl jobs`\n" : "tablet \(tablet): \(job.message)\n")
    }

    private func wait(for started: JobView, at backend: BackendView, _ client: APIClient) throws -> JobView {
        var bar = ProgressBar("migrate \(tablet)", json: global.json)
        defer { bar.finish() }
        var job = started
        while job.state == .running {
            let progress = client.askMigration(of: tablet, at: backend)
            bar.update(
                done: progress?.bytesDone ?? 0, total: max(progress?.bytesTotal ?? 0, job.total),
                note: progress.map { "\(formatBytes($0.bytesDone)) copied" } ?? job.message)
            pause(milliseconds: 100)
            job = try decode(JobView.self, try client.get("/api/jobs/\(job.id)"))
        }
        if job.state == .failed { throw CLIError.failed("tablet \(tablet) was not moved: \(job.message)") }
        return job
    }
}

/// `BACKEND:PATH`
struct DirArgument: ExpressibleByArgument {
    var backend: String
    var path: String

    init?(argument: String) {
        guard let range = argument.firstRange(of: ":/"), range.lowerBound != argument.startIndex else { return nil }
        backend = String(argument[..<range.lowerBound])
        path = String(argument[argument.index(after: range.lowerBound)...])
    }
}

extension APIClient {
    /// By its id, or its host and heartbeat port.
    func backend(named name: String) throws -> BackendView {
        let known = try decode([BackendView].self, try get("/api/backends"))
        let found = known.first { "\($0.id)" == name || "\($0.host):\($0.heartbeatPort)" == name }
        guard let found else {
            let names = known.map { "\($0.id) (\($0.host):\($0.heartbeatPort))" }.joined(separator: ", ")
            throw CLIError.notFound("there is no backend '\(name)'; there are \(names.isEmpty ? "none" : names)")
        }
        return found
    }

    /// How far the backend has come with it; nil when it has not begun, is done, or does not tell.
    func askMigration(of tablet: Int64, at backend: BackendView) -> MigrationView? {
        guard backend.httpPort > 0,
            let answer = try? getBackend(backend.host, backend.httpPort, "/api/migrations"),
            let moves = try? decode([MigrationView].self, answer)
        else { return nil }
        return moves.first { $0.tabletID == tablet }
    }
}
