/// Where FEs agree on one leader: leases, and one key that lives as long as the lease it was written under. Blocking, any thread.
///
/// A call that took longer than `limit` has ended in `ElectionError.outcomeUnknown`, and may still be carried out later.
public protocol LeaderElection: Sendable {
    /// A new lease. It ends by itself when it was not kept alive for `ttl`; the answer's may be longer than what was asked for.
    func grant(ttl: Duration, within limit: Duration) throws(ElectionError) -> LeaseGrant
    /// Writes the leader key under the lease if nobody has it. Asked twice with one lease it is as asked once.
    /// - Returns: who has the key then.
    func campaign(
        _ lease: LeaseID, as leader: LeaderRecord, within limit: Duration
    ) throws(ElectionError) -> LeaderObservation
    /// - Returns: how long the lease lives from now on; nil: it has ended.
    func keepAlive(_ lease: LeaseID, within limit: Duration) throws(ElectionError) -> Duration?
    /// Who has the key: no older than this call.
    func observe(within limit: Duration) throws(ElectionError) -> LeaderObservation
    /// Ends the lease, and with it the key that was written under it. One that has ended is no error.
    func resign(_ lease: LeaseID, within limit: Duration) throws(ElectionError)
}

public struct LeaseID: Hashable, Sendable, CustomStringConvertible {
    public let rawValue: Int64
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    public var description: String { String(rawValue, radix: 16) }
}

public struct LeaseGrant: Hashable, Sendable {
    public var lease: LeaseID
    public var ttl: Duration
    public init(lease: LeaseID, ttl: Duration) {
        self.lease = lease
        self.ttl = ttl
    }
}

/// The revision at which a leader key was created: higher than that of every leader before. What a leader writes compares it, so
/// that a deposed one writes nothing.
public struct Fence: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: Int64
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    public var description: String { String(rawValue) }
}

/// What the leader key says: who it is, where it is reached, and the epoch that it expected to begin when it campaigned.
public struct LeaderRecord: Hashable, Sendable {
    public var nodeName: String
    public var host: String
    public var editLogPort: Int32
    public var httpPort: Int32
    public var rpcPort: Int32
    public var epoch: Int64

    public init(
        nodeName: String, host: String, editLogPort: Int32, httpPort: Int32, rpcPort: Int32, epoch: Int64
    ) {
        self.nodeName = nodeName
        self.host = host
        self.editLogPort = editLogPort
        self.httpPort = httpPort
        self.rpcPort = rpcPort
        self.epoch = epoch
    }
}

public struct LeaderKey: Hashable, Sendable {
    public var record: LeaderRecord
    /// Under which it was written: whoever was granted it has the key.
    public var lease: LeaseID
    public var fence: Fence

    public init(record: LeaderRecord, lease: LeaseID, fence: Fence) {
        self.record = record
        self.lease = lease
        self.fence = fence
    }
}

public struct LeaderObservation: Hashable, Sendable {
    /// At which revision it was so: of two observations the higher one is the newer.
    public var revision: Int64
    /// nil: nobody has the key.
    public var holder: LeaderKey?

    public init(revision: Int64, holder: LeaderKey?) {
        self.revision = revision
        self.holder = holder
    }
}

/// A call had no answer that helps.
public enum ElectionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nothing was done, nor will be.
    case refused(reason: String)
    /// It may have been done, or may be done yet.
    case outcomeUnknown(reason: String)

    public var reason: String {
        switch self {
        case .refused(let reason), .outcomeUnknown(let reason): reason
        }
    }

    public var description: String {
        switch self {
        case .refused(let reason): reason
        case .outcomeUnknown(let reason): "what became of it is not known: \(reason)"
        }
    }
}
