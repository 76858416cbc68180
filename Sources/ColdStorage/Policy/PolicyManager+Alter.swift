public import ClusterMetadata
public import HTTPAPI
internal import Logging
internal import MasterServices
internal import TabletModel

extension PolicyManager {
    /// Journaled on return; backends with tablets of the policy are told at once, others learn it when they get one.
    public func alterPolicy(_ name: String, _ request: AlterStoragePolicyRequest) throws -> StoragePolicy {
        try PolicyTimes.check(request.cooldownTTLSeconds, request.cooldownDatetimeSeconds)
        let policy = try environment.commit { state, _ in
            try state.checkNotOlder()
            let old = try state.requirePolicy(name)
            var new = old
            new.cooldownTTLSeconds = request.cooldownTTLSeconds
            new.cooldownAt = request.cooldownDatetimeSeconds.map { UnixTime(seconds: $0) }
            if new == old { return (entries: [JournalEntry](), result: old) }
            new.version += 1
            return (entries: [.alterPolicy(new)], result: new)
        }
        environment.logger.notice(
            "storage policy altered", metadata: ["policy": "\(name)", "version": "\(policy.version)"])
        for backend in environment.store.read({ $0.backends.map(\.id) }) { announce(name, to: backend) }
        return policy
    }
}

/// When rows cool: what of it can be kept.
enum PolicyTimes {
    static func check(_ ttlSeconds: Int64?, _ datetimeSeconds: Int64?) throws(MasterError) {
        guard ttlSeconds != nil || datetimeSeconds != nil else {
            throw MasterError(
                .invalidArgument, "a storage policy needs a ttl or a datetime",
                nextStep: "say when rowsets cool, such as a ttl of 86400 seconds")
        }
        let greatest = UnixTime.plausible.upperBound.milliseconds / 1000
        guard (0...greatest).contains(ttlSeconds ?? 0), (1...greatest).contains(datetimeSeconds ?? 1) else {
            throw MasterError(
                .invalidArgument, "a ttl or datetime is out of range",
                nextStep: "give a ttl of 0 to \(greatest) seconds, a datetime of 1 to \(greatest)")
        }
    }
}
