import DaemonRuntime
import Foundation
import Glibc
import Logging
import ServerFixtures
import Testing

/// A shell in the companion's place.
@Suite(.timeLimit(.minutes(10))) struct CompanionTests {
    private let folder: TemporaryFolder
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws { folder = try TemporaryFolder() }

    private func companion(_ script: String, pause: Duration = .zero) -> Companion {
        Companion(
            "companion", program: "/bin/sh", arguments: ["-c", "cd '\(folder.path)'; " + script], pause: pause,
            logger: logger)
    }

    private func text(_ name: String) -> String {
        FileManager.default.contents(atPath: "\(folder.path)/\(name)").map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private func wait(_ what: String, until condition: () -> Bool) {
        let deadline = ContinuousClock.now + .seconds(60)
        while !condition() {
            guard ContinuousClock.now < deadline else {
                Issue.record("waited for \(what)")
                return
            }
            usleep(2000)
        }
    }

    @Test func itHearsWhatItIsToldAndTheEnd() {
        var companion: Companion? = companion("cat >> heard; echo . >> heard")
        companion?.tell("one ")
        companion?.tell("two")
        wait("what was told") { text("heard") == "one two" }
        companion = nil
        wait("the end") { text("heard") == "one two.\n" }
    }

    @Test func oneThatHasEndedIsStartedAnewAndHearsTheNext() throws {
        let companion = companion("exec cat >> heard")
        companion.tell("one")
        wait("what was told") { text("heard") == "one" }
        let first = try #require(companion.pid)
        kill(first, SIGKILL)
        // Until its end of the connection is closed it may take texts that nobody reads.
        wait("a new one") {
            companion.tell("two")
            return companion.pid != first
        }
        wait("what was told") { text("heard").hasSuffix("two") }
        wait("the end of the first one") {
            companion.tell("three")
            return kill(first, 0) == -1
        }
    }

    @Test func oneThatEndsEachTimeIsNotStartedWithoutAPause() {
        let companion = companion("echo . >> starts", pause: .seconds(3600))
        companion.tell("one")
        wait("its end") {
            companion.tell("two")
            return companion.pid == nil
        }
        for _ in 0..<100 { companion.tell("three") }
        #expect(companion.pid == nil && text("starts") == ".\n")
    }

    /// A socket or a lock that lived on in it would keep the next process from starting.
    @Test func itHasNoFileOfItsParent() throws {
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        let companion = companion("ls -l /proc/$$/fd > files; cat /proc/$$/stat > stat; echo > done; cat > heard")
        companion.tell("x")
        wait("its files") { !text("done").isEmpty }
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(socket)")
        #expect(own.hasPrefix("socket:") && !text("files").contains(own), "\(text("files"))")
        #expect(text("files").contains("0 -> socket:"))
        // Its process group: the fifth field, three behind the name.
        let group = text("stat").split(separator: " ")[4]
        #expect(group == "\(try #require(companion.pid))")
    }

    @Test func aProgramThatIsNotThereIsNoTrouble() {
        let companion = Companion("companion", program: "/nowhere", arguments: [], logger: logger)
        companion.tell("x")
        #expect(companion.pid == nil)
    }
}
