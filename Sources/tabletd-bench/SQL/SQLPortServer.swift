internal import ArgumentParser
internal import Dispatch
internal import Foundation
internal import Logging
internal import MySQLServer
internal import SQLSessions
internal import ServiceLifecycle
internal import Synchronization

/// The server's side of the bench of the SQL port, a process of its own: the real port over answers that cost nothing. Prints its
/// port, and ends when its standard input does: it never outlives the bench.
struct SQLPortServerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql-port-server", abstract: "The server that `sql-port` starts for itself.", shouldDisplay: false)

    func run() throws {
        let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        let service = MySQLService(
            sessions: CannedSessions(), configuration: MySQLConfiguration(), logger: logger,
            onListening: { FileHandle.standardOutput.write(Data("\($0)\n".utf8)) })
        let group = ServiceGroup(configuration: .init(services: [service], logger: logger))
        let ended = DispatchSemaphore(value: 0)
        Task {
            do {
                try await group.run()
            } catch {
                FileHandle.standardError.write(Data("the SQL port did not start: \(error)\n".utf8))
            }
            ended.signal()
        }
        while readLine() != nil {}
        Task { await group.triggerGracefulShutdown() }
        ended.wait()
    }
}

/// Anybody may log in, and is answered with what is there already.
private final class CannedSessions: SQLSessions, SQLSession {
    private let columns = (0..<28).map { SQLColumn("Column\($0)") }
    private let backends = (0..<3).map { row in (0..<28).map { "value \(row).\($0)" as String? } }

    func logIn(_ login: SQLLogin) throws -> any SQLSession { self }
    func use(_ database: String) throws {}
    func reset() {}
    func end() {}

    func run(_ text: [UInt8]) throws -> SQLReply {
        switch text.first {
        case UInt8(ascii: "S"): .rows(columns, SQLTableRows(backends))
        case UInt8(ascii: "R"): .rows((0..<5).map { SQLColumn("c\($0)") }, CannedRows(bytes: SQLPortBench.resultBytes))
        default: throw SQLError.syntax("SHOW or ROWS")
        }
    }
}

/// The same hundred bytes again and again.
private final class CannedRows: SQLRows {
    private static let value = Array("nineteen characters".utf8)
    private let left: Atomic<Int>

    init(bytes: Int) { left = Atomic(bytes) }

    func next(into writer: inout SQLRowWriter) throws -> Bool {
        guard left.load(ordering: .relaxed) > 0 else { return false }
        Self.value.withUnsafeBytes { value in
            while writer.bytes.count < 64 << 10 {
                for _ in 0..<5 { writer.value(value) }
                writer.endRow()
            }
        }
        left.subtract(writer.bytes.count, ordering: .relaxed)
        return true
    }
}
