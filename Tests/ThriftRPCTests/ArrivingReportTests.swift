import Glibc
import Platform
import ReportCodec
import ServerFixtures
import Synchronization
import TabletModel
import Testing

@testable import ThriftRPC

/// Large reports, which are read while they arrive: what they take, who waits, and how they break off.
@Suite struct ArrivingReportTests {
    /// A call of `report` with so many tablets, as its bytes.
    private func call(tablets count: Int, version: Int64 = 1) throws -> [UInt8] {
        let rows = (0..<count).map { index in
            var row = TabletReportRow(tabletID: TabletID(Int64(index)), schemaHash: 7, version: 5)
            row.replicaID = ReplicaID(Int64(index))
            return row
        }
        let report = OutgoingReport(
            backend: ReportTests.backend, reportVersion: version,
            body: .tablets(ArrayReportSource(rows), maxCompactionScore: 0))
        return callHead("report") + [12, 0, 1] + (try ReportEncoder.bytes(of: report)) + [0]
    }

    @Test func onlyAPieceOfAReportIsHeld() throws {
        let call = try call(tablets: 100_000)
        #expect(call.count > 10_000_000)
        let handler = FrontendRecorder()
        try withFrontendServer(handler) { server throws in
            let sender = try RawConnection(port: server.boundPort)
            var most: Int64 = 0
            for start in stride(from: 0, to: call.count, by: 100_000) {
                sender.send(Array(call[start..<min(start + 100_000, call.count)]))
                most = max(most, server.statistics.memoryBytes)
            }
            #expect(!sender.receive(4).isEmpty)
            #expect(most > 0 && most < 2_000_000)
            #expect(server.statistics.memoryBytes == 0)
        }
        let arrived = handler.reports.withLock { $0.first?.arrived as? ArrivedRows }
        #expect(arrived?.rows.map(\.tabletID) == (0..<100_000).map { TabletID($0) })
    }

    @Test func aReportThatBreaksOffLeavesNothing() throws {
        let call = try call(tablets: 20_000)
        let handler = FrontendRecorder()
        try withFrontendServer(handler) { server throws in
            do {
                let sender = try RawConnection(port: server.boundPort)
                sender.send(Array(call.dropLast(1)))
                try wait(for: "its tablets to arrive") { handler.arriving.load(ordering: .relaxed) == 1 }
            }
            try wait(for: "its tablets to be let go") { handler.arriving.load(ordering: .relaxed) == 0 }
            try wait(for: "its memory to be free") { server.statistics.memoryBytes == 0 }
        }
        #expect(handler.reports.withLock { $0.isEmpty })
    }

    @Test func whatIsMoreThanMayArriveStaysWithItsSenderAndThenGoesOn() throws {
        let call = try call(tablets: 50_000)
        let handler = FrontendRecorder()
        let limits = ServerLimits.small { $0.arrivingReports = 1 }
        try withFrontendServer(handler, limits: limits) { server throws in
            let first = try RawConnection(port: server.boundPort)
            first.send(Array(call[..<1_000_000]))
            try wait(for: "the first to begin") { handler.arriving.load(ordering: .relaxed) == 1 }
            try withPeer {
                let waiting = try RawConnection(port: server.boundPort)
                waiting.send(call)
                return waiting.receive(4)
            } _: { answer in
                // Small ones have no need to wait.
                let disks = OutgoingReport(backend: ReportTests.backend, body: .disks([]))
                let connection = ThriftMasterConnector().connection(to: .local(server.boundPort))
                let before = server.statistics.bytesReceived
                try wait(for: "the second to send what it may") { server.statistics.bytesReceived > before }
                #expect(try connection.report(disks).code != .ok || handler.reports.withLock { $0.count == 1 })
                #expect(handler.arriving.load(ordering: .relaxed) == 1)
                #expect(server.statistics.memoryBytes < 4_000_000)
                first.send(Array(call[1_000_000...]))
                #expect(!first.receive(4).isEmpty)
                #expect(!(try answer()).isEmpty)
            }
        }
        let arrived = handler.reports.withLock { $0.compactMap { $0.arrived as? ArrivedRows } }
        #expect(arrived.map(\.rows.count) == [50_000, 50_000])
    }

    @Test func oneThatWaitsForTooLongIsClosed() throws {
        let call = try call(tablets: 50_000)
        let handler = FrontendRecorder()
        let limits = ServerLimits.small {
            $0.arrivingReports = 1
            $0.messageDeadline = .milliseconds(500)
        }
        try withFrontendServer(handler, limits: limits) { server throws in
            let first = try RawConnection(port: server.boundPort)
            var sent = 1_000_000
            first.send(Array(call[..<sent]))
            try wait(for: "the first to begin") { handler.arriving.load(ordering: .relaxed) == 1 }
            let waiting = try RawConnection(port: server.boundPort)
            waiting.send(Array(call[..<300_000]))
            // The first goes on, slowly: its place is not free.
            while server.statistics.timedOut == 0, sent < call.count - 10_000 {
                first.send(Array(call[sent..<sent + 10_000]))
                sent += 10_000
                usleep(50_000)
            }
            #expect(waiting.isClosedByPeer())
            first.send(Array(call[sent...]))
            #expect(!first.receive(4).isEmpty)
        }
        #expect(handler.reports.withLock { $0.count } == 1)
    }

    @Test func oneThatHasAPlaceAndSendsNothingGivesItUp() throws {
        let call = try call(tablets: 50_000)
        let handler = FrontendRecorder()
        let limits = ServerLimits.small {
            $0.arrivingReports = 1
            $0.messageDeadline = .seconds(2)
        }
        try withFrontendServer(handler, limits: limits) { server throws in
            let silent = try RawConnection(port: server.boundPort)
            silent.send(Array(call[..<1_000_000]))
            try wait(for: "the first to begin") { handler.arriving.load(ordering: .relaxed) == 1 }
            let next = try RawConnection(port: server.boundPort)
            next.send(call)
            #expect(!next.receive(4).isEmpty)
            #expect(silent.isClosedByPeer())
        }
        #expect(handler.reports.withLock { $0.count } == 1)
    }

    @Test func aLargeReportThatCantBeReadIsAnsweredWithWhy() throws {
        var call = try call(tablets: 20_000)
        // The key of some map entry far behind: it is no more the tablet's.
        let key = try #require(
            (call.count / 2..<call.count).first { place in
                Array(call[place..<min(place + 8, call.count)]) == bytes(Int64(15_000))
            })
        call[key] = 1
        let handler = FrontendRecorder()
        try withFrontendServer(handler) { server throws in
            let sender = try RawConnection(port: server.boundPort)
            sender.send(call)
            let answer = String(decoding: sender.receive(1 << 10), as: UTF8.self)
            #expect(answer.contains("can't read the report: report: map key"))
            // The connection lives.
            sender.send(try self.call(tablets: 20_000))
            #expect(!sender.receive(4).isEmpty)
            #expect(handler.arriving.load(ordering: .relaxed) <= 1)
        }
        #expect(handler.reports.withLock { $0.count } == 1)
    }
}
