internal import RowConditions
internal import Synchronization
internal import TabletModel

/// Which rows of a rowset some deletes took away, as far as reads found out: neither rows nor deletes ever change, so a block is
/// looked through once. Any thread.
final class GoneRows: Sendable {
    enum Finding: Sendable {
        case unknown
        case none
        case some(RowMask)
    }

    /// Those that go for the rowset.
    let deletes: [RowTest]
    /// By segment and block; a list ends with the last block that is known.
    private let findings = Mutex<[[Finding]]>([])

    init(deletes: [RowTest]) { self.deletes = deletes }

    subscript(segment: Int, block: Int) -> Finding {
        findings.withLock { segment < $0.count && block < $0[segment].count ? $0[segment][block] : .unknown }
    }

    /// - Returns: bytes of memory that it took.
    func learn(_ gone: RowMask?, segment: Int, block: Int) -> Int {
        findings.withLock { segments in
            while segments.count <= segment { segments.append([]) }
            let known = segments[segment].count
            while segments[segment].count <= block { segments[segment].append(.unknown) }
            segments[segment][block] = gone.map { .some($0) } ?? .none
            return (segments[segment].count - known) * MemoryLayout<Finding>.stride + (gone?.bytes ?? 0)
        }
    }
}

/// What is known of the rowsets that were read last, within a bound of memory. Any thread.
final class GoneRowsCache: Sendable {
    private struct Key: Hashable, Sendable {
        var tablet: TabletID
        var rowset: RowsetID
    }

    private struct Entry: Sendable {
        var rows: GoneRows
        var bytes = 0
        var lastUse: UInt64
    }

    private struct State: Sendable {
        var entries: [Key: Entry] = [:]
        var bytes = 0
        var uses: UInt64 = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: in bytes.
    init(limit: Int) { self.limit = limit }

    var bytes: Int { state.withLock { $0.bytes } }

    /// What is known of the rowset under these deletes; what was known of it under others is forgotten.
    func rows(of rowset: RowsetID, tablet: TabletID, deletes: [RowTest]) -> GoneRows {
        let key = Key(tablet: tablet, rowset: rowset)
        return state.withLock { state in
            state.uses += 1
            if let known = state.entries[key], known.rows.deletes == deletes {
                state.entries[key]?.lastUse = state.uses
                return known.rows
            }
            state.bytes -= state.entries[key]?.bytes ?? 0
            let rows = GoneRows(deletes: deletes)
            state.entries[key] = Entry(rows: rows, lastUse: state.uses)
            return rows
        }
    }

    func learn(_ gone: RowMask?, of rows: GoneRows, _ rowset: RowsetID, tablet: TabletID, segment: Int, block: Int) {
        let bytes = rows.learn(gone, segment: segment, block: block)
        let key = Key(tablet: tablet, rowset: rowset)
        state.withLock { state in
            // It may have gone meanwhile; then its reader is the last one to know.
            guard state.entries[key]?.rows === rows else { return }
            state.entries[key]?.bytes += bytes
            state.bytes += bytes
            if state.bytes > limit { Self.forget(&state, downTo: limit / 4 * 3) }
        }
    }

    /// The longest unused first.
    private static func forget(_ state: inout State, downTo bytes: Int) {
        for (key, entry) in state.entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
            guard state.bytes > bytes else { return }
            state.entries[key] = nil
            state.bytes -= entry.bytes
        }
    }
}
