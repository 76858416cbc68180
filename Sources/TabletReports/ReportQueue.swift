internal import Synchronization
internal import TabletModel

/// Reports that wait for their turn. A backend has one place per kind of report: a newer one takes the place of the
/// older, which nobody needs any more (`contract/behaviour.md §11` defect 40). Any thread.
public final class ReportQueue: Sendable {
    /// What a report carries. The wire allows several kinds in one message; such a message is a kind of its own.
    struct Kinds: OptionSet, Hashable {
        let rawValue: UInt8
        static let tasks = Kinds(rawValue: 1)
        static let disks = Kinds(rawValue: 2)
        static let tablets = Kinds(rawValue: 4)
        /// Alone they are a report of their own.
        static let rules = Kinds(rawValue: 8)
    }

    struct Item {
        var backend: BackendID
        var report: IncomingReport
    }

    enum Admission: Hashable {
        /// A new place was taken: one more turn is needed.
        case queued
        /// An older report of the same backend and kind gave its place.
        case replaced
        /// All places are taken.
        case full(limit: Int)
        /// The report carries nothing.
        case empty
    }

    private struct Slot: Hashable {
        var backend: BackendID
        var kinds: Kinds
    }

    private struct State {
        /// Oldest first.
        var order: [Slot] = []
        var waiting: [Slot: IncomingReport] = [:]
    }

    public let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: `report_queue_size`, 100 in Doris.
    public init(limit: Int) { self.limit = limit }

    func offer(_ report: IncomingReport, from backend: BackendID) -> Admission {
        let slot = Slot(backend: backend, kinds: Kinds(report))
        guard !slot.kinds.isEmpty else { return .empty }
        return state.withLock { state in
            if state.waiting[slot] != nil {
                state.waiting[slot] = report
                return .replaced
            }
            guard state.order.count < limit else { return .full(limit: limit) }
            state.order.append(slot)
            state.waiting[slot] = report
            return .queued
        }
    }

    /// Takes out what a backend sent without saying which process made it.
    func discardUnsigned(of backend: BackendID) {
        state.withLock { state in
            let gone = state.waiting.filter { $0.key.backend == backend && $0.value.processStart == nil }.map(\.key)
            for slot in gone {
                state.waiting[slot] = nil
                state.order.removeAll { $0 == slot }
            }
        }
    }

    func take() -> Item? {
        state.withLock { state in
            guard !state.order.isEmpty else { return nil }
            let slot = state.order.removeFirst()
            return state.waiting.removeValue(forKey: slot).map { Item(backend: slot.backend, report: $0) }
        }
    }

    public var count: Int { state.withLock { $0.order.count } }
}

extension ReportQueue.Kinds {
    init(_ report: IncomingReport) {
        self = []
        if report.tasks != nil { insert(.tasks) }
        if report.disks != nil { insert(.disks) }
        if report.tablets != nil || report.arrived != nil { insert(.tablets) }
        if isEmpty, report.rules != nil { insert(.rules) }
    }
}
