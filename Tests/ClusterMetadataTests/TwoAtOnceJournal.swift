import Dispatch
import Foundation
import Synchronization

@testable import ClusterMetadata

/// A log in memory that takes the next append while one is on its way, and ends each, by its number from 1, when it is told.
final class TwoAtOnceJournal: Journal {
    enum End { case durable, refused, lost, unknownButDurable }

    private let log = Mutex<[JournalEntry]>([])
    private let steered = Mutex(Steered())
    let groups = Mutex<[[JournalEntry]]>([])
    let behind = Mutex<[Int64]>([])
    let isSteered = Atomic(false)

    private struct Steered {
        var begun = 0
        var ends: [Int: End] = [:]
        /// Its entries are in the log, or are not: its answer is decided.
        var decided = 0
    }

    func awaitBegun(_ number: Int) {
        while steered.withLock({ $0.begun }) < number { sched_yield() }
    }

    func end(_ number: Int, _ end: End) { steered.withLock { $0.ends[number] = end } }

    func append(_ entries: [EncodedEntry], behind logID: Int64?, onItsWay: () -> Void) throws -> Int64 {
        guard isSteered.load(ordering: .relaxed) else { return try append(entries) }
        groups.withLock { $0.append(entries.map(\.entry)) }
        behind.withLock { $0.append(logID ?? -1) }
        let number = steered.withLock { steered in
            steered.begun += 1
            return steered.begun
        }
        onItsWay()
        while true {
            // What the log takes it takes in order.
            let end = steered.withLock { $0.decided == number - 1 ? $0.ends[number] : nil }
            guard let end else {
                sched_yield()
                continue
            }
            defer { steered.withLock { $0.decided += 1 } }
            if case .durable = end, let logID, logID != (try lastLogID) {
                throw JournalAppendError.refused(reason: "entry \(logID) is not the last one")
            }
            switch end {
            case .durable: return try append(entries)
            case .refused: throw JournalAppendError.refused(reason: "the disk is full")
            case .lost: throw JournalAppendError.outcomeUnknown(reason: "no answer")
            case .unknownButDurable:
                _ = try append(entries)
                throw JournalAppendError.outcomeUnknown(reason: "no answer")
            }
        }
    }

    func append(_ entries: [EncodedEntry]) throws -> Int64 {
        log.withLock { log in
            log += entries.map(\.entry)
            return Int64(log.count)
        }
    }

    var failure: String? { nil }
    func reopen() throws {}
    func read(from start: Int64, _ body: (Int64, JournalEntry) throws -> Void) throws {
        for (place, entry) in log.withLock({ $0 }).enumerated() where place + 1 >= start {
            try body(Int64(place + 1), entry)
        }
    }
    func truncate(upTo end: Int64) throws {}
    var lastLogID: Int64 { get throws { Int64(log.withLock { $0.count }) } }
    var truncatedLogID: Int64 { get throws { 0 } }
    func records(from start: Int64, _ body: (JournalRow) throws -> Bool) throws {}
    var volumeBytes: Int64 { 0 }
}
