import Foundation
import PeerKit
import Synchronization
import Testing

/// What went wrong in a run, gathered from its own thread and told to the test at its end.
final class Complaints: Sendable {
    private let lines = Mutex<[String]>([])

    /// Runs a story that mostly waits on a thread of its own: the runs go side by side, however few cores there are, and
    /// take no thread of the other tests.
    static func run(
        sourceLocation: SourceLocation = #_sourceLocation, _ story: @escaping @Sendable (Complaints) throws -> Void
    ) async {
        let complaints = Complaints()
        await withCheckedContinuation { continuation in
            let thread = Thread {
                complaints.step("the run") { try story(complaints) }
                continuation.resume()
            }
            thread.stackSize = 2 << 20
            thread.start()
        }
        for line in complaints.lines.withLock({ $0 }) {
            Issue.record("\(line)", sourceLocation: sourceLocation)
        }
    }

    /// Once, however often it is seen.
    func add(_ line: String) {
        lines.withLock { lines in
            if !lines.contains(line) { lines.append(line) }
        }
    }
    func add(_ what: String, _ found: [String]) { for line in found { add("\(what): \(line)") } }
    func unless(_ holds: Bool, _ line: @autoclosure () -> String) { if !holds { add(line()) } }

    /// A part of the story. What it throws is a complaint, and the story goes on: one wrong shows beside the others.
    func step(_ name: String, _ body: () throws -> Void) {
        do {
            try body()
        } catch let timeout as PeerTimeout {
            add("\(name): \(timeout.description.prefix { $0 != "\n" })")
        } catch {
            add("\(name): \(error)")
        }
    }
}
