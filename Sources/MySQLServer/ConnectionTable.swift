internal import NIOCore
internal import Synchronization

/// The connections that are open, by number.
final class ConnectionTable: Sendable {
    /// What a connection is told from outside.
    enum Order: Sendable {
        /// Say goodbye once nothing is under way.
        case shutDown
        /// End soon, and say why: KILL.
        case kill
        /// End now.
        case abort
    }

    struct Place: Sendable {
        var number: UInt32
        /// Beyond the limit: for root alone.
        var isSpare: Bool
    }

    private struct State {
        var connections: [UInt32: @Sendable (Order) -> Void] = [:]
        var last: UInt32 = 0
        var isClosed = false
        var whenEmpty: [EventLoopPromise<Void>] = []
    }

    private let limit: Int
    private let spare: Int
    private let state = Mutex(State())

    init(limit: Int, spare: Int) {
        self.limit = limit
        self.spare = spare
    }

    var count: Int { state.withLock { $0.connections.count } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// nil: there are too many, or the port is closing.
    func enter(isLocal: Bool, _ order: @escaping @Sendable (Order) -> Void) -> Place? {
        state.withLock { state in
            let isSpare = state.connections.count >= limit
            guard !state.isClosed, !isSpare || isLocal && state.connections.count < limit + spare else { return nil }
            repeat { state.last &+= 1 } while state.last == 0 || state.connections[state.last] != nil
            state.connections[state.last] = order
            return Place(number: state.last, isSpare: isSpare)
        }
    }

    func leave(_ number: UInt32) {
        let waiting = state.withLock { state -> [EventLoopPromise<Void>] in
            state.connections[number] = nil
            guard state.connections.isEmpty else { return [] }
            defer { state.whenEmpty = [] }
            return state.whenEmpty
        }
        for promise in waiting { promise.succeed() }
    }

    /// Nobody enters any more, and all are told.
    func tell(_ order: Order) {
        let connections = state.withLock { state in
            state.isClosed = true
            return Array(state.connections.values)
        }
        for connection in connections { connection(order) }
    }

    /// Tells one of them, if it is still there.
    func tell(_ order: Order, to number: UInt32) {
        let connection = state.withLock { $0.connections[number] }
        connection?(order)
    }

    /// Keeps the promise when nobody is left.
    func whenEmpty(_ promise: EventLoopPromise<Void>) {
        let isEmpty = state.withLock { state in
            if !state.connections.isEmpty { state.whenEmpty.append(promise) }
            return state.connections.isEmpty
        }
        if isEmpty { promise.succeed() }
    }
}
