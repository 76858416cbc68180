internal import TabletModel

/// What is journaled of a replica, and what comes from reports in a bit each: little enough to be read and changed by itself.
struct ReplicaHealth: Hashable, Sendable {
    var versions: ReplicaVersions {
        didSet { if versions.version > oldValue.version { flags.remove(.current) } }
    }
    var flags: Flags

    init(versions: ReplicaVersions, state: Replica.State) {
        self.versions = versions
        flags = Flags(rawValue: state.rawValue << Flags.stateShift)
    }

    struct Flags: OptionSet, Hashable, Sendable {
        let rawValue: UInt8
        static let bad = Flags(rawValue: 1)
        static let missing = Flags(rawValue: 2)
        static let reported = Flags(rawValue: 4)
        static let current = Flags(rawValue: 8)
        /// What reports say.
        static let fromReports: Flags = [.missing, .reported, .current]
        static let stateShift: UInt8 = 4

        mutating func set(_ flag: Flags, _ isSet: Bool) {
            if isSet { insert(flag) } else { remove(flag) }
        }
    }

    var isBad: Bool {
        get { flags.contains(.bad) }
        set { flags.set(.bad, newValue) }
    }

    var state: Replica.State {
        get { Replica.State(rawValue: flags.rawValue >> Flags.stateShift) ?? .normal }
        set {
            let kept = flags.rawValue & ((1 << Flags.stateShift) - 1)
            flags = Flags(rawValue: kept | (newValue.rawValue << Flags.stateShift))
        }
    }
}
