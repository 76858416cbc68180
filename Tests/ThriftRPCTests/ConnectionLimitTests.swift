import CLibcStandIns
import Glibc
import Platform
import ServerFixtures
import Synchronization
import TabletModel
import Testing

@testable import ThriftRPC

/// Slow, silent and too many connections.
@Suite struct ConnectionLimitTests {
    @Test func oneByteAtATimeEndsAtTheMessageDeadline() throws {
        let limits = ServerLimits.small { $0.messageDeadline = .milliseconds(300) }
        try withHeartbeatServer(limits: limits) { server throws in
            let attacker = try RawConnection(port: server.boundPort)
            let started = ContinuousClock.now
            var sent = 0
            // A string that never ends; each byte comes long before any limit on silence would strike.
            attacker.send(callHead("heartbeat") + [11, 0, 1] + bytes(Int32(1_000_000)))
            while attacker.send([65]), ContinuousClock.now - started < .seconds(20) {
                sent += 1
                usleep(10_000)
            }
            #expect(ContinuousClock.now - started < .seconds(15))
            #expect(attacker.isClosedByPeer())
            #expect(server.statistics.timedOut == 1)
            #expect(server.statistics.memoryBytes == 0)
            #expect(try heartbeat(server.boundPort).status == .ok)
        }
    }

    @Test func silenceEndsAtTheIdleLimit() throws {
        let limits = ServerLimits.small { $0.idleLimit = .milliseconds(200) }
        try withHeartbeatServer(limits: limits) { server throws in
            let silent = try RawConnection(port: server.boundPort)
            #expect(silent.isClosedByPeer())
            // Counted right after it was closed.
            while server.statistics.timedOut == 0 {}
            #expect(server.statistics.timedOut == 1)
        }
    }

