internal import Synchronization
public import TabletModel

/// Which tablets tasks have changed since which report version: a report that was made before says nothing of them. For
/// our own backends this is looked up per tablet; for Doris' the whole report is compared (design, "Reports dropped as
/// out of date"). Any thread.
public final class TouchedTablets: Sendable {
    private struct Touch {
        var version: Int64
        /// The task did not raise the version: a report of the very same one may have been made before its end, too.
        var isInclusive: Bool
        /// Orders the touches.
        var number: UInt64

        func isUnknown(to reportVersion: Int64) -> Bool {
            version > reportVersion || (isInclusive && version == reportVersion)
        }
    }

    private struct Touched {
        var newest: Int64 = 0
        var tablets: [TabletID: Touch] = [:]

        mutating func note(_ tablet: TabletID, _ touch: Touch) {
            if tablets[tablet].map({ $0.version <= touch.version }) ?? true { tablets[tablet] = touch }
        }
    }

    private struct State {
        var backends: [BackendID: Touched] = [:]
        var lastNumber: UInt64 = 0
    }

    private let state = Mutex(State())

    public init() {}

    /// - Parameter raised: the task raised the report version to this one; PUBLISH_VERSION only says it.
    public func note(_ tablets: [TabletID], on backend: BackendID, at reportVersion: Int64, raised: Bool) {
        state.withLock { state in
            state.lastNumber += 1
            var touched = state.backends.removeValue(forKey: backend) ?? Touched()
            touched.newest = max(touched.newest, reportVersion)
            for tablet in tablets {
                touched.note(
                    tablet, Touch(version: reportVersion, isInclusive: !raised, number: state.lastNumber))
            }
            state.backends[backend] = touched
        }
    }

    /// What many tasks did that each raised the report version.
    public func note(_ raises: [(tablet: TabletID, reportVersion: Int64)], on backend: BackendID) {
        state.withLock { state in
            state.lastNumber += 1
            var touched = state.backends.removeValue(forKey: backend) ?? Touched()
            for (tablet, version) in raises {
                touched.newest = max(touched.newest, version)
                touched.note(tablet, Touch(version: version, isInclusive: false, number: state.lastNumber))
            }
            state.backends[backend] = touched
        }
    }

    /// The highest version that a task of this backend brought.
    func newest(on backend: BackendID) -> Int64 { state.withLock { $0.backends[backend]?.newest ?? 0 } }

    /// The tablet may have changed after a report of this version was made.
    func isChanged(_ tablet: TabletID, after reportVersion: Int64, on backend: BackendID) -> Bool {
        state.withLock { $0.backends[backend]?.tablets[tablet]?.isUnknown(to: reportVersion) ?? false }
    }

    /// The newest touch so far.
    var lastNumber: UInt64 { state.withLock { $0.lastNumber } }

    /// A report of this version was taken in: what it covers need not be remembered. What came after `number` may be news to
    /// the next report of the same version.
    func forget(upTo reportVersion: Int64, number: UInt64, on backend: BackendID) {
        state.withLock { state in
            guard var touched = state.backends.removeValue(forKey: backend) else { return }
            touched.tablets = touched.tablets.filter { _, touch in
                touch.version > reportVersion || (touch.isInclusive && touch.number > number)
            }
            state.backends[backend] = touched
        }
    }

    /// A new process of the backend counts anew.
    public func forgetAll(of backend: BackendID) { state.withLock { $0.backends[backend] = nil } }
}

/// When a tablet report was made, as far as can be told.
struct ReportMoment: Sendable {
    let backend: BackendID
    let version: Int64
    /// The first of this backend since the FE started. It may have been on its way since before that, and then knows nothing
    /// of what the FE learned right before it went down: nothing is dropped for what such a report lacks or has too much.
    let isFirst: Bool
    let touched: TouchedTablets

    /// The report was made after all that tasks are known to have done to the tablet. To be asked in the writer's turn: a task
    /// that ends while the report is being taken in is noted before it changes anything.
    func knows(_ tablet: TabletID) -> Bool { !touched.isChanged(tablet, after: version, on: backend) }
}
