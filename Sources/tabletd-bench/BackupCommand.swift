internal import ArgumentParser
internal import Foundation
internal import TabletModel

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "A tablet backed up to S3 and restored, against rclone copy of the same files.",
        discussion: """
            Makes a tablet of eight rowsets, uploads its snapshot as UPLOAD does (every file read, hashed, sent, and looked
            for), and restores it as DOWNLOAD and MOVE do (fetched, hashed, synced, verified, one commit). Beside it, by turns,
            `rclone copy` of the same files to and from the same server. The keys come from AWS_ACCESS_KEY_ID and
            AWS_SECRET_ACCESS_KEY.

            EXAMPLE
              tabletd-bench backup --s3-endpoint http://127.0.0.1:9000 --s3-bucket bench --size-mib 512
            """)
    @OptionGroup var options: BenchOptions
    @Option(help: "Size of the tablet.") var sizeMib = 512
    @Option(help: ArgumentHelp("The server.", valueName: "url")) var s3Endpoint: String
    @Option(help: ArgumentHelp("A bucket that exists; the objects stay.", valueName: "name")) var s3Bucket: String
    @Option(help: ArgumentHelp("The region that is signed for.", valueName: "name")) var s3Region = "us-east-1"
    @Option(help: ArgumentHelp("The program.", valueName: "path")) var rclone: String
    @Option(help: ArgumentHelp("Where to work.", valueName: "folder")) var folder: String?

    func validate() throws {
        guard sizeMib >= 8 else { throw ValidationError("--size-mib must be at least 8") }
    }

    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        guard let accessKey = environment["AWS_ACCESS_KEY_ID"], let secretKey = environment["AWS_SECRET_ACCESS_KEY"]
        else { throw BenchError("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to the server's keys") }
        let parent = folder ?? FileManager.default.temporaryDirectory.path
        let work = parent + "/tabletd-bench-backup-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        defer {
            do {
                try FileManager.default.removeItem(atPath: work)
            } catch {
                FileHandle.standardError.write(Data("could not remove \(work): \(error)\n".utf8))
            }
        }
        let s3 = S3Resource(
            endpoint: s3Endpoint, region: s3Region, accessKey: accessKey, secretKey: secretKey, bucket: s3Bucket)
        let figures = try BackupBench.run(
            sizeMiB: sizeMib, runs: options.runs, s3: s3, rclone: rclone, folder: work)
        try BenchResult(bench: "backup", figures: figures, runs: options.runs).deliver(json: options.json)
    }
}
