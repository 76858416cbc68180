internal import Platform

/// One failed try.
struct AttemptFailure: Error {
    var error: ObjectStoreError
    /// What the server asked to wait.
    var retryAfter: Duration?
    /// Thrown instead of `error`: the upload's own source failed.
    var sourceError: (any Error)?

    init(_ error: ObjectStoreError, retryAfter: Duration? = nil, sourceError: (any Error)? = nil) {
        self.error = error
        self.retryAfter = retryAfter
        self.sourceError = sourceError
    }

    var thrown: any Error { sourceError ?? error }
}

/// Counts the tries of one request and says whether there is another.
struct RetryDecision {
    let settings: RetrySettings
    private(set) var retries = 0

    init(settings: RetrySettings) { self.settings = settings }

    /// How long to wait before the next try; nil when the failure stands.
    mutating func delay(
        after failure: AttemptFailure, budget: RetryBudget, random: some RandomSource
    ) -> Duration? {
        guard failure.sourceError == nil, failure.error.isRetryable, retries + 1 < settings.maximumAttempts else {
            return nil
        }
        guard budget.take(failure.error.code == .timeout ? RetryBudget.timeoutCost : RetryBudget.retryCost) else {
            return nil
        }
        defer { retries += 1 }
        let backoff = Backoff(base: settings.baseDelay, limit: settings.delayLimit)
        let jittered = backoff.delay(retry: retries, random: random)
        return max(jittered, min(failure.retryAfter ?? .zero, settings.retryAfterLimit))
    }
}
