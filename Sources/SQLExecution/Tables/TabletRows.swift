internal import HTTPAPI
internal import MasterCore
internal import SQLSessions
internal import Synchronization
internal import TabletModel

/// Rows made of a table's tablets, one tablet at a time: a large table is never all in memory. Tablets that are dropped meanwhile are
/// left out.
final class TabletRows: SQLRows {
    private struct State: Sendable {
        var next = 0
        var skip: Int64
        var left: Int64
    }

    private let control: any MasterControl
    private let tablets: [TabletID]
    private let checkWanted: @Sendable () throws -> Void
    private let rows: @Sendable (TabletView) -> [[String?]]
    private let state: Mutex<State>

    init(
        _ control: any MasterControl, of table: TableName, limit: Int64? = nil, offset: Int64 = 0,
        checkWanted: @escaping @Sendable () throws -> Void, rows: @escaping @Sendable (TabletView) -> [[String?]]
    ) throws {
        self.control = control
        tablets = try control.tabletIDs(of: table)
        self.checkWanted = checkWanted
        self.rows = rows
        state = Mutex(State(skip: offset, left: limit ?? .max))
    }

    func next(into writer: inout SQLRowWriter) throws -> Bool {
        let before = writer.ends.count
        while writer.bytes.count < 64 << 10 {
            let place: Int? = state.withLock { state in
                guard state.left > 0, state.next < tablets.count else { return nil }
                state.next += 1
                return state.next - 1
            }
            guard let place else { break }
            try checkWanted()
            for row in try tabletRows(tablets[place]) {
                let isShown = state.withLock { state in
                    if state.skip > 0 {
                        state.skip -= 1
                        return false
                    }
                    state.left -= 1
                    return state.left >= 0
                }
                if isShown { writer.row(row) }
            }
        }
        return writer.ends.count > before
    }

    private func tabletRows(_ id: TabletID) throws -> [[String?]] {
        do { return rows(try control.tablet(id)) } catch let error as MasterError where error.code == .notFound {
            return []
        }
    }
}
