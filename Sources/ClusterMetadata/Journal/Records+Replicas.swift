internal import StoredFormats
internal import TabletModel

// Entries about replicas, and their protobuf form (proto/edit_log.proto), both ways. Many rows are columns.

extension EditLogAddReplicaEntry {
    init(_ tablet: TabletID, _ replica: NewReplica) {
        self.init()
        tabletID = tablet.rawValue
        replicaID = replica.id.rawValue
        backendID = replica.backendID.rawValue
        version = replica.versions.version.rawValue
        lastFailedVersion = replica.versions.lastFailed.rawValue
        lastSuccessVersion = replica.versions.lastSuccess.rawValue
        state = UInt32(replica.state.rawValue)
    }

    var replica: NewReplica {
        get throws {
            let versions = ReplicaVersions(
                version: Version(version), lastFailed: Version(lastFailedVersion),
                lastSuccess: Version(lastSuccessVersion))
            return NewReplica(
                id: ReplicaID(replicaID), backendID: try BackendID(stored: backendID), versions: versions,
                state: try Replica.State(stored: state))
        }
    }
}

extension BackendID {
    /// A replica has room for no other (`Replica.init`).
    init(stored: Int64) throws {
        guard (0...Replica.maxBackendID.rawValue).contains(stored) else {
            throw RecordError("a replica is on backend \(stored), which is no backend's id")
        }
        self.init(stored)
    }
}

extension Replica.State {
    init(stored: UInt32) throws {
        guard let state = UInt8(exactly: stored).flatMap(Replica.State.init(rawValue:)) else {
            throw RecordError("unknown replica state \(stored)")
        }
        self = state
    }
}

extension EditLogUpdateReplicasEntry {
    init(_ updates: [ReplicaUpdate]) {
        self.init()
        tabletID = updates.map(\.key.tabletID.rawValue)
        backendID = updates.map(\.key.backendID.rawValue)
        version = updates.map(\.versions.version.rawValue)
        lastFailedVersion = updates.map(\.versions.lastFailed.rawValue)
        lastSuccessVersion = updates.map(\.versions.lastSuccess.rawValue)
        isBad = updates.map(\.isBad)
        if updates.contains(where: { $0.state != nil }) {
            state = updates.map { $0.state.map { UInt32($0.rawValue) + 1 } ?? 0 }
        }
    }

    var updates: [ReplicaUpdate] {
        get throws {
            let count = tabletID.count
            guard backendID.count == count, version.count == count, lastFailedVersion.count == count,
                lastSuccessVersion.count == count, isBad.count == count, state.isEmpty || state.count == count
            else { throw RecordError.columns("update replicas") }
            return try (0..<count).map { row in
                ReplicaUpdate(
                    key: ReplicaKey(tabletID: TabletID(tabletID[row]), backendID: BackendID(backendID[row])),
                    versions: ReplicaVersions(
                        version: Version(version[row]), lastFailed: Version(lastFailedVersion[row]),
                        lastSuccess: Version(lastSuccessVersion[row])),
                    isBad: isBad[row],
                    state: try state.isEmpty || state[row] == 0 ? nil : Replica.State(stored: state[row] - 1))
            }
        }
    }
}

extension EditLogBackendTabletsBadEntry {
    init(_ backend: BackendID, _ marks: [TabletBadMark]) {
        self.init()
        backendID = backend.rawValue
        tabletID = marks.map(\.tabletID.rawValue)
        isBad = marks.map(\.isBad)
    }

    var marks: [TabletBadMark] {
        get throws {
            guard tabletID.count == isBad.count else { throw RecordError.columns("backend tablets bad") }
            return zip(tabletID, isBad).map { TabletBadMark(tabletID: TabletID($0), isBad: $1) }
        }
    }
}

extension EditLogBackendReplicasEntry {
    init(_ backend: BackendID, _ marks: [ReplicaMark]) {
        self.init()
        backendID = backend.rawValue
        tabletID = marks.map(\.tabletID.rawValue)
        mark = marks.map { $0.mark == .bad ? 1 : 2 }
        lastFailedVersion = marks.map {
            switch $0.mark {
            case .bad: -1
            case .missing(let lastFailed): lastFailed.rawValue
            }
        }
    }

    var marks: [ReplicaMark] {
        get throws {
            guard tabletID.count == mark.count, tabletID.count == lastFailedVersion.count else {
                throw RecordError.columns("backend replicas info")
            }
            return try tabletID.indices.map { row in
                let mark: ReplicaMark.Mark =
                    switch self.mark[row] {
                    case 1: .bad
                    case 2: .missing(lastFailed: Version(lastFailedVersion[row]))
                    default: throw RecordError("unknown replica mark \(self.mark[row])")
                    }
                return ReplicaMark(tabletID: TabletID(tabletID[row]), mark: mark)
            }
        }
    }
}

extension EditLogCooldownConfEntry {
    init(_ confs: [CooldownConf]) {
        self.init()
        tabletID = confs.map(\.tabletID.rawValue)
        cooldownReplicaID = confs.map(\.cooldownReplicaID.rawValue)
        term = confs.map(\.term)
    }

    var confs: [CooldownConf] {
        get throws {
            guard tabletID.count == cooldownReplicaID.count, tabletID.count == term.count else {
                throw RecordError.columns("push cooldown conf")
            }
            return tabletID.indices.map {
                CooldownConf(
                    tabletID: TabletID(tabletID[$0]), cooldownReplicaID: ReplicaID(cooldownReplicaID[$0]),
                    term: term[$0])
            }
        }
    }
}
