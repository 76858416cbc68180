internal import ArgumentParser
internal import Foundation
internal import TabletModel

/// One part of `tabletd-bench tasks`: a kind of agent task against what does the same without it.
struct TaskBench: Sendable {
    /// What `--only` calls it.
    var name: String
    /// It needs an S3 server, and is left out without one.
    var needsServer = false
    var run: @Sendable (TaskBenchRun) throws -> [Figure]

    /// In the order in which they run. Each has a file of its own and a folder to itself.
    static let all: [TaskBench] = [
        TaskBench(name: "migrate") { try MigrateBench.run(sizeMiB: $0.sizeMiB, runs: $0.runs, folder: $0.folder) },
        TaskBench(name: "delete") { try DeleteBench.run(sizeMiB: $0.sizeMiB, runs: $0.runs, folder: $0.folder) },
        TaskBench(name: "alter") { try AlterBench.run(sizeMiB: $0.sizeMiB, runs: $0.runs, folder: $0.folder) },
        TaskBench(name: "backup", needsServer: true) { run in
            guard let server = run.server else { return [] }
            return try BackupBench.run(
                sizeMiB: run.sizeMiB, runs: run.runs, s3: server.s3, rclone: server.rclone, folder: run.folder)
        },
    ]
}

/// What a part is given.
struct TaskBenchRun: Sendable {
    var sizeMiB: Int
    var runs: Int
    var folder: String
    var server: BackupServer?
}

/// An S3 server for backups, and the program that they are compared with.
struct BackupServer: Sendable {
    var s3: S3Resource
    var rclone: String
}

struct TasksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tasks",
        abstract: "Agent tasks that move or change rows, against what does the same without them.",
        discussion: """
            migrate: a tablet moved to another data dir, against `cp` and `sync -d` of the same files.
            delete: a tablet with ten deletes by condition read, against the same rows without any.
            alter: a tablet filled with another one's rows in new columns, against reading and writing them unchanged.
            backup: a tablet uploaded as UPLOAD does, and restored as DOWNLOAD and MOVE do, against `rclone copy` of the same
            files to and from the same server. Left out without --s3-endpoint; scripts/bench gives it one. The keys come from
            AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.

            EXAMPLES
              tabletd-bench tasks
              tabletd-bench tasks --only migrate --size-mib 1024 --runs 7 --json tasks.json
              tabletd-bench tasks --only backup --s3-endpoint http://127.0.0.1:9000 --s3-bucket bench --rclone rclone
            """)
    @OptionGroup var options: BenchOptions
    @Option(help: "Size of the tablet.") var sizeMib = 512
    @Option(help: "Only this part; may be repeated.") var only: [String] = []
    @Option(help: ArgumentHelp("The server of the backup.", valueName: "url")) var s3Endpoint: String?
    @Option(help: ArgumentHelp("A bucket that exists; the objects stay.", valueName: "name")) var s3Bucket = "bench"
    @Option(help: ArgumentHelp("The region that is signed for.", valueName: "name")) var s3Region = "us-east-1"
    @Option(help: ArgumentHelp("The program.", valueName: "path")) var rclone = "rclone"
    @Option(
        help: ArgumentHelp(
            "Where to work: on the disk to measure, with room for three such tablets.", valueName: "folder"))
    var folder: String?

    func validate() throws {
        guard sizeMib >= 8 else { throw ValidationError("--size-mib must be at least 8") }
        for name in only where !TaskBench.all.contains(where: { $0.name == name }) {
            let known = TaskBench.all.map(\.name).joined(separator: ", ")
            throw ValidationError("--only \(name): there are \(known)")
        }
    }

    func run() throws {
        let server = try backupServer()
        var figures: [Figure] = []
        for bench in TaskBench.all where only.isEmpty || only.contains(bench.name) {
            if bench.needsServer, server == nil {
                FileHandle.standardError.write(Data("\(bench.name) left out: no --s3-endpoint\n".utf8))
                continue
            }
            figures += try inWorkFolder(for: bench.name, in: folder) {
                try bench.run(TaskBenchRun(sizeMiB: sizeMib, runs: options.runs, folder: $0, server: server))
            }
        }
        try BenchResult(bench: "tasks", figures: figures, runs: options.runs).deliver(json: options.json)
    }

    private func backupServer() throws -> BackupServer? {
        guard let s3Endpoint else { return nil }
        let environment = ProcessInfo.processInfo.environment
        guard let accessKey = environment["AWS_ACCESS_KEY_ID"], let secretKey = environment["AWS_SECRET_ACCESS_KEY"]
        else { throw BenchError("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to the server's keys") }
        let s3 = S3Resource(
            endpoint: s3Endpoint, region: s3Region, accessKey: accessKey, secretKey: secretKey, bucket: s3Bucket)
        return BackupServer(s3: s3, rclone: rclone)
    }
}
