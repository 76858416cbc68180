import ServerFixtures
import Synchronization
import Testing

@testable import tabletctl

/// What an FE that follows sends to the master's address: uploads.
@Suite struct RedirectTests {
    @Test func anUploadWaitsUntilItsFrontendKnowsOfTheNextMaster() throws {
        let master = try FaultyHTTPServer { _ in .respond(status: 200, body: Array("{}".utf8)) }
        defer { master.stop() }
        let gone = try LoopbackSocket.freePort()
        let asked = Atomic(0)
        let follower = try FaultyHTTPServer { request in
            let count = asked.wrappingAdd(1, ordering: .relaxed).newValue
            let port = count < 3 ? gone : master.port
            return .respond(status: 307, headers: ["Location": "http://127.0.0.1:\(port)\(request.target)"])
        }
        defer { follower.stop() }
        let client = try APIClient(address: "127.0.0.1:\(follower.port)")
        let answer = try client.put("/api/d/t/_stream_load", ["a"])
        #expect(answer == Array("{}".utf8))
        #expect(asked.load(ordering: .relaxed) == 3)
        #expect(master.requests.map(\.body) == [Array(#"["a"]"#.utf8)])
    }

    /// What the master was told may have been done.
    @Test func whatWasSentIsNotSentAgain() throws {
        let master = try FaultyHTTPServer { _ in .reset }
        defer { master.stop() }
        let follower = try FaultyHTTPServer { request in
            .respond(status: 307, headers: ["Location": "\(master.endpoint)\(request.target)"])
        }
        defer { follower.stop() }
        let client = try APIClient(address: "127.0.0.1:\(follower.port)")
        #expect(throws: CLIError.self) {
            try client.put("/api/d/t/_stream_load", ["a"])
        }
        #expect(master.requests.count == 1)
    }
}
