/// How a member of etcd is.
public struct EtcdMemberStatus: Hashable, Sendable {
    public var version: String
    public var memberID: UInt64
    /// 0: it knows none.
    public var leaderID: UInt64
    public var revision: Int64
    /// On its disk, and of that in use.
    public var databaseBytes: Int64
    public var usedBytes: Int64
}

/// A member of the cluster, as etcd has it.
public struct EtcdMember: Hashable, Sendable {
    public var id: UInt64
    /// Empty: it has not started yet.
    public var name: String
    public var clientURLs: [String]
}

/// What is the matter with a member.
public struct EtcdAlarm: Hashable, Sendable {
    public var memberID: UInt64
    /// `NOSPACE` or `CORRUPT`.
    public var kind: String
}

extension EtcdClient {
    /// Of the member that answers.
    public func status(deadline: Duration? = nil) throws(EtcdError) -> EtcdMemberStatus {
        let node = try gateway.call("/v3/maintenance/status", JSONBody { _ in }, deadline: deadline)
        return EtcdMemberStatus(
            version: node["version"]?.string ?? "", memberID: node["header"]?["member_id"]?.uint64 ?? 0,
            leaderID: node["leader"]?.uint64 ?? 0, revision: node.revision,
            databaseBytes: node["dbSize"]?.int64 ?? 0, usedBytes: node["dbSizeInUse"]?.int64 ?? 0)
    }

    public func members(deadline: Duration? = nil) throws(EtcdError) -> [EtcdMember] {
        let node = try gateway.call("/v3/cluster/member/list", JSONBody { _ in }, deadline: deadline)
        return (node["members"]?.elements ?? []).map { member in
            EtcdMember(
                id: member["ID"]?.uint64 ?? 0, name: member["name"]?.string ?? "",
                clientURLs: (member["clientURLs"]?.elements ?? []).compactMap(\.string))
        }
    }

    public func alarms(deadline: Duration? = nil) throws(EtcdError) -> [EtcdAlarm] {
        let node = try gateway.call("/v3/maintenance/alarm", JSONBody { $0.text("action", "GET") }, deadline: deadline)
        return (node["alarms"]?.elements ?? []).map { alarm in
            EtcdAlarm(memberID: alarm["memberID"]?.uint64 ?? 0, kind: alarm["alarm"]?.string ?? "")
        }
    }
}
