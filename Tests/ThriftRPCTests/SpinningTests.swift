import CThrift
import Dispatch
import Glibc
import Platform
import ServerFixtures
import Synchronization
import TabletModel
import Testing

@testable import ThriftRPC

/// A worker that looks for a quick peer's next message instead of sleeping is in nobody's way. The spins here last ten
/// minutes unless something ends them, so that a test hangs up or hangs where a real one would be late by microseconds.
@Suite(.serialized) struct SpinningTests {
    @Test func aSpinningWorkerServesAnotherConnectionOnceNoWorkerIsFree() throws {
        let handler = SwitchedHandler()
        try withSpinningServer(handler) { server, quick throws in
            handler.isSlow.store(true, ordering: .sequentiallyConsistent)
            let slow = try RawConnection(port: server.port)
            slow.send(GoldenVectorTests.heartbeatCall)
            handler.waitUntilCalled()
            handler.isSlow.store(false, ordering: .sequentiallyConsistent)
            // The other worker is in the handler: what comes now is the spinning one's.
            let third = try RawConnection(port: server.port)
            #expect(third.isAnswered())
            #expect(quick.isAnswered())
            handler.letGo()
            #expect(slow.receive(4) == [0x80, 1, 0, 2])
        }
    }

    @Test func aSpinningWorkersConnectionIsAnsweredAtOnce() throws {
        try withSpinningServer { server, quick throws in
            for _ in 0..<1000 { #expect(quick.isAnswered()) }
            #expect(server.counters.accepted == 1)
        }
    }

    @Test func aConnectionThatIsSpunForMakesRoomLikeAnyIdleOne() throws {
        try withSpinningServer(maxConnections: 1) { server, quick throws in
            let new = try RawConnection(port: server.port)
            #expect(quick.isClosedByPeer())
            #expect(new.isAnswered())
            // Counted right after the old one was closed.
            while server.counters.shed == 0 {}
            #expect(server.counters.shed == 1)
            #expect(server.counters.refusedConnections == 0)
        }
    }

    @Test func aPeerThatHangsUpEndsTheSpin() throws {
        let server = try SpinningServer(SwitchedHandler(), maxConnections: 10)
        defer { server.stop() }
        do { _ = try server.quickConnection() }
        while server.counters.spinningWorkers > 0 || server.counters.connections > 0 { sched_yield() }
        #expect(try RawConnection(port: server.port).isAnswered())
    }

    @Test func stoppingEndsTheSpin() throws {
        let server = try SpinningServer(SwitchedHandler(), maxConnections: 10)
        let quick = try server.quickConnection()
        server.stop()
        #expect(server.counters.spinningWorkers == 0)
        #expect(quick.isClosedByPeer())
    }

    private func withSpinningServer(
        _ handler: SwitchedHandler = SwitchedHandler(), maxConnections: Int32 = 10,
        _ body: (SpinningServer, _ quick: RawConnection) throws -> Void
    ) throws {
        let server = try SpinningServer(handler, maxConnections: maxConnections)
        defer { server.stop() }
        try body(server, try server.quickConnection())
    }
}

/// A heartbeat server of two workers that spin long.
private final class SpinningServer {
    private let handle: OpaquePointer?
    let port: Int32

    init(_ handler: SwitchedHandler, maxConnections: Int32) throws {
        var options = wire.ServerOptions()
        options.name = text(Array("spinning".utf8))
        options.address = text(Array("127.0.0.1".utf8))
        options.workers = 2
        options.maxConnections = maxConnections
        options.spinMicroseconds = 600_000_000
        options.spinsForEveryPeer = true
        options.stopDeadlineMs = 60_000
        handle = wire.makeHeartbeatServer(options, heartbeatCallbacks(handler))
        var error = wire.Text()
        guard let handle, wire.startServer(handle, &error) else {
            throw FixtureError(String(decoding: array(error), as: UTF8.self))
        }
        port = wire.serverPort(handle)
    }

    deinit { wire.freeServer(handle) }

    var counters: wire.ServerCounters { handle.map { wire.serverCounters($0) } ?? wire.ServerCounters() }

    func stop() {
        if let handle { wire.stopServer(handle) }
    }

    /// A connection that a worker spins for.
    func quickConnection() throws -> RawConnection {
        let connection = try RawConnection(port: port)
        // None spins while the second worker is still on its way to wait: then the next call is the one.
        while counters.spinningWorkers == 0 {
            guard connection.isAnswered() else { throw FixtureError("no answer") }
            for _ in 0..<100 where counters.spinningWorkers == 0 { sched_yield() }
        }
        return connection
    }
}

/// Answers at once, or when the test lets it.
private final class SwitchedHandler: HeartbeatHandler {
    let isSlow = Atomic<Bool>(false)
    private let called = DispatchSemaphore(value: 0)
    private let go = DispatchSemaphore(value: 0)

    func waitUntilCalled() { called.wait() }
    func letGo() { go.signal() }

    func heartbeat(_ master: MasterInfo) -> HeartbeatReply {
        if isSlow.load(ordering: .sequentiallyConsistent) {
            called.signal()
            go.wait()
        }
        return HeartbeatReply(status: .ok)
    }
}

extension RawConnection {
    private static let answerBytes = callHead("heartbeat").count + 34

    /// Sends a heartbeat and reads its answer whole.
    fileprivate func isAnswered() -> Bool {
        send(GoldenVectorTests.heartbeatCall)
            && receive(RawConnection.answerBytes).count == RawConnection.answerBytes
    }
}
