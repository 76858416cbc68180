internal import Synchronization

/// One call through a fault wrapper.
public struct FaultOperation: Hashable, Sendable, CustomStringConvertible {
    public enum Seam: String, Hashable, Sendable { case file, keyValue, object, rpc }
    public var seam: Seam
    /// "rename", "write", "put" …
    public var name: String
    /// Path or key.
    public var target: String
    /// False for calls that only read.
    public var isChange: Bool

    public init(_ seam: Seam, _ name: String, _ target: String, isChange: Bool) {
        self.seam = seam
        self.name = name
        self.target = target
        self.isChange = isChange
    }

    public var description: String { "\(seam.rawValue) \(name) \(target)" }
}

/// Which operation fails, and how. Shared by all wrappers of one node, so that the k-th operation is the k-th of the
/// whole node, whichever seam it goes through. A sweep runs a scenario with k = 0, 1, 2, … until a run is not touched:
///
///     for k in 0... {
///         let plan = FaultPlan(.crashBefore(k))
///         … run; if plan.hasCrashed, crash the machine and start again …
///         if !plan.wasTouched { break }
///     }
public final class FaultPlan: Sendable {
    public enum Fault: Hashable, Sendable {
        case none
        /// The k-th operation does nothing and throws its seam's error; the ones after it work.
        case fail(Int)
        /// The k-th operation happens, but its answer is an error.
        case failAfter(Int)
        /// Every operation from the k-th on fails without effect.
        case failFrom(Int)
        /// The k-th operation happens, but its answer is an error; every one after it fails without effect.
        case failAfterAndFrom(Int)
        /// The machine goes down instead of the k-th operation; every later one throws `CrashedError`.
        case crashBefore(Int)
        /// The machine goes down when the k-th operation is done, before its caller hears of it.
        case crashAfter(Int)
    }

    private struct State {
        var fault: Fault
        var seam: FaultOperation.Seam?
        var count = 0
        var crashedAt: FaultOperation?
        var touched: FaultOperation?
        var trace: [FaultOperation] = []
    }

    private enum Decision { case proceed, fail, failAfter, crash, crashAfter }

    private let state: Mutex<State>
    private let counts: @Sendable (FaultOperation) -> Bool

    /// - Parameter counts: which operations are counted and can be hit; by default the ones that change something.
    public init(_ fault: Fault = .none, counts: @escaping @Sendable (FaultOperation) -> Bool = { $0.isChange }) {
        self.state = Mutex(State(fault: fault))
        self.counts = counts
    }

    /// Operations counted so far.
    public var count: Int { state.withLock { $0.count } }
    public var hasCrashed: Bool { state.withLock { $0.crashedAt != nil } }
    /// The fault happened.
    public var wasTouched: Bool { state.withLock { $0.touched != nil } }
    /// Where the fault happened (the first time).
    public var touchedOperation: FaultOperation? { state.withLock { $0.touched } }
    /// Counted operations in order, for the message of a failed sweep.
    public var trace: [FaultOperation] { state.withLock { $0.trace } }

    /// Counts from zero again with another fault; also ends a crash.
    /// - Parameter seam: operations of others are neither counted nor hit.
    public func restart(_ fault: Fault = .none, only seam: FaultOperation.Seam? = nil) {
        state.withLock { $0 = State(fault: fault, seam: seam) }
    }

    /// Runs one operation of a wrapper as planned. `failure` makes the seam's error.
    public func perform<Result>(
        _ operation: FaultOperation, failure: () -> any Error, _ body: () throws -> Result
    ) throws -> Result {
        switch decide(operation) {
        case .proceed: return try body()
        case .fail: throw failure()
        case .failAfter:
            _ = try body()
            throw failure()
        case .crash: throw CrashedError(operation: operation.description)
        case .crashAfter:
            _ = try body()
            throw CrashedError(operation: operation.description)
        }
    }

    private func decide(_ operation: FaultOperation) -> Decision {
        let isCounted = counts(operation)
        return state.withLock { state in
            if state.crashedAt != nil { return .crash }
            guard isCounted, state.seam.map({ $0 == operation.seam }) ?? true else { return .proceed }
            let index = state.count
            state.count += 1
            state.trace.append(operation)
            let decision: Decision =
                switch state.fault {
                case .fail(index): .fail
                case .failAfter(index): .failAfter
                case .failFrom(let first) where index >= first: .fail
                case .failAfterAndFrom(let first) where index >= first: index == first ? .failAfter : .fail
                case .crashBefore(index): .crash
                case .crashAfter(index): .crashAfter
                default: .proceed
                }
            if decision == .crash || decision == .crashAfter { state.crashedAt = operation }
            if decision != .proceed, state.touched == nil { state.touched = operation }
            return decision
        }
    }
}
