internal import ArgumentParser
internal import Foundation

struct UploadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upload", abstract: "Uploads to an S3 server, as cooldown does.",
        discussion: """
            Uploads 1 GiB × 1, 4 MiB × 200 and 16 KiB × 2,000 to a bucket that exists, below the prefix `bench/`, and
            deletes them again. The keys come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.

            EXAMPLES
              tabletd-bench upload --s3-endpoint http://127.0.0.1:9000 --s3-bucket bench
              tabletd-bench upload --s3-endpoint https://s3.eu-central-1.amazonaws.com --s3-region eu-central-1 \\
                  --s3-bucket mine --set 4m --runs 9
            """)
    @OptionGroup var options: BenchOptions

    @Option(help: ArgumentHelp("The server.", valueName: "url")) var s3Endpoint: String
    @Option(help: ArgumentHelp("A bucket that exists.", valueName: "name")) var s3Bucket: String
    @Option(help: ArgumentHelp("The region that is signed for.", valueName: "name")) var s3Region = "us-east-1"
    @Option(name: .customLong("set"), help: ArgumentHelp("Only this set: 1g, 4m or 16k; may be repeated."))
    var sets: [ObjectSet] = []
    @Option(
        help: ArgumentHelp(
            "Where the files to upload are, or are made and stay: 1g/, 4m/, 16k/.", valueName: "folder"))
    var files: String?
    @Flag(help: "Leave the objects in the bucket.") var keepObjects = false
    @Flag(help: "Only make the files, in the folder that --files names.") var prepare = false

    func validate() throws {
        guard !prepare || files != nil else { throw ValidationError("--prepare needs --files") }
    }

    func run() throws {
        let folder = files ?? FileManager.default.temporaryDirectory.path + "/tabletd-bench-" + UUID().uuidString
        defer { if files == nil { remove(folder) } }
        let wanted = sets.isEmpty ? ObjectSet.all : sets
        for set in wanted { try set.makeFiles(in: folder) }
        guard !prepare else { return }
        let environment = ProcessInfo.processInfo.environment
        guard let accessKey = environment["AWS_ACCESS_KEY_ID"], let secretKey = environment["AWS_SECRET_ACCESS_KEY"]
        else { throw BenchError("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to the server's keys") }
        let bench = try UploadBench(
            endpoint: s3Endpoint, region: s3Region, bucket: s3Bucket, accessKey: accessKey, secretKey: secretKey,
            folder: folder)
        defer { bench.close() }
        let figures = try bench.figures(wanted, runs: options.runs, keepsObjects: keepObjects)
        try BenchResult(bench: "upload", figures: figures, runs: options.runs).deliver(json: options.json)
    }

    private func remove(_ folder: String) {
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            FileHandle.standardError.write(Data("could not remove \(folder): \(error)\n".utf8))
        }
    }
}

extension ObjectSet: ExpressibleByArgument {
    init?(argument: String) {
        guard let set = ObjectSet.all.first(where: { $0.name == argument }) else { return nil }
        self = set
    }
}
