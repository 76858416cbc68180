import ReportCodec
import TabletModel

let backend = BackendAddress(host: "10.0.0.2", bePort: 9060, httpPort: 8040)

func bytes(hex: String) -> [UInt8] {
    let digits = Array(hex.utf8.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\n") })
    return stride(from: 0, to: digits.count, by: 2).map { index in
        UInt8(String(decoding: digits[index..<(index + 2)], as: UTF8.self), radix: 16)!
    }
}

/// A row with every member that the wire has.
func fullRow(_ tabletID: Int64) -> TabletReportRow {
    var row = TabletReportRow(tabletID: TabletID(tabletID), schemaHash: 421, version: 7)
    row.rowCount = 1000
    row.dataSizeBytes = 2000
    row.medium = .ssd
    row.versionCount = 6
    row.pathHash = -77
    row.versionMiss = true
    row.isUsed = false
    row.partitionID = 55
    row.isInMemory = true
    row.replicaID = 66
    row.remoteDataSizeBytes = 3000
    row.cooldownReplicaID = 67
    row.isCooldown = true
    row.cooldownTerm = 3
    row.cooldownMetaID = UniqueID(high: 1, low: -1)
    row.transactionIDs = [8, 9]
    return row
}

func randomRow(_ tabletID: Int64, using random: inout some RandomNumberGenerator) -> TabletReportRow {
    func number() -> Int64 { Int64.random(in: .min ... .max, using: &random) }
    var row = TabletReportRow(
        tabletID: TabletID(tabletID), schemaHash: SchemaHash(Int32.random(in: .min ... .max, using: &random)),
        version: Version(number()))
    row.rowCount = number()
    row.dataSizeBytes = number()
    row.medium = StorageMedium(rawValue: Int32.random(in: 0...5, using: &random))
    row.versionCount = number()
    row.pathHash = number()
    row.versionMiss = Bool.random(using: &random)
    row.isUsed = Bool.random(using: &random)
    row.partitionID = PartitionID(number())
    row.isInMemory = Bool.random(using: &random)
    row.replicaID = ReplicaID(number())
    row.remoteDataSizeBytes = number()
    row.cooldownReplicaID = Bool.random(using: &random) ? ReplicaID(number()) : nil
    row.isCooldown = Bool.random(using: &random)
    row.cooldownTerm = number()
    row.cooldownMetaID = Bool.random(using: &random) ? UniqueID(high: number(), low: number()) : nil
    if Int.random(in: 0..<4, using: &random) == 0 {
        let count = Int.random(in: 1...3000, using: &random)
        row.transactionIDs = (0..<count).map { _ in TransactionID(number()) }
    }
    return row
}

func tabletReport(_ rows: [TabletReportRow]) -> OutgoingReport {
    OutgoingReport(
        backend: backend, reportVersion: 17, body: .tablets(ArrayReportSource(rows), maxCompactionScore: 5))
}

extension EncodedTablets {
    func allRows() throws -> [TabletReportRow] {
        var rows: [TabletReportRow] = []
        try forEachRow { rows.append($0) }
        return rows
    }
}

/// Writes TBinaryProtocol by hand, in whatever order and shape a test wants.
struct WireBuilder {
    var bytes: [UInt8] = []

    mutating func byte(_ value: UInt8) { bytes.append(value) }
    mutating func i32(_ value: Int32) { withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) } }
    mutating func i64(_ value: Int64) { withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) } }
    mutating func field(_ type: UInt8, _ id: UInt16) { bytes += [type, UInt8(id >> 8), UInt8(id & 0xFF)] }
    mutating func stop() { bytes.append(0) }
    mutating func string(_ text: String) {
        i32(Int32(text.utf8.count))
        bytes += Array(text.utf8)
    }
    mutating func backendField() {
        field(12, 1)
        field(11, 1)
        string("h")
        field(8, 2)
        i32(1)
        field(8, 3)
        i32(2)
        stop()
    }
    /// The required fields of a `TTabletInfo`, last one first, with a struct and a map nobody knows between them.
    mutating func shuffledTabletInfo(_ tabletID: Int64) {
        field(10, 6)
        i64(60)
        field(12, 900)
        field(15, 1)
        byte(11)
        i32(1)
        string("unknown")
        stop()
        field(10, 5)
        i64(50)
        field(10, 4)
        i64(40)
        field(13, 901)
        byte(8)
        byte(2)
        i32(2)
        for _ in 0..<2 {
            i32(1)
            byte(1)
        }
        field(10, 3)
        i64(30)
        field(8, 2)
        i32(20)
        field(10, 1)
        i64(tabletID)
        stop()
    }
}
