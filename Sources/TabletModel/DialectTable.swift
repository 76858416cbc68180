/// What each dialect has, as data: the one place that says what may leave for whom (`docs/wire.md`).
public enum DialectTable {
    /// `TTaskType` values that the peer's IDL has. 27 is left out of 2026: it is a name there, and nothing else.
    static func taskTypes(of dialect: WireDialect) -> Set<Int32> {
        switch dialect {
        case .year2023: Set(0...28)
        case .year2026: Set(0...26).union(28...35).union([1000])
        case .tabletd: Set(0...35).union([1000, 5000])
        }
    }

    /// `TStatusCode` values that the peer's IDL has.
    static func statusCodes(of dialect: WireDialect) -> Set<Int32> {
        switch dialect {
        case .year2023: Set(0...22).union(30...46).union(50...57)
        case .year2026:
            Set(0...9).union(11...16).union(30...39).union([42]).union(44...47).union(60...64).union(70...74).union([
                100
            ])
        case .tabletd: Set(StatusCode.names.keys).union(statusCodes(of: .year2023)).union(statusCodes(of: .year2026))
        }
    }

    /// What stands for a code that the peer does not have. Every value is in every dialect.
    package static let substitutes: [Int32: Int32] = [
        10: 3, 40: 36, 41: 6, 43: 33, 47: 33, 60: 31, 61: 31, 62: 31, 63: 31, 64: 31, 70: 31, 71: 36, 72: 31, 73: 37,
        74: 39, 100: 39,
    ]
    /// INTERNAL_ERROR, for codes that nothing else stands for.
    package static let lastResort: Int32 = 6

    /// Who has a member that not everybody has.
    static let members: [WireMember: Set<WireDialect>] = [
        // Heartbeats.
        .frontendInfos: [.year2026],
        .tabletReportInactive: [.year2026, .tabletd],
        .ownHeartbeatMembers: [.tabletd],
        .isShutdown: [.year2026, .tabletd],
        // Ends of tasks and reports.
        .succeededTablets: [.year2026],
        .cooldownReplica: [.year2023, .tabletd],
        .cooldownMetaID: [.year2026, .tabletd],
        .trashOfDisk: [.year2026, .tabletd],
        .knownRules: [.year2026],
        .indexPolicies: [.year2026, .tabletd],
        .visibleVersionCount: [.year2026, .tabletd],
        .loadOfBackend: [.year2026],
        .ownReportMembers: [.tabletd],
        // Tasks.
        .storagePolicyByName: [.year2023, .tabletd],
        .storagePolicyByID: [.year2026],
        .newerTableOptions: [.year2026, .tabletd],
        .replicaIDOfMeta: [.year2026, .tabletd],
        .cloneIDs: [.year2026, .tabletd],
        .backupLocation: [.year2026, .tabletd],
        .ownTaskMembers: [.tabletd],
        .fetchedRows: [.tabletd],
        // Storage resources.
        .newerS3Members: [.year2026, .tabletd],
        .ownStorageMembers: [.tabletd],
    ]

    /// Whose policies are pushed (task 29) rather than asked for: the others ask, and get single ones by task 27.
    static let isToldPolicies: Set<WireDialect> = [.year2026]

    /// Methods of a frontend that not every one has.
    static let methods: [WireMethod: Set<WireDialect>] = [
        .refreshStoragePolicy: [.year2023, .tabletd],
        .confirmUnusedRemoteFiles: [.year2026, .tabletd],
    ]
}

/// Members, or groups of members that come and go together, that not every dialect has. Numbers are field ids.
public enum WireMember: Hashable, Sendable, CaseIterable {
    /// TMasterInfo 9.
    case frontendInfos
    /// TMasterInfo 12.
    case tabletReportInactive
    /// TMasterInfo 1010, 1011, 1100; TBackendInfo 1010, 1100.
    case ownHeartbeatMembers
    /// TBackendInfo 8.
    case isShutdown
    /// TFinishTaskRequest 17.
    case succeededTablets
    /// TTabletInfo 17, 18.
    case cooldownReplica
    /// TTabletInfo 20.
    case cooldownMetaID
    /// TDisk 9.
    case trashOfDisk
    /// TReportRequest 9, 10: policies and resources as the frontend pushed them.
    case knownRules
    /// TReportRequest 15.
    case indexPolicies
    /// TTabletInfo 21.
    case visibleVersionCount
    /// TReportRequest 11, 12, 14, 16.
    case loadOfBackend
    /// TReportRequest 1000 and up, TDisk 1000 and up.
    case ownReportMembers
    /// TCreateTabletReq 18; TTabletMetaInfo 4, 6.
    case storagePolicyByName
    /// TCreateTabletReq 20; TTabletMetaInfo 7.
    case storagePolicyByID
    /// TCreateTabletReq 21-27; TTabletMetaInfo 9-18.
    case newerTableOptions
    /// TTabletMetaInfo 8.
    case replicaIDOfMeta
    /// TCloneReq 12, 13.
    case cloneIDs
    /// TUploadReq 6; TDownloadReq 6, 7.
    case backupLocation
    /// TTabletSchema 1000; TTabletMetaInfo 1000.
    case ownTaskMembers
    /// TPushReq 7 with LOAD_V2: a Doris BE reads its `broker_scan_range` without a look, and dies of its absence.
    case fetchedRows
    /// TS3StorageParam 10, 11.
    case newerS3Members
    /// TGetStoragePolicy 1000, 1001; TGetStoragePolicyResult 1000, 1001; TStorageResource 1000.
    case ownStorageMembers
}

/// Methods that not every frontend has.
public enum WireMethod: String, Hashable, Sendable, CaseIterable {
    case refreshStoragePolicy, confirmUnusedRemoteFiles
}

extension WireDialect {
    /// A backend of it is told storage policies by task 29.
    public var isToldPolicies: Bool { DialectTable.isToldPolicies.contains(self) }
    public func has(_ member: WireMember) -> Bool { DialectTable.members[member]?.contains(self) ?? false }
    public func has(_ method: WireMethod) -> Bool { DialectTable.methods[method]?.contains(self) ?? false }
    public func has(_ type: TaskType) -> Bool {
        self == .tabletd || DialectTable.taskTypes(of: self).contains(type.rawValue)
    }
    public func has(_ code: StatusCode) -> Bool {
        self == .tabletd || DialectTable.statusCodes(of: self).contains(code.rawValue)
    }
}

extension RPCStatus {
    /// With a code that the peer has. Between our own every code passes.
    public func spoken(in dialect: WireDialect) -> RPCStatus {
        dialect.has(code) ? self : RPCStatus(substitute, messages)
    }

    /// With a code that everybody has: for an answer to whoever asked.
    public var spokenToAnyone: RPCStatus {
        WireDialect.doris.allSatisfy { $0.has(code) } ? self : RPCStatus(substitute, messages)
    }

    private var substitute: StatusCode {
        StatusCode(rawValue: DialectTable.substitutes[code.rawValue] ?? DialectTable.lastResort)
    }
}

extension WireDialect {
    static let doris: [WireDialect] = [.year2023, .year2026]
}
