import Dispatch
import Foundation
import Synchronization

@testable import ClusterMetadata

/// A journal that tells when an append begins, and goes on with it when it is told how it ends.
final class SteeredJournal: Journal {
    enum End { case durable, refused, lost, unknownButDurable }

    private let real: KeyValueJournal
    private let ends = Mutex<[End]>([])
    private let begun = DispatchSemaphore(value: 0)
    private let told = DispatchSemaphore(value: 0)
    let groups = Mutex<[[JournalEntry]]>([])
    /// Appends are steered from now on.
    let isSteered = Atomic(false)

    init(_ real: KeyValueJournal) { self.real = real }

    func awaitAppend() { begun.wait() }
    func end(_ end: End) {
        ends.withLock { $0.append(end) }
        told.signal()
    }

    func append(_ entries: [EncodedEntry]) throws -> Int64 {
        groups.withLock { $0.append(entries.map(\.entry)) }
        guard isSteered.load(ordering: .relaxed) else { return try real.append(entries) }
        begun.signal()
        told.wait()
        switch ends.withLock({ $0.removeFirst() }) {
        case .durable: return try real.append(entries)
        case .refused: throw JournalAppendError.refused(reason: "the disk is full")
        case .lost: throw JournalAppendError.outcomeUnknown(reason: "the sync failed")
        case .unknownButDurable:
            _ = try real.append(entries)
            throw JournalAppendError.outcomeUnknown(reason: "the sync failed")
        }
    }

    var failure: String? { real.failure }
    func reopen() throws { try real.reopen() }
    func read(from start: Int64, _ body: (Int64, JournalEntry) throws -> Void) throws {
        try real.read(from: start, body)
    }
    func truncate(upTo end: Int64) throws { try real.truncate(upTo: end) }
    var lastLogID: Int64 { get throws { try real.lastLogID } }
    var truncatedLogID: Int64 { get throws { try real.truncatedLogID } }
    func records(from start: Int64, _ body: (JournalRow) throws -> Bool) throws { try real.records(from: start, body) }
    var volumeBytes: Int64 { real.volumeBytes }
}

/// A writer on a thread of its own.
final class Writer: Sendable {
    let result = Mutex<Result<Void, any Error>?>(nil)
    private let done = DispatchSemaphore(value: 0)

    init(_ body: @escaping @Sendable () throws -> Void) {
        Thread.detachNewThread { [self] in
            let ended = Result { try body() }
            result.withLock { $0 = ended }
            done.signal()
        }
    }

    func get() throws {
        done.wait()
        defer { done.signal() }
        try result.withLock { $0 }?.get()
    }

    var isDone: Bool { result.withLock { $0 != nil } }
}
