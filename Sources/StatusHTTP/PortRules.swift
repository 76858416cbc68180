public import AccessControl
public import NIOSSL

/// From where an HTTP port takes callers, and how it speaks with them.
public struct PortRules: Sendable {
    public enum Encryption: Sendable {
        case none
        /// Plain or TLS, whichever the caller begins with: while a cluster changes over.
        case offered(@Sendable () -> NIOSSLContext)
        case required(@Sendable () -> NIOSSLContext)
    }

    public var encryption: Encryption
    public var allowedHosts: AllowedHosts
    /// Told of each caller that is not let in. Any thread.
    public var onRefused: @Sendable (String) -> Void

    public init(
        encryption: Encryption = .none, allowedHosts: AllowedHosts = .everybody,
        onRefused: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.encryption = encryption
        self.allowedHosts = allowedHosts
        self.onRefused = onRefused
    }
}
