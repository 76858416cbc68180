internal import ArgumentParser
internal import Foundation

/// The SQL port alone, from a client in this process to a server in another: its protocol, threads and event loops, and the kernel's
/// loopback. What it leaves out: grammar, metadata and backends, since the answers are there before they are asked for.
struct SQLPortBench {
    static let resultBytes = 1 << 30
    private static let roundCalls = 20_000
    private static let warmUpCalls = 2000

    static func run(runs: Int) throws -> [Figure] {
        let server = try ServerOfItsOwn("sql-port-server")
        defer { server.stop() }
        let client = try SQLBenchClient(port: server.port, user: "bench")
        for _ in 0..<warmUpCalls { _ = try client.ask("SHOW") }
        var calls: [Double] = []
        var rates: [Double] = []
        for _ in 0..<max(runs, 1) {
            calls.append(try callsPerSecond(client, "SHOW", calls: roundCalls))
            rates.append(try mibPerSecond(client, "ROWS"))
        }
        return [
            Figure(key: "port_statements_per_s", value: median(calls), goal: .atLeast(10_000)),
            Figure(key: "port_statement_us", value: 1e6 / median(calls), goal: .atMost(100)),
            Figure(key: "port_rows_mib_per_s", value: median(rates), goal: .atLeast(1024)),
        ]
    }

    /// One statement after another on one connection.
    static func callsPerSecond(_ client: SQLBenchClient, _ statement: String, calls: Int) throws -> Double {
        let clock = ContinuousClock()
        let began = clock.now
        for _ in 0..<calls { _ = try client.ask(statement) }
        return Double(calls) / seconds(clock.now - began)
    }

    /// Rows of one statement.
    static func mibPerSecond(_ client: SQLBenchClient, _ statement: String) throws -> Double {
        let clock = ContinuousClock()
        let began = clock.now
        let answer = try client.ask(statement)
        return Double(answer.bytes) / seconds(clock.now - began) / Double(1 << 20)
    }
}

struct SQLPortCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql-port",
        abstract: "The SQL port alone: small statements a second, and rows as fast as they go.",
        discussion: """
            EXAMPLE
              tabletd-bench sql-port --json sql-port.json
            """)
    @OptionGroup var options: BenchOptions

    func run() throws {
        try BenchResult(
            bench: "sql-port", figures: try SQLPortBench.run(runs: options.runs), runs: options.runs
        ).deliver(json: options.json)
    }
}
