internal import Platform

/// A call to etcd failed.
public struct EtcdError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable {
        /// No member gave an answer in time: they are down, cut off, or without a quorum.
        case unavailable
        /// etcd's database is as large as its quota allows (NOSPACE): it takes deletes alone.
        case noSpace
        /// The request, or the answer to it, is larger than a limit.
        case tooLarge
        /// The revision that was asked for is compacted away.
        case compacted
        /// There is no such lease any more.
        case leaseGone
        /// User, password or rights do not do.
        case notAuthorized
        /// etcd refused the call for a reason of its own: see `message`.
        case refused
        /// What came is no answer of etcd's JSON gateway.
        case badAnswer
        /// The client is shutting down.
        case cancelled
    }

    public var code: Code
    /// Path of the call.
    public var call: String
    /// Who was asked last; empty: nobody.
    public var endpoint: String
    public var message: String
    /// It may have been carried out, or be carried out later; when false, nothing was done, nor ever will be.
    public var isOutcomeUnknown: Bool

    public init(
        _ code: Code, call: String, endpoint: String = "", message: String, isOutcomeUnknown: Bool = false
    ) {
        self.code = code
        self.call = call
        self.endpoint = redactedURL(endpoint)
        self.message = message
        self.isOutcomeUnknown = isOutcomeUnknown
    }

    public var description: String {
        let place = endpoint.isEmpty ? "etcd" : "etcd at \(endpoint)"
        return "\(place), \(call): \(message)\(wayOut.isEmpty ? "" : "; \(wayOut)")"
    }

    /// What a person does about it.
    private var wayOut: String {
        switch code {
        case .unavailable:
            "see that most of etcd's members run and reach each other, and that etcd_endpoints names them"
        case .noSpace:
            "compact and defragment etcd, or raise its --quota-backend-bytes, then `etcdctl alarm disarm`"
        case .notAuthorized: "see etcd_user and etcd_password, and what etcd allows that user"
        case .badAnswer: "see that etcd_endpoints names etcd's client URLs"
        case .tooLarge, .compacted, .leaseGone, .refused, .cancelled: ""
        }
    }
}
