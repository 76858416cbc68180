internal import Synchronization

/// Tokens for retries, shared by all requests of a store: bounds what a failing server gets on top of its load.
final class RetryBudget: Sendable {
    private let capacity: Int
    private let tokens: Mutex<Int>

    static let retryCost = 5
    static let timeoutCost = 10

    init(capacity: Int) {
        self.capacity = capacity
        self.tokens = Mutex(capacity)
    }

    /// False when the budget is spent: the failure stands.
    func take(_ cost: Int) -> Bool {
        tokens.withLock { tokens in
            guard tokens >= cost else { return false }
            tokens -= cost
            return true
        }
    }

    /// A request succeeded.
    func refill() { tokens.withLock { $0 = min(capacity, $0 + 1) } }

    var available: Int { tokens.withLock { $0 } }
}
