public import TabletModel

/// Reads a bare `TReportRequest` struct in TBinaryProtocol (`contract/wire.md` §7): any field order, unknown fields and
/// fields of an unexpected type skipped, required fields checked, every length checked before memory is taken for it.
///
/// The tablets are checked to the last row, so that a broken report is refused whole and never half applied, but they
/// stay encoded: `EncodedTablets.forEachRow` reads them.
public enum ReportDecoder {
    /// As libthrift's recursion limit.
    public static let nestingLimit = 64

    /// The struct must be all there is in `bytes`.
    public static func decode(_ bytes: [UInt8]) throws(ReportDecodingError) -> IncomingReport {
        let (report, end) = try decode(bytes, from: 0)
        guard end == bytes.count else { throw .trailingBytes(offset: end) }
        return report
    }

    /// The struct that begins at `start`, and where it ends. The report's tablets keep `bytes` whole.
    public static func decode(
        _ bytes: [UInt8], from start: Int
    ) throws(ReportDecodingError) -> (report: IncomingReport, end: Int) {
        guard bytes.indices.contains(start) else { throw .truncated(offset: start) }
        var decoded = DecodedReport()
        let end = try bytes.span.bytes.withUnsafeBytes { buffer throws(ReportDecodingError) in
            var reader = BinaryReader(buffer, start..<buffer.count)
            try decoded.read(from: &reader)
            return reader.offset
        }
        guard let backend = decoded.backend else {
            throw .missingField(structure: "TReportRequest", field: "backend", offset: end)
        }
        let tablets = (decoded.tabletMap ?? decoded.tabletList).map {
            EncodedTablets(bytes: bytes, range: $0.range, count: $0.count, shape: $0.shape)
        }
        var report = IncomingReport(
            backend: backend, reportVersion: decoded.reportVersion, tasks: decoded.tasks, disks: decoded.disks,
            tablets: tablets, forceRecovery: decoded.forceRecovery, maxCompactionScore: decoded.maxCompactionScore,
            storage: decoded.storage)
        report.unreadable = decoded.unreadable
        report.hasIndexPolicies = decoded.hasIndexPolicies
        if let policies = decoded.policies, let resources = decoded.resources {
            report.rules = KnownRules(policies: policies, resources: resources)
        }
        report.processStart = decoded.processStart.map { UnixTime(milliseconds: $0) }
        return (report, end)
    }
}

/// The members of a `TReportRequest` as they come.
private struct DecodedReport {
    struct Tablets {
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
            switch key {
            case 0: return
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
        for _ in 0..<count {
            if let template = templates.match(reader.current, available: reader.remaining) {
                reader.skipBytes(template.pointee.count)
                continue
            }
            let entry = reader.offset
            let key = shape == .map ? try reader.i64() : nil
            try reader.checkTablet(key: key)
            templates.learn(reader.bytes(since: entry))
        }
        return Tablets(range: start..<reader.offset, count: count, shape: shape)
    }
}
