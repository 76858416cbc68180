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
            let before = try Self.residentBytes()
            let idle = try (0..<Self.count).map { _ in try server.client() }
            #expect(server.statistics.connections == Self.count)
            let each = (try Self.residentBytes() - before) / Self.count
            // What other tests take meanwhile is in it: alone it is about six kilobytes. A thread each would be far beyond.
            #expect(each < 512 << 10, "\(each) bytes a connection, both ends")
            let busy = try server.client()
            for _ in 0..<100 { #expect(busy.ask("INSERT").first == 0) }
            #expect(idle[1234].ask("INSERT").first == 0)
            print("idle connections: \(each) bytes each, both ends")
        }
    }
}
