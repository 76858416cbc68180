internal import ArgumentParser
internal import Foundation

/// The SQL port of a real frontend over a real backend: a small statement again and again, and all rows of a table against
/// `tabletctl read` of the same; and what users and TLS cost loads.
struct SQLBench {
    let folder: String
    let megabytes: Int

    func run(runs: Int) throws -> [Figure] {
        let file = try makeRows()
        let certificates = try BenchCertificates(folder: folder + "/certificates")
        let plain = try BenchCluster(folder: folder + "/plain", certificates: nil)
        let secure = try BenchCluster(folder: folder + "/secure", certificates: certificates)
        for cluster in [plain, secure] {
            try cluster.control("create-database", "d")
            try cluster.control(
                "create-table", "d.t", "--buckets", "4", "--replicas", "1", "--columns", "a,b,c,d,e,f,g,h",
                "--distribute-by", "a")
        }
        let client = try SQLBenchClient(port: plain.queryPort, user: "root")
        var (statements, reads, selects, loads, secureLoads) = (
            [Double](), [Double](), [Double](), [Double](), [Double]()
        )
        try plain.control("load", "d.t", "--file", file, "--label", "rows")
        for _ in 0..<1000 { _ = try client.ask("SHOW BACKENDS") }
        for run in 0..<max(runs, 3) {
            statements.append(try SQLPortBench.callsPerSecond(client, "SHOW BACKENDS", calls: 10_000))
            reads.append(Double(megabytes) / (try plain.control("read", "d.t")))
            let began = ContinuousClock.now
            let answer = try client.ask("SELECT * FROM d.t")
            selects.append(Double(megabytes) / seconds(ContinuousClock.now - began))
            guard answer.rows > 0 else { throw BenchError("SELECT gave no rows") }
            loads.append(Double(megabytes) / (try load(file, plain, run)))
            secureLoads.append(Double(megabytes) / (try load(file, secure, run)))
        }
        let heartbeats = try HeartbeatBench.plainAndTLS(certificates, runs: runs)
        return [
            Figure(key: "heartbeats_per_s", value: heartbeats.plain),
            Figure(key: "heartbeats_tls_per_s", value: heartbeats.tls),
            Figure(key: "heartbeats_tls_vs_plain", value: heartbeats.tls / heartbeats.plain, goal: .atLeast(0.8)),
            Figure(key: "show_backends_per_s", value: median(statements), goal: .atLeast(5000)),
            Figure(key: "select_mib_per_s", value: median(selects)),
            Figure(key: "read_mib_per_s", value: median(reads)),
            Figure(key: "select_vs_read", value: median(selects) / median(reads), goal: .atLeast(0.7)),
            Figure(key: "load_mib_per_s", value: median(loads)),
            Figure(key: "load_tls_mib_per_s", value: median(secureLoads)),
            Figure(key: "load_tls_vs_plain", value: median(secureLoads) / median(loads), goal: .atLeast(0.8)),
        ]
    }

    /// Into a table of its own, which goes again: the next load finds what this one found.
    private func load(_ file: String, _ cluster: BenchCluster, _ run: Int) throws -> Double {
        let table = "d.load\(run)"
        try cluster.control(
            "create-table", table, "--buckets", "4", "--replicas", "1", "--columns", "a,b,c,d,e,f,g,h",
            "--distribute-by", "a")
        let seconds = try cluster.control("load", table, "--file", file, "--label", "load\(run)")
        try cluster.control("drop-table", table, "--yes")
        return seconds
    }

    /// Rows of about a hundred bytes in eight fields.
    private func makeRows() throws -> String {
        let path = folder + "/rows.csv"
        var bytes: [UInt8] = []
        bytes.reserveCapacity(megabytes << 20)
        var generator = SystemRandomNumberGenerator()
        var number = 0
        while bytes.count < megabytes << 20 {
            number += 1
            let random = generator.next()
            bytes += Array(
                "\(number),name \(random % 1000),\(random),\(random >> 32),city \(random % 77),\(random % 9),text of it,\(number % 31)\n"
                    .utf8)
        }
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else {
            throw BenchError("can't write \(path)")
        }
        return path
    }
}

struct SQLCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql",
        abstract:
            "The SQL port of a real frontend: statements a second, SELECT against tabletctl read, loads with TLS and users.",
        discussion: """
            Runs tabletd-fe, tabletd-be and tabletctl that were built beside this.

            EXAMPLE
              tabletd-bench sql --json sql.json
            """)
    @OptionGroup var options: BenchOptions
    @Option(help: "Mebibytes of rows.") var megabytes = 256
    @Option(help: ArgumentHelp("Where to work: on the disk to measure.", valueName: "folder")) var folder: String?

    func validate() throws {
        guard (1...4096).contains(megabytes) else { throw ValidationError("--megabytes must be 1 to 4096") }
    }

    func run() throws {
        let figures = try inWorkFolder(for: "sql", in: folder) { folder in
            try SQLBench(folder: folder, megabytes: megabytes).run(runs: options.runs)
        }
        try BenchResult(bench: "sql", figures: figures, runs: options.runs).deliver(json: options.json)
    }
}
