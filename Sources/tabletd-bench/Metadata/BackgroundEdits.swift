internal import ClusterMetadata
internal import Foundation
internal import Glibc
internal import Synchronization
internal import TabletModel

/// The longest that a call took while it was looked at.
final class Pauses: Sendable {
    private let isLooking = Atomic(false)
    private let longest = Atomic<Int64>(0)

    func begin() { isLooking.store(true, ordering: .relaxed) }
    func end() { isLooking.store(false, ordering: .relaxed) }
    var longestMs: Double { Double(longest.load(ordering: .relaxed)) / 1e6 }

    func time(_ body: () throws -> Void) rethrows {
        let isCounted = isLooking.load(ordering: .relaxed)
        let clock = ContinuousClock()
        let taken = try clock.measure(body).wholeNanoseconds
        guard isCounted else { return }
        _ = longest.max(taken, ordering: .relaxed)
    }
}

/// 10,000 edits a second, and somebody who reads all the time.
final class BackgroundEdits {
    static let editsPerSecond = 10_000
    private static let threads = 4
    private static let perCommit = 5

    private let writers: WriterThreads
    private let reader: WriterThreads

    init(store: MetadataStore, pauses: Pauses, _ edit: @escaping @Sendable (Int) -> JournalEntry) {
        let interval = 1_000_000 * Self.threads * Self.perCommit / Self.editsPerSecond
        writers = WriterThreads(Self.threads) { number in
            let began = ContinuousClock.now
            let entries = (0..<Self.perCommit).map { edit(number * Self.perCommit + $0) }
            try pauses.time { try store.commit(entries) }
            let left = interval - Int((ContinuousClock.now - began).wholeNanoseconds / 1000)
            if left > 0 { usleep(UInt32(left)) }
        }
        reader = WriterThreads(1) { _ in
            pauses.time { store.read { _ = $0.database(1) } }
            usleep(200)
        }
    }

    func stop() throws {
        try writers.stop()
        try reader.stop()
    }
}
