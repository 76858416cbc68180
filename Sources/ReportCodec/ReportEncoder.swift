public import TabletModel

/// Writes an `OutgoingReport` as the bytes of a bare `TReportRequest` struct in TBinaryProtocol (`contract/wire.md` §1, §7):
/// the bytes a C++ Doris BE writes for the same content, in the report's dialect. The caller puts the message header and the args field around it.
///
/// One encoder is kept and used again: its buffer is the only memory an encoding needs, however many tablets there are.
/// Not thread-safe; it may be handed from thread to thread (`@unchecked Sendable`: it alone owns its buffer, and nobody can
/// copy it).
public struct ReportEncoder: ~Copyable, @unchecked Sendable {
    /// Large enough that the bare transfer, not the number of writes, sets the pace (`measured.md`).
    public static let defaultBufferBytes = 1 << 20

    private let bufferBytes: Int
    private let buffer: UnsafeMutableRawPointer

    /// - Parameter bufferBytes: at most this much is handed to the sink at once; at least 4 KiB.
    public init(bufferBytes: Int = ReportEncoder.defaultBufferBytes) {
        self.bufferBytes = max(bufferBytes, 4096)
        self.buffer = .allocate(byteCount: self.bufferBytes, alignment: 16)
    }

    deinit { buffer.deallocate() }

    /// Encodes the whole struct, its stop byte included. The sink's buffers are valid during the call only.
    ///
    /// Throws what the sink throws, or `ReportEncodingError`. Either way part of the struct may have gone out: the
    /// connection it went to can't be used again.
    public mutating func encode(_ report: OutgoingReport, to sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        try withoutActuallyEscaping(sink) { sink in
            var writer = BinaryWriter(buffer: buffer, capacity: bufferBytes, dialect: report.dialect, sink: sink)
            try writer.encode(report)
            try writer.flush()
        }
    }

    /// The whole struct in memory: for tests and small reports.
    public static func bytes(of report: OutgoingReport) throws -> [UInt8] {
        var encoder = ReportEncoder()
        var bytes: [UInt8] = []
        try encoder.encode(report) { bytes.append(contentsOf: $0) }
        return bytes
    }
}

public enum ReportEncodingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The source promised one number of tablets (already sent) and handed out another.
    case countMismatch(promised: Int, handedOut: Int)
    /// A container or string too long for the protocol's 32-bit sizes.
    case tooLarge(String, count: Int)

    public var description: String {
        switch self {
        case .countMismatch(let promised, let handedOut):
            "tablet report: the source promised \(promised) tablets and handed out \(handedOut)"
        case .tooLarge(let what, let count): "report: \(what) of \(count) does not fit the protocol's 32-bit size"
        }
    }
}

extension BinaryWriter {
    fileprivate mutating func encode(_ report: OutgoingReport) throws {
        try field(.structure, 1)
        try encode(report.backend)
        if let version = report.reportVersion { try i64Field(2, version) }
        switch report.body {
        case .tasks(let tasks): try encode(tasks)
        case .disks(let disks): try encode(disks)
        case .tablets(let source, let maxCompactionScore):
            try encode(source)
            try i64Field(8, maxCompactionScore)
            try encode(report.unreadable)
        }
        if let policies = report.indexPolicies { try encode(indexPolicies: policies) }
        if let rules = report.rules { try encode(rules) }
        if let load = report.load { try encode(load) }
        if let storage = report.storage { try encode(storage) }
        if let start = report.processStart { try i64Field(1020, start.milliseconds) }
        try stop()
    }

    /// `list<TIndexPolicy>`, of which the FE reads the ids.
    private mutating func encode(indexPolicies ids: [Int64]) throws {
        try field(.list, 15)
        try listHeader(.structure, count: ids.count)
        for id in ids {
            try i64Field(1, id)
            try stop()
        }
    }

    /// `list<TUnreadableReplica>`; nothing for none, as a Doris backend.
    private mutating func encode(_ replicas: [UnreadableReplica]) throws {
        guard !replicas.isEmpty else { return }
        try field(.list, 1000)
        try listHeader(.structure, count: replicas.count)
        for replica in replicas {
            try i64Field(1, replica.tabletID.rawValue)
            try i64Field(2, replica.replicaID.rawValue)
            try stringField(3, replica.reason)
            try i64Field(4, replica.since.milliseconds)
            try boolField(5, replica.isHealedByCopy)
            try stop()
        }
    }

    private mutating func encode(_ backend: BackendAddress) throws {
        try stringField(1, backend.host)
        try i32Field(2, backend.bePort)
        try i32Field(3, backend.httpPort)
        try stop()
    }

    /// `map<TTaskType, set<i64>>`, both in ascending order as C++ containers iterate.
    private mutating func encode(_ tasks: [TaskType: Set<Int64>]) throws {
        try field(.map, 3)
        try mapHeader(key: .i32, value: .set, count: tasks.count)
        for (type, signatures) in tasks.sorted(by: { $0.key < $1.key }) {
            try i32(type.rawValue)
            try listHeader(.i64, count: signatures.count)
            for signature in signatures.sorted() { try i64(signature) }
        }
    }

    /// `map<string, TDisk>` by root path, in the order of the paths' bytes.
    private mutating func encode(_ disks: [DiskReport]) throws {
        try field(.map, 5)
        try mapHeader(key: .string, value: .structure, count: disks.count)
        let sorted = disks.sorted { $0.rootPath.utf8.lexicographicallyPrecedes($1.rootPath.utf8) }
        for disk in sorted {
            try string(disk.rootPath)
            try stringField(1, disk.rootPath)
            try i64Field(2, disk.totalBytes)
            try i64Field(3, disk.dataUsedBytes)
            try boolField(4, disk.isUsed)
            try i64Field(5, disk.availableBytes)
            try i64Field(6, disk.pathHash)
            try i32Field(7, disk.medium.rawValue)
            try i64Field(8, disk.remoteUsedBytes)
            if dialect.has(.trashOfDisk) { try i64Field(9, disk.trashUsedBytes) }
            if dialect.has(.ownReportMembers) { try encode(disk.condition) }
            try stop()
        }
    }

    /// Nothing for a good disk: Doris backends know no states between good and bad.
    private mutating func encode(_ condition: DiskCondition) throws {
        guard condition.state != .good else { return }
        try i32Field(1000, condition.state.rawValue)
        try stringField(1001, condition.reason)
        if let since = condition.since { try i64Field(1002, since.milliseconds) }
    }

    /// `map<i64, TTablet>`, each with a list of one `TTabletInfo`.
    private mutating func encode(_ source: some TabletReportSource) throws {
        let promised = source.count
        try field(.map, 4)
        try mapHeader(key: .i64, value: .structure, count: promised)
        var handedOut = 0
        try source.forEachChunk { rows in
            handedOut += rows.count
            for index in rows.indices { try tabletEntry(rows.baseAddress.unsafelyUnwrapped + index) }
        }
        guard handedOut == promised else {
            throw ReportEncodingError.countMismatch(promised: promised, handedOut: handedOut)
        }
    }
}
