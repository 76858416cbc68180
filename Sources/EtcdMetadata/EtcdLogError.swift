/// What is wrong with the log in etcd and has no word in `JournalError`.
public enum EtcdLogError: Error, Hashable, Sendable, CustomStringConvertible {
    case newerFormat(key: String, found: UInt8, supported: UInt8)
    /// A word of the log is no log id.
    case badMark(key: String)
    /// Another frontend is master by now.
    case deposed(reason: String)
    /// There is no term to write in.
    case notMaster

    public var description: String {
        switch self {
        case .newerFormat(let key, let found, let supported):
            "\(key) in etcd has format \(found), this build reads up to \(supported): start a newer build"
        case .badMark(let key):
            "\(key) in etcd is not what stands there: restore etcd from a snapshot, or see who else writes there"
        case .deposed(let reason): reason
        case .notMaster: "this frontend is not the master, and only the master writes the edit log: ask the master"
        }
    }
}
