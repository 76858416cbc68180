internal import TabletModel

/// The members of a `TReportRequest` as they come.
struct DecodedReport: Sendable {
    struct Tablets: Sendable {
        var range: Range<Int>
        var count: Int
        var shape: EncodedTablets.Shape
    }

    var backend: BackendAddress?
    var reportVersion: Int64?
    var tasks: [TaskType: Set<Int64>]?
    var disks: [DiskReport]?
    /// Doris' FE reads the list only when there is no map.
    var tabletMap: Tablets?
    var tabletList: Tablets?
    var forceRecovery = false
    var maxCompactionScore: Int64?
    var unreadable: [UnreadableReplica] = []
    var storage: StorageUse?
    var processStart: Int64?
    var policies: [Int64: Int64]?
    var resources: [Int64: Int64]?
    var hasIndexPolicies = false

    mutating func read(from reader: inout BinaryReader) throws(ReportDecodingError) {
        while true {
            let key = try reader.fieldKey()
            if key == 0 { return }
            try read(key, from: &reader)
        }
    }

    /// The report that the members make.
    func report(tablets: EncodedTablets?, end: Int) throws(ReportDecodingError) -> IncomingReport {
        guard let backend else { throw .missingField(structure: "TReportRequest", field: "backend", offset: end) }
        var report = IncomingReport(
            backend: backend, reportVersion: reportVersion, tasks: tasks, disks: disks, tablets: tablets,
            forceRecovery: forceRecovery, maxCompactionScore: maxCompactionScore, storage: storage)
        report.unreadable = unreadable
        report.hasIndexPolicies = hasIndexPolicies
        if let policies, let resources { report.rules = KnownRules(policies: policies, resources: resources) }
        report.processStart = processStart.map { UnixTime(milliseconds: $0) }
        return report
    }

    /// The member with this key, whose value comes next.
    mutating func read(_ key: UInt32, from reader: inout BinaryReader) throws(ReportDecodingError) {
        switch key {
        case fieldKey(.structure, 1): backend = try readBackend(from: &reader)
        case fieldKey(.i64, 2): reportVersion = try reader.i64()
        case fieldKey(.map, 3): tasks = try readTasks(from: &reader)
        case fieldKey(.map, 4): tabletMap = try checkTabletMap(from: &reader)
        case fieldKey(.map, 5): disks = try readDisks(from: &reader)
        case fieldKey(.bool, 6): forceRecovery = try reader.bool()
        case fieldKey(.list, 7): tabletList = try checkTabletList(from: &reader)
        case fieldKey(.i64, 8): maxCompactionScore = try reader.i64()
        case fieldKey(.list, 9): policies = try reader.ruleVersions()
        case fieldKey(.list, 10): resources = try reader.ruleVersions()
        case fieldKey(.list, 15):
            hasIndexPolicies = true
            try reader.skip(.list, depth: 1)
        case fieldKey(.list, 1000): unreadable = try readUnreadable(from: &reader)
        case fieldKey(.list, 1010): storage = StorageUse(try reader.resourceUses(), keeping: storage)
        case fieldKey(.list, 1011): storage = StorageUse(try reader.cooldownFailures(), keeping: storage)
        case fieldKey(.i64, 1020): processStart = try reader.i64()
        default: try reader.skip(WireType(rawValue: UInt8(truncatingIfNeeded: key >> 16)), depth: 1)
        }
    }

    private func readBackend(from reader: inout BinaryReader) throws(ReportDecodingError) -> BackendAddress {
        var host: String?
        var bePort: Int32?
        var httpPort: Int32?
        fields: while true {
            let key = try reader.fieldKey()
            switch key {
            case 0: break fields
            case fieldKey(.string, 1): host = try reader.string()
            case fieldKey(.i32, 2): bePort = try reader.i32()
            case fieldKey(.i32, 3): httpPort = try reader.i32()
            default: try reader.skip(WireType(rawValue: UInt8(truncatingIfNeeded: key >> 16)), depth: 2)
            }
        }
        guard let host else { throw .missingField(structure: "TBackend", field: "host", offset: reader.offset) }
        guard let bePort else { throw .missingField(structure: "TBackend", field: "be_port", offset: reader.offset) }
        guard let httpPort else {
            throw .missingField(structure: "TBackend", field: "http_port", offset: reader.offset)
        }
        return BackendAddress(host: host, bePort: bePort, httpPort: httpPort)
    }

    private func readTasks(
        from reader: inout BinaryReader
    ) throws(ReportDecodingError) -> [TaskType: Set<Int64>] {
        let at = reader.offset
        let (key, value, count) = try reader.mapHeader()
        guard count > 0 else { return [:] }
        guard key == .i32 else { throw .badType(key.rawValue, offset: at) }
        guard value == .set || value == .list else { throw .badType(value.rawValue, offset: at) }
        var tasks: [TaskType: Set<Int64>] = [:]
        for _ in 0..<count {
            let type = TaskType(rawValue: try reader.i32())
            let at = reader.offset
            let (element, signatures) = try reader.listHeader()
            guard element == .i64 || signatures == 0 else { throw .badType(element.rawValue, offset: at) }
            var set = Set<Int64>(minimumCapacity: signatures)
            for _ in 0..<signatures { set.insert(try reader.i64()) }
            tasks[type] = set
        }
        return tasks
    }

