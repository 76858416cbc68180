import Logging
import MasterCore
import SQLGrammar
import SQLSessions
import Synchronization
import Testing

@testable import SQLExecution

/// What the log says of statements, and that no text ends an FE.
@Suite struct StatementLogTests {
    @Test func changesAreLoggedWithoutSecrets() throws {
        let lines = LoggedLines()
        let cluster = try SQLTestCluster(logger: Logger(label: "sql") { _ in lines }).ready()
        let session = try cluster.session()
        _ = try session.run("CREATE USER jack IDENTIFIED BY 'hush'")
        _ = try? session.run("CREATE RESOURCE r PROPERTIES ('type' = 's3', 's3.secret_key' = 'hush')")
        _ = try session.run("SHOW BACKENDS")
        let text = lines.text
        #expect(text.contains("CREATE USER jack IDENTIFIED BY ***") && text.contains("root"))
        #expect(text.contains("s3.secret_key") && !text.contains("hush") && !text.contains("SHOW BACKENDS"))
        #expect(try session.error("ALTER USER jack IDENTIFIED BY 'hush' x").message.contains("hush") == false)
        guard case .rows(_, let rows) = try session.run("SHOW FULL PROCESSLIST") else { return }
        var writer = SQLRowWriter()
        _ = try rows.next(into: &writer)
        #expect(!String(decoding: writer.bytes, as: UTF8.self).contains("hush"))
    }

    /// Statements changed at random are answered, or refused with an `SQLError`.
    @Test(arguments: 0..<4 as Range<UInt64>) func anyTextIsAnswered(seed: UInt64) throws {
        let cluster = try SQLTestCluster(jobLimit: .seconds(1)).ready()
        _ = try cluster.master.createDatabase("sales")
        let session = try cluster.session()
        var random = seed &* 0x9e37_79b9_7f4a_7c15 | 1
        func below(_ count: Int) -> Int {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return Int(random % UInt64(max(count, 1)))
        }
        let examples = StatementTable.rows.map { Array($0.example.utf8) }
        for _ in 0..<1500 {
            var text = examples[below(examples.count)]
            for _ in 0..<below(3) {
                let start = below(text.count)
                switch below(3) {
                case 0: text.removeSubrange(start..<min(text.count, start + below(6)))
                case 1: text[start] = UInt8(32 + below(95))
                default:
                    let other = examples[below(examples.count)]
                    text.insert(contentsOf: other.prefix(below(12)), at: start)
                }
                if text.isEmpty { break }
            }
            do {
                guard case .rows(let columns, let rows) = try session.run(text) else { continue }
                var writer = SQLRowWriter()
                _ = try rows.next(into: &writer)
                #expect(!columns.isEmpty)
            } catch {
                #expect(error is SQLError, "\(String(decoding: text, as: UTF8.self)): \(error)")
            }
        }
        #expect(try cluster.session(connection: 2).rows("SELECT 1") == [["1": "1"]])
    }
}

private final class LoggedLines: LogHandler, Sendable {
    private let lines = Mutex<[String]>([])

    var text: String { lines.withLock { $0.joined(separator: "\n") } }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
}
