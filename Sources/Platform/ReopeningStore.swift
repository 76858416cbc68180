internal import Synchronization

/// A key-value store that outlives the failures of its disk: after a write whose outcome is unknown it closes the store, opens
/// it anew and looks whether the batch is there, so that the writer hears the truth. Any thread.
///
/// When it can't be opened anew now, because the disk is full or broken, that write's outcome stays unknown (its writer hears
/// so), every later write is refused, and reads go on from a handle that only reads, if the disk allows that. `reopen` is
/// called again from time to time, by a timer of the owner, until it succeeds and settles what was left open.
///
/// A write must not be made inside a `scan` of the same store: opening anew waits for running scans.
public final class ReopeningStore: KeyValueStore {
    public let path: String
    private let opener: any KeyValueStoreOpener
    private let state: Mutex<State>
    /// The turn of the one who opens anew: spans closing, opening and reading back. Never taken by reads.
    private let turn = Mutex<Void>(())

    private struct State {
        var handle: any KeyValueStore
        /// Why writes are refused: the first error since the store worked last.
        var failure: KeyValueStoreError?
        var isClosed = false
        var nextWrite: UInt64 = 0
        /// Writes that were begun and whose writer has not heard of them.
        var inFlight: [UInt64: WriteBatch] = [:]
        /// What opening anew found out about writes in flight.
        var found: [UInt64: Bool] = [:]
        /// Batches whose writers were told that their outcome is unknown.
        var unsettled: [WriteBatch] = []

        mutating func forget(_ number: UInt64) {
            inFlight[number] = nil
            found[number] = nil
        }
    }

    /// What became of the batches whose outcome had been told to be unknown.
    public struct Settlement: Sendable {
        public var durable: [WriteBatch] = []
        public var absent: [WriteBatch] = []
    }

    /// Opens the store, or, when its disk takes no writes now, opens it for reading with `failure` set.
    /// - Throws: what opening for writing threw, when it can't be read either or is locked or corrupt.
    public init(_ opener: any KeyValueStoreOpener, path: String) throws {
        self.path = path
        self.opener = opener
        do {
            state = Mutex(State(handle: try opener.open(path)))
        } catch let error as KeyValueStoreError where error.code == .noSpace || error.code == .io {
            guard let reader = try? opener.openForReading(path) else { throw error }
            state = Mutex(State(handle: reader, failure: error))
        }
    }

    /// Why writes are refused now; nil while the store works.
    public var failure: KeyValueStoreError? { state.withLock { $0.failure } }

    // MARK: Writing

    public func write(_ batch: WriteBatch, sync: Bool) throws {
        let (number, handle) = try begin(batch)
        do {
            try handle.write(batch, sync: sync)
            state.withLock { $0.forget(number) }
        } catch let error as KeyValueStoreError {
            try settle(number, batch, error)
        } catch {
            state.withLock { $0.forget(number) }
            throw error
        }
    }

    private func begin(_ batch: WriteBatch) throws -> (UInt64, any KeyValueStore) {
        try state.withLock { state in
            if let failure = state.failure { throw refusal(failure) }
            state.nextWrite += 1
            state.inFlight[state.nextWrite] = batch
            return (state.nextWrite, state.handle)
        }
    }

    /// Returns when the batch turned out to be durable.
    private func settle(_ number: UInt64, _ batch: WriteBatch, _ error: KeyValueStoreError) throws {
        if error.outcome == .unknown { state.withLock { $0.failure = $0.failure ?? error } }
        // Somebody else's failure may have closed the handle under this write: then it is settled with that one.
        var trouble: (any Error)?
        do { _ = try reopen() } catch { trouble = error }
        let found = state.withLock { state -> Bool? in
            defer { state.forget(number) }
            let found = state.found[number]
            if found == nil, error.outcome == .unknown { state.unsettled.append(batch) }
            return found
        }
        switch (found, error.outcome) {
        case (true?, _): return
        case (false?, _), (nil, .refused):
            var refused = error
            refused.outcome = .refused
            throw refused
        case (nil, .unknown):
            var unknown = error
            if let trouble { unknown.message += "; opening the store again failed too: \(trouble)" }
            throw unknown
        }
    }

    private func refusal(_ failure: KeyValueStoreError) -> KeyValueStoreError {
        KeyValueStoreError(
            failure.code, path: path,
            message: "takes no writes until it could be opened again, since: \(failure.message)")
    }

    /// Opens the store anew if it has failed, and finds out what is in it. Blocking.
    /// - Returns: what became of the batches whose writers have not heard the end.
    /// - Throws: why it can't be opened yet; nothing has changed then, but for the handle that reads.
    public func reopen() throws -> Settlement {
        try turn.withLock { _ in
            let (old, hasFailed) = state.withLock { ($0.handle, $0.failure != nil && !$0.isClosed) }
            guard hasFailed else { return Settlement() }
            // Waits for the calls on it: afterwards nobody adds to what is in flight.
            old.close()
            do {
                let new = try opener.open(path)
                do {
                    return try take(new)
                } catch {
                    new.close()
                    throw error
                }
            } catch {
                if let reader = try? opener.openForReading(path) { replace(with: reader) }
                throw error
            }
        }
    }

    /// Reads back what is open, then lets writes through again.
    private func take(_ new: any KeyValueStore) throws -> Settlement {
        let (inFlight, unsettled) = state.withLock { ($0.inFlight, $0.unsettled) }
        let found = try inFlight.mapValues { try $0.isFound(in: new) }
        var settlement = Settlement()
        for batch in unsettled {
            if try batch.isFound(in: new) { settlement.durable.append(batch) } else { settlement.absent.append(batch) }
        }
        replace(with: new) { state in
            for (number, isFound) in found where state.inFlight[number] != nil { state.found[number] = isFound }
            state.unsettled = []
            state.failure = nil
        }
        return settlement
    }

    private func replace(with handle: any KeyValueStore, _ change: (inout State) -> Void = { _ in }) {
        let isClosed = state.withLock { state in
            change(&state)
            state.handle = handle
            return state.isClosed
        }
        if isClosed { handle.close() }
    }

    // MARK: Reading

    public func get(_ key: [UInt8]) throws -> [UInt8]? { try current.get(key) }

    public func scan(
        prefix: [UInt8], from start: [UInt8]?,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool
    ) throws {
        try current.scan(prefix: prefix, from: start, body)
    }

    public func last(prefix: [UInt8]) throws -> (key: [UInt8], value: [UInt8])? { try current.last(prefix: prefix) }

    private var current: any KeyValueStore { state.withLock { $0.handle } }

    public func close() {
        let handle = state.withLock { state in
            state.isClosed = true
            return state.handle
        }
        handle.close()
    }
}
