internal import CurlHTTP

/// etcd's v3 API over its JSON gateway. Blocking, any thread.
///
/// Every call has a deadline, goes to the next member when one fails, and is repeated until the deadline unless etcd refused
/// it: so it may be carried out more than once, and later than it failed. A transaction whose effect must come once says so in
/// its compares, and reads in its failure branch what tells whether it has come already. `EtcdError.isOutcomeUnknown` tells
/// whether a call that failed may have been carried out.
public final class EtcdClient: Sendable {
    public var settings: EtcdSettings { gateway.settings }
    let gateway: EtcdGateway

    /// Connects to nobody yet. - Throws: when the HTTP client can't be set up.
    public init(_ settings: EtcdSettings) throws {
        precondition(!settings.endpoints.isEmpty, "etcd has an endpoint")
        var configuration = HTTPClientConfiguration(
            name: "etcd", idleConnections: 16, caFile: settings.caFile, streamBufferBytes: 4 << 20)
        if let certificate = settings.certificateFile, let key = settings.keyFile {
            configuration.certificate = HTTPClientCertificate(certificateFile: certificate, keyFile: key)
        }
        gateway = EtcdGateway(settings, http: try HTTPClient(configuration: configuration))
    }

    /// Ends every call and watch as `cancelled`.
    public func shutdown() { gateway.http.shutdown() }

    /// Waits, unless the client is shut down first: then `cancelled`.
    public func pause(_ duration: Duration) throws(EtcdError) {
        do {
            try gateway.http.pause(duration)
        } catch {
            throw EtcdError(error, call: "", endpoint: "")
        }
    }

    // MARK: Keys

    /// Linearised: it sees all that was acknowledged before it began.
    public func range(_ query: EtcdRangeQuery, deadline: Duration? = nil) throws(EtcdError) -> EtcdRange {
        let path = "/v3/kv/range"
        let node = try gateway.call(path, JSONBody { $0.range(query) }, deadline: deadline)
        return try sound(node.range, path)
    }

    /// nil: there is no such key.
    public func value(of key: String, deadline: Duration? = nil) throws(EtcdError) -> EtcdKeyValue? {
        try range(EtcdRangeQuery(.key(key)), deadline: deadline).values.first
    }

    public func transaction(
        _ transaction: EtcdTransaction, deadline: Duration? = nil
    ) throws(EtcdError) -> EtcdTransactionAnswer {
        let path = "/v3/kv/txn"
        let node = try gateway.call(path, JSONBody { $0.transaction(transaction) }, deadline: deadline)
        return try sound(node.transactionAnswer, path)
    }

    public func delete(_ keys: EtcdKeyRange, deadline: Duration? = nil) throws(EtcdError) {
        _ = try gateway.call("/v3/kv/deleterange", JSONBody { $0.keys(keys) }, deadline: deadline)
    }

    /// Forgets what keys were before the revision. One that was compacted already is well.
    public func compact(upTo revision: Int64, deadline: Duration? = nil) throws(EtcdError) {
        do {
            _ = try gateway.call(
                "/v3/kv/compaction", JSONBody { $0.member("revision", revision) }, deadline: deadline)
        } catch {
            guard error.code == .compacted else { throw error }
        }
    }

    func sound<Answer>(_ answer: Answer?, _ path: String) throws(EtcdError) -> Answer {
        guard let answer else {
            throw EtcdError(
                .badAnswer, call: path, message: "a key or value in the answer is no base64", isOutcomeUnknown: true)
        }
        return answer
    }
}
