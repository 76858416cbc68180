import Foundation
import MySQLServer
import ServerFixtures
import Testing

@Suite struct IdleConnectionsTests {
    /// Both ends are in this process: two descriptors a connection.
    private static let count = 5_000

    private static func residentBytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return Int(text.split(separator: " ")[1])! * 4096
    }

    private static func raiseDescriptorLimit() throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        guard limit.rlim_cur < 3 * count else { return }
        limit.rlim_cur = min(limit.rlim_max, rlim_t(4 * count))
        guard limit.rlim_cur >= 3 * count, setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw FixtureError("the test needs \(3 * count) descriptors: raise ulimit -n")
        }
    }

    @Test func fiveThousandAreCheapAndDisturbNobody() async throws {
        try Self.raiseDescriptorLimit()
        try await TestServer.run({ $0.connectionLimit = Self.count + 1 }) { server in
            // Of ten parts one of the least: other tests take memory meanwhile. Alone all ten show about six kilobytes.
            var idle: [MySQLRawClient] = []
            let growths = try (0..<10).map { _ in
                let before = try Self.residentBytes()
                idle += try MySQLRawClient.many(Self.count / 10, port: server.port, user: "nobody")
                return try (Self.residentBytes() - before) / (Self.count / 10)
            }
            let each = growths.sorted()[2]
            #expect(server.statistics.connections == Self.count)
            #expect(each < 24 << 10, "\(growths) bytes a connection, both ends")
            let busy = try server.client()
            for _ in 0..<100 { #expect(busy.ask("INSERT").first == 0) }
            #expect(idle[1234].ask("INSERT").first == 0)
        }
    }
}
