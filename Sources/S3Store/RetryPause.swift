public import CurlHTTP

/// Where retries wait: for real in the daemons, only noted in tests.
public protocol RetryPause: Sendable {
    /// Blocks for the duration. Throws when the wait is of no use any more, as on shutdown.
    func pause(_ duration: Duration) throws
}

/// Waits on the calling thread, until the HTTP client shuts down at the latest.
public struct ClientPause: RetryPause {
    private let client: HTTPClient
    public init(client: HTTPClient) { self.client = client }
    public func pause(_ duration: Duration) throws { try client.pause(duration) }
}
