import ArgumentParser
import HTTPAPI
import TabletModel

struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Back a table up to a bucket.",
        discussion: """
            Copies what readers see of the table now to the bucket of a storage resource, under a label that is used
            once. Loads go on meanwhile. Returns when the backup is whole, or at once with --no-wait.

            EXAMPLES
              tabletctl backup flights --to minio --label flights-monday
              tabletctl backup flights --to minio --prefix nightly/flights --label 2026-11-30 --no-wait
            """)
    @Argument(help: "table or database.table")
    var table: TableArgument
    @Option(help: "Storage resource whose bucket and keys are used.")
    var to: String
    @Option(help: "Name of the backup: letters, digits, dashes and underscores.")
    var label: String
    @Option(help: "Folder below the resource's root path (default: backups).")
    var prefix: String?
    @Flag(help: "Return once it has begun; `tabletctl backups` shows how far it is.")
    var noWait = false
    @Option(help: "Seconds to wait at most. The backup goes on.")
    var timeout: Double = 86_400
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let client = try global.client()
        let request = BackupRequest(table: table.name, resource: to, prefix: prefix, label: label)
        let started = try decode(BackupJobView.self, try client.post("/api/backups", request))
        let job = noWait ? started : try started.waited(client, global, timeout)
        try global.show(job) { job in
            job.endedMs == 0
                ? "backup \(job.id) of \(job.table) to \(job.resource) has begun\n"
                : "\(job.table) at version \(job.version) is in \(job.resource) as \(job.label): "
                    + "\(formatBytes(job.sizeBytes))\n"
        }
    }
}

struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Restore a table from a backup.",
        discussion: """
            Makes the table anew from the backup, in this cluster or any other, with its columns and buckets; it has no
            storage policy. It is seen when it is whole, and not before. A table of that name is refused, or with
            --replace dropped in the moment in which the restored one is there.

            EXAMPLES
              tabletctl restore flights-monday --from minio
              tabletctl restore flights-monday --from minio --as flights_old --replicas 1
              tabletctl restore flights-monday --from minio --replace
            """)
    @Argument(help: "Label of the backup.")
    var label: String
    @Option(help: "Storage resource whose bucket and keys are used.")
    var from: String
    @Option(help: "Folder below the resource's root path (default: backups).")
    var prefix: String?
    @Option(name: .customLong("as"), help: "Name of the table, or database.table (default: the one it had).")
    var newName: TableArgument?
    @Option(help: "Replicas of each tablet (default: as many as it had).")
    var replicas: Int?
    @Flag(help: "Let it take the place of a table of that name.")
    var replace = false
    @Flag(help: "Return once it has begun; `tabletctl backups` shows how far it is.")
    var noWait = false
    @Option(help: "Seconds to wait at most. The restore goes on.")
    var timeout: Double = 86_400
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let client = try global.client()
        try createDatabase(client)
        let request = RestoreRequest(
            label: label, resource: from, prefix: prefix, table: newName?.name, replicas: replicas,
            replaces: replace)
        let started = try decode(BackupJobView.self, try client.post("/api/restores", request))
        let job = noWait ? started : try started.waited(client, global, timeout)
        try global.show(job) { job in
            let note = job.message.isEmpty ? "" : "; \(job.message)"
            return job.endedMs == 0
                ? "restore \(job.id) of \(job.table) has begun\n"
                : "table \(job.table) is restored at version \(job.version)\(note)\n"
        }
    }

    /// As a new table's: 'default' is there for everybody.
    private func createDatabase(_ client: APIClient) throws {
        let name: String
        if let newName {
            name = newName.name.database
        } else {
            let found = try BackupsView.ask(client, resource: from, prefix: prefix)
            guard let backup = found.backups.first(where: { $0.label == label && $0.error.isEmpty }) else { return }
            name = backup.table.database
        }
        let known = try decode([DatabaseView].self, try client.get("/api/databases"))
        if known.contains(where: { $0.name == name }) { return }
        _ = try client.post("/api/databases", ["name": name])
    }
}

