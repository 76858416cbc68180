import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import DaemonRuntime

/// Parts that fail before they are ready, after, during the stop, or never stop. (The signals themselves are tested with
/// real daemons.)
/// Its limits leave room for a machine on which everything else is tested at the same time.
@Suite(.timeLimit(.minutes(20))) struct RunUntilStoppedTests {
    private struct Broken: Error, Equatable { var name: String }
    private let logger = Logger(label: "test")
    private let limits = StopLimits(graceful: .seconds(900))

    /// What happened, in order.
    private final class Diary: Sendable {
        private let lines = Mutex<[String]>([])
        func note(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    private struct Part: Service {
        let work: @Sendable () async throws -> Void
        func run() async throws { try await work() }
    }

    private func ending(_ name: String, _ diary: Diary) -> DaemonPart {
        DaemonPart(
            name,
            Part {
                do { try await gracefulShutdown() } catch {}
                diary.note("\(name) ended")
            })
    }

    // found C1
    @Test func aPartThatFailsBeforeItsPortIsKnownEndsThoseThatWaitForIt() async throws {
        let diary = Diary()
        let port = BoundPort()
        let waiting = ThreadedService(after: port) { _ in
            diary.note("started")
        } onStop: {
            diary.note("stopped")
        }
        let parts = [
            ending("storage", diary), DaemonPart("HTTP", Part { throw Broken(name: "HTTP") }),
            DaemonPart("tasks", waiting),
        ]
        await #expect(throws: Broken(name: "HTTP")) {
            try await runUntilStopped(parts, within: limits, logger: logger)
        }
        #expect(diary.all == ["storage ended"])
    }

    @Test func aPartThatFailsWhileItStartsTakesBackWhatItBegan() async throws {
        let diary = Diary()
        let port = BoundPort()
        port.set(8040)
        let failing = ThreadedService(after: port) { port in
            diary.note("started with \(port)")
            throw Broken(name: "tasks")
        } onStop: {
            diary.note("stopped")
        }
        let parts = [ending("storage", diary), DaemonPart("tasks", failing)]
        await #expect(throws: Broken(name: "tasks")) {
            try await runUntilStopped(parts, within: limits, logger: logger)
        }
        #expect(diary.all == ["started with 8040", "stopped", "storage ended"])
    }

    @Test func aPartThatFailsLaterStopsTheOthersInReverseOrder() async throws {
        let diary = Diary()
        let (begin, trigger) = AsyncStream<Void>.makeStream()
        let middle = DaemonPart(
            "middle",
            Part {
                for await _ in begin { break }
                throw Broken(name: "middle")
            })
        let last = DaemonPart(
            "last",
            ThreadedService {
                _ in
                trigger.yield()
            } onStop: {
                diary.note("last ended")
            })
        await #expect(throws: Broken(name: "middle")) {
            try await runUntilStopped([ending("first", diary), middle, last], within: limits, logger: logger)
        }
        #expect(diary.all == ["last ended", "first ended"])
    }

    @Test func aPartThatFailsDuringTheStopIsToldAndTheRestStopsAllTheSame() async throws {
        let diary = Diary()
        let failing = DaemonPart(
            "failing",
            Part {
                do { try await gracefulShutdown() } catch {}
                throw Broken(name: "failing")
            })
        let cause = DaemonPart("cause", Part { throw Broken(name: "cause") })
        await #expect(throws: Broken(name: "cause")) {
            try await runUntilStopped([ending("first", diary), cause, failing], within: limits, logger: logger)
        }
        #expect(diary.all == ["first ended"])
    }

    // found C1: the process must end, whatever a part does.
    @Test func aPartThatNeverStopsIsNamedWhenTheTimeIsUp() async throws {
        let (release, trigger) = AsyncStream<Void>.makeStream()
        let diary = Diary()
        let stubborn = DaemonPart(
            "stubborn",
            Part {
                // Heeds neither shutdown nor cancellation.
                await withCheckedContinuation { continuation in
                    let waiting = Task { for await _ in release { break } }
                    Task {
                        await waiting.value
                        continuation.resume()
                    }
                }
            })
        let cause = DaemonPart("cause", Part { throw Broken(name: "cause") })
        let short = StopLimits(graceful: .milliseconds(50), afterCancelling: .milliseconds(50))
        await #expect(throws: Broken(name: "cause")) {
            try await runUntilStopped([stubborn, cause], within: short, logger: logger) { running in
                for name in running { diary.note(name) }
                // Here the process would end.
                trigger.yield()
            }
        }
        #expect(diary.all == ["stubborn"])
    }

    // found D7: `DispatchSemaphore` waited by the wall clock.
    @Test func aLatchOpensForWhoWaitsAndGivesUpInTime() {
        let latch = Latch()
        #expect(!latch.wait(upTo: .milliseconds(10)))
        Thread { latch.open() }.start()
        #expect(latch.wait(upTo: .seconds(900)))
        #expect(latch.wait(upTo: .zero))
    }
}

@Suite struct LogReopeningTests {
    // found C2
    @Test func linesGoToTheNewFileAfterTheOldOneWasMoved() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/tabletd-log-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let output = try LogOutput(path: folder + "/log")
        output.write("one\n")
        try FileManager.default.moveItem(atPath: folder + "/log", toPath: folder + "/log.1")
        output.write("two\n")
        try output.reopen()
        output.write("three\n")
        #expect(try String(contentsOfFile: folder + "/log.1", encoding: .utf8) == "one\ntwo\n")
        #expect(try String(contentsOfFile: folder + "/log", encoding: .utf8) == "three\n")
        // A folder that is gone: the lines go on where they went.
        try FileManager.default.moveItem(atPath: folder, toPath: folder + "-moved")
        defer { try? FileManager.default.removeItem(atPath: folder + "-moved") }
        #expect(throws: LogOutputError.self) { try output.reopen() }
        output.write("four\n")
        #expect(try String(contentsOfFile: folder + "-moved/log", encoding: .utf8) == "three\nfour\n")
    }
}
