internal import ReportCodec
internal import TabletModel

struct ReportEncoding {
    var seconds: Double
    /// Of the whole message body.
    var bytes: Int
    /// How far resident memory rises above the tablet state itself.
    var extraMiB: Double
}

/// A backend encodes the report of `tablets` tablets that have cooled. The time is the median over `runs`.
func runReportEncodeBench(tablets: Int, runs: Int) throws -> ReportEncoding {
    let source = ArrayReportSource((0..<tablets).map { benchRow(Int64($0)) })
    let backend = BackendAddress(host: "10.0.0.2", bePort: 9060, httpPort: 8040)
    let report = OutgoingReport(
        backend: backend, reportVersion: 1, body: .tablets(source, maxCompactionScore: 10))

    let before = residentBytes()
    var highest = before
    var byteCount = 0
    var encoder = ReportEncoder()
    // The first run measures memory, looking after every flush; it is not timed.
    try encoder.encode(report) { piece in
        byteCount += piece.count
        highest = max(highest, residentBytes())
    }
    let times = try (0..<max(runs, 1)).map { _ in
        var sum = 0
        let seconds = try secondsOf {
            // A byte of each piece is looked at, so that none is made for nothing.
            try encoder.encode(report) { piece in sum &+= piece.count &+ Int(piece[piece.count - 1]) }
        }
        precondition(sum >= byteCount)
        return seconds
    }
    return ReportEncoding(
        seconds: median(times), bytes: byteCount, extraMiB: Double(max(0, highest - before)) / 1_048_576)
}

/// All fields of the contract that an ordinary cooled tablet has.
private func benchRow(_ index: Int64) -> TabletReportRow {
    var row = TabletReportRow(tabletID: TabletID(10_000 + index), schemaHash: 421_337, version: 120)
    row.rowCount = 1_000_000 + index
    row.dataSizeBytes = 64 << 20
    row.versionCount = 12
    row.pathHash = 0x1234_5678_9ABC
    row.partitionID = PartitionID(5000 + index / 100)
    row.replicaID = ReplicaID(2_000_000 + index)
    row.remoteDataSizeBytes = 32 << 20
    row.cooldownReplicaID = ReplicaID(2_000_000 + index)
    row.isCooldown = true
    row.cooldownTerm = 3
    return row
}
