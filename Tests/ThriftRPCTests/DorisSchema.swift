/// What one year's IDL has, as far as our messages touch it: fields by struct, values by enumeration. Written from the
/// contract (`wire.md`, `wire-2026.md`), not from what is sent.
struct DorisSchema {
    enum Member {
        case plain
        /// Also of the elements of a list and the values of a map.
        case structure(String)
        /// Also of a map's keys.
        case enumeration(String)
    }

    var structures: [String: [UInt16: Member]] = [:]
    var enumerations: [String: Set<Int32>] = [:]

    /// One struct a line: its name, then its fields, each an id, a range, `id:Struct` or `id=Enum`.
    init(_ text: String, _ enumerations: [String: Set<Int32>]) {
        self.enumerations = enumerations
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            for word in words.dropFirst() { add(word, to: String(words[0])) }
        }
    }

    private mutating func add(_ word: Substring, to name: String) {
        for (mark, make) in [(Character(":"), Member.structure), ("=", Member.enumeration)] {
            let parts = word.split(separator: mark)
            if parts.count == 2 {
                structures[name, default: [:]][UInt16(parts[0])!] = make(String(parts[1]))
                return
            }
        }
        let ends = word.split(separator: "-").map { UInt16($0)! }
        for id in ends[0]...ends[ends.count - 1] { structures[name, default: [:]][id] = .plain }
    }

    /// Fields and values of the struct that the year's IDL does not have.
    func violations(in bytes: [UInt8], of name: String) -> [String] {
        var walk = SchemaWalk(schema: self, bytes: bytes)
        walk.structure(name)
        if walk.offset != bytes.count { walk.found.append("\(name): \(bytes.count - walk.offset) bytes left") }
        return walk.found
    }
}

private struct SchemaWalk {
    let schema: DorisSchema
    let bytes: [UInt8]
    var offset = 0
    var found: [String] = []

    init(schema: DorisSchema, bytes: [UInt8]) {
        self.schema = schema
        self.bytes = bytes
    }

    private mutating func number(_ count: Int) -> Int {
        defer { offset += count }
        guard offset + count <= bytes.count else {
            found.append("cut off")
            return 0
        }
        return bytes[offset..<(offset + count)].reduce(0) { $0 << 8 | Int($1) }
    }

    mutating func structure(_ name: String?) {
        while offset < bytes.count {
            let type = number(1)
            if type == 0 { return }
            let id = UInt16(number(2))
            let member = name.flatMap { schema.structures[$0]?[id] }
            if let name, member == nil { found.append("\(name).\(id)") }
            value(type, member, "\(name ?? "?").\(id)")
        }
    }

    private mutating func value(_ type: Int, _ member: DorisSchema.Member?, _ path: String) {
        switch type {
        case 2, 3: _ = number(1)
        case 6: _ = number(2)
        case 8:
            let value = Int32(truncatingIfNeeded: number(4))
            if case .enumeration(let name) = member, schema.enumerations[name]?.contains(value) != true {
                found.append("\(path) = \(name) \(value)")
            }
        case 4, 10: _ = number(8)
        case 11: offset += number(4)
        case 12:
            if case .structure(let name) = member { structure(name) } else { structure(nil) }
        case 13:
            let (key, element) = (number(1), number(1))
            for _ in 0..<number(4) {
                value(key, member, path)
                value(element, member, path)
            }
        case 14, 15:
            let element = number(1)
            for _ in 0..<number(4) { value(element, member, path) }
        default:
            found.append("\(path): type \(type)")
            offset = bytes.count
        }
    }
}

extension DorisSchema {
    private static let common = """
        TNetworkAddress 1-2
        TBackend 1-3
        TStatus 1=TStatusCode 2
        TUniqueId 1-2
        THeartbeatResult 1:TStatus 2:TBackendInfo
        TTablet 1:TTabletInfo
        TDropTabletReq 1-4
        TClearTransactionTaskRequest 1-2
        TPartitionVersionInfo 1-3
        TCompactionReq 1-3
        TCheckConsistencyReq 1-4
        TReleaseSnapshotRequest 1
        TStorageMediumMigrateReq 1-2 3=TStorageMedium 4
        TMoveDirReq 1-5
        TClearAlterTaskRequest 1-2
        TAlterMaterializedViewParam 1-3
        TCondition 1-4
        TTabletSchema 1-4 5:TColumn 6-13
        TColumn 1 2:TColumnType 3-15
        TColumnType 1=TPrimitiveType 2-5
        TPushCooldownConfReq 1:TCooldownConf
        TCooldownConf 1-3
        TUpdateTabletMetaInfoReq 1:TTabletMetaInfo
        TSnapshotLoaderReportRequest 1-2 3=TTaskType 4-5
        TTabletCooldownInfo 1-2 3:TUniqueId
        """

    private static let enumerations: [String: Set<Int32>] = [
        "TStorageMedium": Set(0...3), "TPriority": [0, 1], "TPushType": Set(0...3), "TPrimitiveType": Set(0...33),
        "TAlterTabletType": Set(1...3), "TStorageBackendType": Set(0...4),
    ]