struct Backups: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Backups and restores that run or ran, and the backups in a bucket.",
        discussion: """
            EXAMPLES
              tabletctl backups
              tabletctl backups --from minio
            """)
    @Option(help: "Also list the backups in the bucket of this storage resource.")
    var from: String?
    @Option(help: "Folder below the resource's root path (default: backups).")
    var prefix: String?
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let client = try global.client()
        try global.show(
            try client.get(BackupsView.path(resource: from, prefix: prefix)), as: BackupsView.self
        ) { found in
            var jobs = TextTable([">job", "kind", "label", "table", "phase", ">done", ">files", "begun", "message"])
            for job in found.jobs {
                jobs.add([
                    "\(job.id)", job.kind, job.label, job.table.description, job.phase,
                    job.endedMs == 0 ? "\(job.done)/\(job.total)" : "",
                    job.filesTotal == 0 ? "" : "\(job.filesDone)/\(job.filesTotal)", formatAge(job.createdMs),
                    job.message,
                ])
            }
            let text = jobs.render(empty: "no backups or restores ran lately")
            guard from != nil else { return text }
            var backups = TextTable([
                "label", "table", ">version", ">buckets", ">replicas", ">files", ">size", "made", "problem",
            ])
            for backup in found.backups {
                let isReadable = backup.error.isEmpty
                backups.add([
                    backup.label, backup.table.description, isReadable ? "\(backup.version)" : "",
                    isReadable ? "\(backup.buckets)" : "", isReadable ? "\(backup.replicas)" : "",
                    isReadable ? "\(backup.files)" : "", isReadable ? formatBytes(backup.sizeBytes) : "",
                    formatTime(backup.finishedMs), backup.error,
                ])
            }
            let more = found.isCut ? "there are more\n" : ""
            return text + "\n" + backups.render(empty: "no backups in the bucket") + more
        }
    }
}

struct CancelBackup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End a running backup or restore.",
        discussion: "Nothing of it is left: of a backup no objects, of a restore no table. Backups in a bucket stay.")
    @Argument(help: "Number of the job, as `tabletctl backups` shows it.")
    var job: Int64
    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.show(try global.client().delete("/api/backups/\(job)"), as: BackupJobView.self) {
            "\($0.kind) \($0.id) is \($0.phase)\n"
        }
    }
}

extension BackupsView {
    static func path(resource: String?, prefix: String?) -> String {
        let query = [resource.map { "resource=\(pathSegment($0))" }, prefix.map { "prefix=\(pathSegment($0))" }]
            .compactMap { $0 }.joined(separator: "&")
        return "/api/backups" + (query.isEmpty ? "" : "?\(query)")
    }

    fileprivate static func ask(_ client: APIClient, resource: String, prefix: String?) throws -> BackupsView {
        try decode(BackupsView.self, try client.get(path(resource: resource, prefix: prefix)))
    }
}

extension BackupJobView {
    /// Polls until it has ended. - Throws: `CLIError` when it failed, or takes longer than that.
    fileprivate func waited(_ client: APIClient, _ global: GlobalOptions, _ timeout: Double) throws -> BackupJobView {
        var bar = ProgressBar("\(kind) \(label)", json: global.json)
        defer { bar.finish() }
        let deadline = monotonicSeconds() + timeout
        while true {
            let jobs = try decode(BackupsView.self, try client.get("/api/backups")).jobs
            guard let job = jobs.first(where: { $0.id == id }) else {
                throw CLIError.failed(
                    "\(kind) \(id) is not known any more: look at tabletctl backups --from \(resource)")
            }
            if job.phase == "finished" { return job }
            guard job.endedMs == 0 else { throw CLIError.failed("\(kind) \(label) \(job.phase): \(job.message)") }
            guard monotonicSeconds() < deadline else {
                throw CLIError.timedOut("\(kind) \(id) is still \(job.phase): \(job.message)")
            }
            let files = job.filesTotal > 0 ? ", \(job.filesDone)/\(job.filesTotal) files" : ""
            bar.update(done: job.done, total: job.total, note: "\(job.phase) \(job.done)/\(job.total)\(files)")
            pause(milliseconds: 100)
        }
    }
}

extension GlobalOptions {
    fileprivate func show(_ job: BackupJobView, _ text: (BackupJobView) -> String) throws {
        if json {
            try encodeJSON(job).withUnsafeBytes { Terminal.output($0) }
        } else {
            Terminal.output(text(job))
        }
    }
}