    /// Entries without ids name nothing and are left out.
    private func readUnreadable(from reader: inout BinaryReader) throws(ReportDecodingError) -> [UnreadableReplica] {
        let at = reader.offset
        let (element, count) = try reader.listHeader()
        guard count == 0 || element == .structure else { throw .badType(element.rawValue, offset: at) }
        var replicas: [UnreadableReplica] = []
        for _ in 0..<count {
            var replica = UnreadableReplica(tabletID: 0, replicaID: 0, reason: "", since: UnixTime(milliseconds: 0))
            fields: while true {
                let key = try reader.fieldKey()
                switch key {
                case 0: break fields
                case fieldKey(.i64, 1): replica.tabletID = TabletID(try reader.i64())
                case fieldKey(.i64, 2): replica.replicaID = ReplicaID(try reader.i64())
                case fieldKey(.string, 3): replica.reason = try reader.string()
                case fieldKey(.i64, 4): replica.since = UnixTime(milliseconds: try reader.i64())
                case fieldKey(.bool, 5): replica.isHealedByCopy = try reader.bool()
                default: try reader.skip(WireType(rawValue: UInt8(truncatingIfNeeded: key >> 16)), depth: 3)
                }
            }
            if replica.tabletID > 0, replica.replicaID > 0 { replicas.append(replica) }
        }
        return replicas
    }

    private func readDisks(from reader: inout BinaryReader) throws(ReportDecodingError) -> [DiskReport] {
        let at = reader.offset
        let (key, value, count) = try reader.mapHeader()
        guard count > 0 else { return [] }
        guard key == .string else { throw .badType(key.rawValue, offset: at) }
        guard value == .structure else { throw .badType(value.rawValue, offset: at) }
        var disks: [DiskReport] = []
        for _ in 0..<count {
            _ = try reader.string()
            disks.append(try readDisk(from: &reader))
        }
        return disks
    }

    private func readDisk(from reader: inout BinaryReader) throws(ReportDecodingError) -> DiskReport {
        var disk = DiskReport(
            rootPath: "", totalBytes: 0, dataUsedBytes: 0, availableBytes: 0, pathHash: 0, medium: .hdd, isUsed: false)
        var seen: UInt8 = 0
        var state: Int32?
        fields: while true {
            let key = try reader.fieldKey()
            switch key {
            case 0: break fields
            case fieldKey(.string, 1):
                disk.rootPath = try reader.string()
                seen |= 1
            case fieldKey(.i64, 2):
                disk.totalBytes = try reader.i64()
                seen |= 2
            case fieldKey(.i64, 3):
                disk.dataUsedBytes = try reader.i64()
                seen |= 4
            case fieldKey(.bool, 4):
                disk.isUsed = try reader.bool()
                seen |= 8
            case fieldKey(.i64, 5): disk.availableBytes = try reader.i64()
            case fieldKey(.i64, 6): disk.pathHash = try reader.i64()
            case fieldKey(.i32, 7): disk.medium = StorageMedium(rawValue: try reader.i32())
            case fieldKey(.i64, 8): disk.remoteUsedBytes = try reader.i64()
            case fieldKey(.i64, 9): disk.trashUsedBytes = try reader.i64()
            case fieldKey(.i32, 1000): state = try reader.i32()
            case fieldKey(.string, 1001): disk.condition.reason = try reader.string()
            case fieldKey(.i64, 1002): disk.condition.since = UnixTime(milliseconds: try reader.i64())
            default: try reader.skip(WireType(rawValue: UInt8(truncatingIfNeeded: key >> 16)), depth: 3)
            }
        }
        let names = ["root_path", "disk_total_capacity", "data_used_capacity", "used"]
        for (bit, name) in names.enumerated() where seen & (1 << UInt8(bit)) == 0 {
            throw .missingField(structure: "TDisk", field: name, offset: reader.offset)
        }
        // Whether it is used is what everybody understands: a state that says otherwise, or that is newer, gives way.
        let known = state.flatMap { DiskState(rawValue: $0) } ?? .good
        disk.condition.state = disk.isUsed ? (known == .failed ? .good : known) : .failed
        return disk
    }

    private func checkTabletMap(from reader: inout BinaryReader) throws(ReportDecodingError) -> Tablets {
        let at = reader.offset
        let (key, value, count) = try reader.mapHeader()
        guard count > 0 else { return Tablets(range: reader.offset..<reader.offset, count: 0, shape: .map) }
        guard key == .i64 else { throw .badType(key.rawValue, offset: at) }
        guard value == .structure else { throw .badType(value.rawValue, offset: at) }
        return try checkTablets(count, shape: .map, from: &reader)
    }

    private func checkTabletList(from reader: inout BinaryReader) throws(ReportDecodingError) -> Tablets {
        let at = reader.offset
        let (element, count) = try reader.listHeader()
        guard count == 0 || element == .structure else { throw .badType(element.rawValue, offset: at) }
        return try checkTablets(count, shape: .list, from: &reader)
    }

    private func checkTablets(
        _ count: Int, shape: EncodedTablets.Shape, from reader: inout BinaryReader
    ) throws(ReportDecodingError) -> Tablets {
        let start = reader.offset
        var templates = RowTemplates(hasKey: shape == .map)
        for _ in 0..<count { try reader.checkEntry(&templates, shape: shape) }
        return Tablets(range: start..<reader.offset, count: count, shape: shape)
    }
}

extension BinaryReader {
    /// Goes over one entry of a map or list of tablets, and checks it.
    @inline(__always)
    mutating func checkEntry(
        _ templates: inout RowTemplates, shape: EncodedTablets.Shape
    ) throws(ReportDecodingError) {
        if let template = templates.match(current, available: remaining) { return skipBytes(template.pointee.count) }
        let entry = offset
        let key = shape == .map ? try i64() : nil
        try checkTablet(key: key)
        templates.learn(bytes(since: entry))
    }
}