    static let year2023 = DorisSchema(
        common + "\n" + """
            TMasterInfo 1:TNetworkAddress 2-8
            TBackendInfo 1-7
            TTabletInfo 1-6 7=TStorageMedium 8-19
            TFinishTaskRequest 1:TBackend 2=TTaskType 3 4:TStatus 5 6:TTabletInfo 7-16
            TDisk 1-6 7=TStorageMedium 8
            TReportRequest 1:TBackend 2 3=TTaskType 4:TTablet 5:TDisk 6 7:TTablet 8
            TAgentTaskRequest 1 2=TTaskType 3 4=TPriority 5:TCreateTabletReq 6:TDropTabletReq 8:TCloneReq 9:TPushReq
            TAgentTaskRequest 12:TStorageMediumMigrateReq 13:TCheckConsistencyReq 14:TUploadReq 15:TDownloadReq
            TAgentTaskRequest 16:TSnapshotRequest 17:TReleaseSnapshotRequest 19:TPublishVersionRequest
            TAgentTaskRequest 20:TClearAlterTaskRequest 21:TClearTransactionTaskRequest 22:TMoveDirReq
            TAgentTaskRequest 24:TAlterTabletReqV2 26:TUpdateTabletMetaInfoReq 27:TCompactionReq
            TAgentTaskRequest 29:TGetStoragePolicy 30:TPushCooldownConfReq
            TCreateTabletReq 1 2:TTabletSchema 3-4 5=TStorageMedium 6-14 16-19
            TTabletMetaInfo 1-6
            TCloneReq 1-2 3:TBackend 4=TStorageMedium 5-11
            TPushReq 1-5 6=TPushType 7-8 9:TCondition 10-16
            TPublishVersionRequest 1 2:TPartitionVersionInfo 3
            TSnapshotRequest 1-10
            TUploadReq 1-2 3:TNetworkAddress 4 5=TStorageBackendType
            TDownloadReq 1-2 3:TNetworkAddress 4 5=TStorageBackendType
            TAlterTabletReqV2 1-6 7:TAlterMaterializedViewParam 8=TAlterTabletType 9 10:TColumn
            TS3StorageParam 1-9
            TGetStoragePolicy 1-3 4:TS3StorageParam 5
            TGetStoragePolicyResult 1:TStatus 2:TGetStoragePolicy
            """,
        enumerations.merging([
            "TTaskType": Set(0...28), "TStatusCode": Set(0...22).union(30...46).union(50...57),
        ]) { $1 })

    static let year2026 = DorisSchema(
        common + "\n" + """
            TMasterInfo 1:TNetworkAddress 2-8 9:TFrontendInfo 10-13 14
            TFrontendInfo 1:TNetworkAddress 2
            TBackendInfo 1-10 1000-1001
            TTabletInfo 1-6 7=TStorageMedium 8-16 19 20:TUniqueId 21-25 1000
            TFinishTaskRequest 1:TBackend 2=TTaskType 3 4:TStatus 5 6:TTabletInfo 7-20
            TDisk 1-6 7=TStorageMedium 8-9
            TReportRequest 1:TBackend 2 3=TTaskType 4:TTablet 5:TDisk 6 7:TTablet 8 9:TStoragePolicy
            TReportRequest 10:TStorageResource 11-14 15 16
            TAgentTaskRequest 1 2=TTaskType 3 4=TPriority 5:TCreateTabletReq 6:TDropTabletReq 8:TCloneReq 9:TPushReq
            TAgentTaskRequest 12:TStorageMediumMigrateReq 13:TCheckConsistencyReq 14:TUploadReq 15:TDownloadReq
            TAgentTaskRequest 16:TSnapshotRequest 17:TReleaseSnapshotRequest 19:TPublishVersionRequest
            TAgentTaskRequest 20:TClearAlterTaskRequest 21:TClearTransactionTaskRequest 22:TMoveDirReq
            TAgentTaskRequest 24:TAlterTabletReqV2 26:TUpdateTabletMetaInfoReq 27:TCompactionReq
            TAgentTaskRequest 30:TPushCooldownConfReq 31:TPushStoragePolicyReq 32-34 35:TVisibleVersionReq 36
            TAgentTaskRequest 37:TPushIndexPolicyReq 1000
            TVisibleVersionReq 1
            TPushIndexPolicyReq 1:TIndexPolicy 2
            TIndexPolicy 1-4
            TPushStoragePolicyReq 1:TStoragePolicy 2:TStorageResource 3
            TStoragePolicy 1-6
            TStorageResource 1-3 4:TS3StorageParam 5
            TCreateTabletReq 1 2:TTabletSchema 3-4 5=TStorageMedium 6-14 16-17 19-20 21:TBinlogConfig 22-30 1000-1001
            TBinlogConfig 1-4
            TTabletMetaInfo 1-3 5 7-8 9:TBinlogConfig 10-18
            TCloneReq 1-2 3:TBackend 4=TStorageMedium 5-13
            TPushReq 1-5 6=TPushType 7-8 9:TCondition 10-19
            TPublishVersionRequest 1 2:TPartitionVersionInfo 3-4
            TSnapshotRequest 1-14
            TUploadReq 1-2 3:TNetworkAddress 4 5=TStorageBackendType 6
            TDownloadReq 1-2 3:TNetworkAddress 4 5=TStorageBackendType 6 7:TRemoteTabletSnapshot 8
            TRemoteTabletSnapshot 1-4 5:TNetworkAddress 6-7
            TAlterTabletReqV2 1-6 7:TAlterMaterializedViewParam 8=TAlterTabletType 9 10:TColumn 11-13 1000-1002
            TS3StorageParam 1-15
            """,
        enumerations.merging([
            "TTaskType": Set(0...26).union(28...35).union([1000]),
            "TStatusCode": Set(0...9).union(11...16).union(30...39).union([42]).union(44...47).union(60...64)
                .union(70...74).union([100]),
        ]) { $1 })
}