    @Test func slowConnectionsHoldNoWorker() throws {
        let limits = ServerLimits.small { $0.workers = 1 }
        try withHeartbeatServer(limits: limits) { server throws in
            let slow = try (0..<50).map { _ in try RawConnection(port: server.boundPort) }
            for each in slow { each.send(Array(GoldenVectorTests.heartbeatCall.dropLast())) }
            for _ in 0..<10 { #expect(try heartbeat(server.boundPort).status == .ok) }
            for each in slow {
                each.send([0])
                #expect(each.receive(4) == [0x80, 1, 0, 2])
            }
        }
    }

    @Test func aPeerThatTakesNoAnswersHoldsNoWorker() throws {
        let limits = ServerLimits.small {
            $0.workers = 1
            $0.messageDeadline = .seconds(2)
        }
        let policies = (0..<200).map { StoragePolicyEntry(name: String(repeating: "p\($0)", count: 5_000)) }
        try withFrontendServer(FrontendRecorder(policies: policies), limits: limits) { server throws in
            let deaf = try RawConnection(port: server.boundPort)
            for sequence in 0..<40 { deaf.send(callHead("refreshStoragePolicy", sequence: Int32(sequence)) + [0]) }
            let raw = try RawConnection(port: server.boundPort)
            raw.send(GoldenVectorTests.pingCall)
            #expect(raw.receive(4) == [0x80, 1, 0, 2])
            while server.statistics.timedOut == 0 { usleep(10_000) }
        }
    }

    @Test func overTheLimitTheLongestIdleGoes() throws {
        let limits = ServerLimits.small { $0.maxConnections = 4 }
        try withHeartbeatServer(limits: limits) { server throws in
            var old: [RawConnection] = []
            for index in 1...4 {
                old.append(try RawConnection(port: server.boundPort))
                while server.statistics.accepted < index {}
            }
            // The first one becomes the youngest of the idle.
            old[0].send(GoldenVectorTests.heartbeatCall)
            #expect(old[0].receive(4) == [0x80, 1, 0, 2])
            _ = old[0].receive(callHead("heartbeat").count - 4 + 34)
            let new = try RawConnection(port: server.boundPort)
            #expect(old[1].isClosedByPeer())
            // Counted once the new connection is in, a moment after the old one is closed.
            while server.statistics.shed < 1 {}
            new.send(GoldenVectorTests.heartbeatCall)
            #expect(new.receive(4) == [0x80, 1, 0, 2])
            old[0].send(GoldenVectorTests.heartbeatCall)
            #expect(old[0].receive(4) == [0x80, 1, 0, 2])
            #expect(server.statistics.shed == 1)
            #expect(server.statistics.connections == 4)
        }
    }

    @Test func aFloodOfConnectionsLeavesRoomForHeartbeats() throws {
        let limits = ServerLimits.small { $0.maxConnections = 20 }
        try withHeartbeatServer(limits: limits) { server throws in
            var flood: [RawConnection] = []
            for turn in 0..<300 {
                flood.append(try RawConnection(port: server.boundPort))
                if turn % 50 == 49 { #expect(try heartbeat(server.boundPort).status == .ok) }
            }
            #expect(server.statistics.connections <= 20)
        }
    }

    @Test func twoThousandIdleConnectionsCostNoThreadAndDelayNothing() throws {
        try withHeartbeatServer { server throws in
            let threads = threadCount()
            let idle = try (0..<2000).map { _ in try RawConnection(port: server.boundPort) }
            while server.statistics.connections < 2000 {}
            // Other tests start threads meanwhile; these would be 2,000 more.
            #expect(threadCount() < threads + 500)
            let connector = ThriftBackendConnector()
            for _ in 0..<100 { #expect(try heartbeat(server.boundPort, connector).status == .ok) }
            #expect(server.statistics.memoryBytes == 0)
            #expect(server.statistics.connections == 2001)
            #expect(idle.count == 2000)
        }
    }

    @Test func aPortInUseIsTold() throws {
        try withHeartbeatServer { server throws in
            let second = ThriftServer(
                .heartbeat(HeartbeatRecorder()), address: "127.0.0.1", port: server.boundPort, logger: quiet)
            let error = #expect(throws: ServerStartError.self) { try second.start() }
            #expect(error?.port == server.boundPort)
            #expect(error?.message.contains("Address already in use") == true)
        }
    }

    @Test func stopFinishesTheCallInProgress() throws {
        let handler = SlowHandler()
        let server = ThriftServer(
            .heartbeat(handler), address: "127.0.0.1", port: 0, limits: .small(), logger: quiet)
        try server.start()
        let raw = try RawConnection(port: server.boundPort)
        raw.send(GoldenVectorTests.heartbeatCall)
        handler.waitUntilCalled()
        try withPeer({ server.stop() }) { stopped throws in
            handler.letGo()
            #expect(raw.receive(4) == [0x80, 1, 0, 2])
            try stopped()
        }
        #expect(throws: FixtureError.self) { try RawConnection(port: server.boundPort) }
        server.stop()
    }

    @Test func stopDoesNotWaitForEverForAHandler() throws {
        let handler = SlowHandler()
        let limits = ServerLimits.small { $0.stopDeadline = .milliseconds(100) }
        let server = ThriftServer(
            .heartbeat(handler), address: "127.0.0.1", port: 0, limits: limits, logger: quiet)
        try server.start()
        let raw = try RawConnection(port: server.boundPort)
        raw.send(GoldenVectorTests.heartbeatCall)
        handler.waitUntilCalled()
        server.stop()
        handler.letGo()
        #expect(raw.receive(4) == [])
    }

    // found D7: here the wall clock goes back by six seconds right after the stop has begun.
    @Test func stopWaitsByTheMonotonicClock() throws {
        let handler = SlowHandler()
        let limits = ServerLimits.small { $0.stopDeadline = .milliseconds(100) }
        let server = ThriftServer(
            .heartbeat(handler), address: "127.0.0.1", port: 0, limits: limits, logger: quiet)
        try server.start()
        let raw = try RawConnection(port: server.boundPort)
        raw.send(GoldenVectorTests.heartbeatCall)
        handler.waitUntilCalled()
        let started = ContinuousClock.now
        stand_in_shift_wall_clock(6)
        server.stop()
        stand_in_shift_wall_clock(0)
        #expect(ContinuousClock.now - started < .seconds(4))
        handler.letGo()
    }
}

private func threadCount() -> Int {
    guard let folder = opendir("/proc/self/task") else { return 0 }
    defer { closedir(folder) }
    var count = -2
    while readdir(folder) != nil { count += 1 }
    return count
}
