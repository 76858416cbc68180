public import TabletModel

/// Reads rows of a packed chunk where they lie. Made by `PackedTablets.withReader`, and valid during its call only.
public struct PackedReader {
    let words: UnsafePointer<UInt64>

    @inline(__always) init(words: UnsafePointer<UInt64>) { self.words = words }

    public var tabletCount: Int { Int(words[0] & 0xFFFF_FFFF) }
    var replicaCount: Int { Int(words[0] >> 32) }

    @inline(__always)
    func value(_ member: PackedTablets.TabletMember, _ row: Int) -> Int64 {
        PackedColumn(member.column, in: words).value(row, in: words)
    }

    @inline(__always)
    func value(_ member: PackedTablets.ReplicaMember, _ position: Int) -> Int64 {
        PackedColumn(member.column, in: words).value(position, in: words)
    }

    // MARK: Tablets

    @inline(__always) public func tabletID(_ row: Int) -> TabletID { TabletID(value(.tabletID, row)) }
    @inline(__always) public func indexID(_ row: Int) -> IndexID { IndexID(value(.indexID, row)) }

    public func tablet(_ row: Int) -> Tablet {
        var tablet = Tablet(
            id: tabletID(row), tableID: TableID(value(.tableID, row)),
            partitionID: PartitionID(value(.partitionID, row)),
            indexID: indexID(row))
        tablet.cooldownReplicaID = ReplicaID(value(.uploaderID, row))
        tablet.cooldownTerm = value(.uploaderTerm, row)
        let range = replicaRange(row)
        tablet.firstReplica = UInt32(range.lowerBound)
        tablet.replicaCountStored = UInt32(range.count)
        return tablet
    }

    @inline(__always)
    func cooldownConf(_ row: Int) -> CooldownConf {
        CooldownConf(
            tabletID: tabletID(row), cooldownReplicaID: ReplicaID(value(.uploaderID, row)),
            term: value(.uploaderTerm, row))
    }

    /// Where the tablet's replicas are.
    @inline(__always)
    public func replicaRange(_ row: Int) -> Range<Int> {
        let first = row * Int(words[1]) + Int(value(.firstReplica, row))
        return first..<(first + Int(value(.replicaCount, row)))
    }

    func row(of id: TabletID) -> Int? {
        let row = lowerBound(of: id)
        return row < tabletCount && tabletID(row) == id ? row : nil
    }

    /// Where the tablet is, or would be. Ids of one table are evenly spaced, so the first guess is mostly right.
    public func lowerBound(of id: TabletID) -> Int {
        let count = tabletCount
        let (first, last) = (tabletID(0), tabletID(count - 1))
        guard id > first else { return 0 }
        guard id <= last else { return count }
        let reach = Double(last.rawValue) - Double(first.rawValue)
        let guess = Int((Double(id.rawValue) - Double(first.rawValue)) / reach * Double(count - 1))
        var (low, high) = (0, count)
        let found = tabletID(guess)
        if found == id { return guess }
        if found < id { low = guess + 1 } else { high = guess }
        while low < high {
            let middle = (low + high) / 2
            if tabletID(middle) < id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: Replicas

    /// The tablet's replica on the backend.
    @inline(__always)
    public func position(row: Int, backend: BackendID) -> Int? {
        let range = replicaRange(row)
        let column = PackedColumn(PackedTablets.ReplicaMember.backendID.column, in: words)
        for position in range where column.value(position, in: words) == backend.rawValue { return position }
        return nil
    }

    @inline(__always) func replicaID(at position: Int) -> ReplicaID { ReplicaID(value(.replicaID, position)) }
    @inline(__always) func backendID(at position: Int) -> BackendID { BackendID(value(.backendID, position)) }

    public func replica(at position: Int) -> Replica {
        var replica = Replica(
            id: replicaID(at: position), backendID: backendID(at: position),
            health: ReplicaHealth(healthMembers(at: position)))
        replica.dataSizeBytes = value(.dataSize, position)
        replica.remoteSizeBytes = value(.remoteSize, position)
        replica.rowCount = value(.rowCount, position)
        replica.pathHash = value(.pathHash, position)
        replica.versionCount = Int32(truncatingIfNeeded: value(.versionCount, position))
        replica.reportedCooldownReplicaID = ReplicaID(value(.cooldownReplicaID, position))
        replica.reportedCooldownTerm = value(.cooldownTerm, position)
        replica.cooldownMetaHigh = value(.cooldownMetaHigh, position)
        replica.cooldownMetaLow = value(.cooldownMetaLow, position)
        return replica
    }

    /// In the order of `PackedTablets.ReplicaMember`, from `version` on.
    @inline(__always)
    func healthMembers(at position: Int) -> SIMD4<Int64> {
        SIMD4(
            value(.version, position), value(.lastFailed, position), value(.lastSuccess, position),
            value(.flags, position))
    }

    /// Rows of a column.
    func rows(of column: Int) -> Int {
        column < PackedTablets.ReplicaMember.replicaID.column ? tabletCount : replicaCount
    }
}

extension Tablet {
    /// In the order of `PackedTablets.TabletMember`.
    func members(row: Int, stride: Int) -> SIMD8<Int64> {
        SIMD8(
            id.rawValue, tableID.rawValue, partitionID.rawValue, indexID.rawValue, cooldownReplicaID.rawValue,
            cooldownTerm, Int64(replicaCountStored), Int64(firstReplica) - Int64(row * stride))
    }
}

extension Replica {
    /// In the order of `PackedTablets.ReplicaMember`.
    var members: SIMD16<Int64> {
        SIMD16(
            id.rawValue, backendID.rawValue, versions.version.rawValue, versions.lastFailed.rawValue,
            versions.lastSuccess.rawValue &- versions.version.rawValue, Int64(health.flags.rawValue), dataSizeBytes,
            remoteSizeBytes, rowCount, pathHash, Int64(versionCount), reportedCooldownReplicaID.rawValue,
            reportedCooldownTerm, cooldownMetaHigh, cooldownMetaLow, 0)
    }

    init(_ members: SIMD16<Int64>) {
        id = ReplicaID(members[0])
        backendID = BackendID(members[1])
        health = ReplicaHealth(SIMD4(members[2], members[3], members[4], members[5]))
        dataSizeBytes = members[6]
        remoteSizeBytes = members[7]
        rowCount = members[8]
        pathHash = members[9]
        versionCount = Int32(truncatingIfNeeded: members[10])
        reportedCooldownReplicaID = ReplicaID(members[11])
        reportedCooldownTerm = members[12]
        cooldownMetaHigh = members[13]
        cooldownMetaLow = members[14]
    }
}

extension ReplicaHealth {
    /// In the order of `PackedTablets.ReplicaMember`, from `version` on.
    var members: SIMD4<Int64> {
        SIMD4(
            versions.version.rawValue, versions.lastFailed.rawValue,
            versions.lastSuccess.rawValue &- versions.version.rawValue, Int64(flags.rawValue))
    }

    init(_ members: SIMD4<Int64>) {
        versions = ReplicaVersions(
            version: Version(members[0]), lastFailed: Version(members[1]),
            lastSuccess: Version(members[0] &+ members[2]))
        flags = Flags(rawValue: UInt8(truncatingIfNeeded: members[3]))
    }
}
