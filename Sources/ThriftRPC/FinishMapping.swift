internal import CThrift
internal import ReportCodec
internal import TabletModel

// TFinishTaskRequest and TTabletInfo ⇄ TabletModel. Whole tablet reports do not pass here: `ReportCodec` reads and
// writes their bytes.

extension FinishTaskRequest {
    /// Throws what `TabletReportRow(encoded:)` does for its tablets.
    init(_ wire: borrowing wire.TFinishTaskRequest) throws {
        let isSet = wire.__isset
        self.init(
            backend: BackendAddress(wire.backend), type: TaskType(rawValue: enumValue(wire.task_type)),
            signature: wire.signature, status: RPCStatus(wire.task_status))
        reportVersion = isSet.report_version ? wire.report_version : nil
        tablets = isSet.finish_tablet_infos ? try wire.finish_tablet_infos.map { try TabletReportRow($0) } : nil
        tabletChecksum = isSet.tablet_checksum ? wire.tablet_checksum : nil
        requestVersion = isSet.request_version ? Version(wire.request_version) : nil
        snapshotPath = isSet.snapshot_path ? string(wire.snapshot_path) : nil
        errorTabletIDs = isSet.error_tablet_ids ? identifiers(wire.error_tablet_ids) : nil
        snapshotFiles = isSet.snapshot_files ? strings(wire.snapshot_files) : nil
        succeededTablets = isSet.succ_tablets ? longPairs(wire.succ_tablets) : nil
        tabletFiles = isSet.tablet_files ? filesOfTablets(wire.tablet_files) : nil
        downloadedTabletIDs = isSet.downloaded_tablet_ids ? identifiers(wire.downloaded_tablet_ids) : nil
        copySizeBytes = isSet.copy_size ? wire.copy_size : nil
        copyTimeMs = isSet.copy_time_ms ? wire.copy_time_ms : nil
    }

    /// Throws what its tablets' `wireValue()` does.
    func wireValue() throws -> wire.TFinishTaskRequest {
        var request = wire.TFinishTaskRequest()
        request.backend = backend.wireValue
        request.task_type = .init(rawValue: enumBits(type))
        request.signature = signature
        request.task_status = status.wireValue
        if let reportVersion { request.__set_report_version(reportVersion) }
        if let tablets {
            request.__isset.finish_tablet_infos = true
            request.finish_tablet_infos.reserve(tablets.count)
            for tablet in tablets { request.finish_tablet_infos.push_back(try tablet.wireValue(in: dialect)) }
        }
        if let tabletChecksum { request.__set_tablet_checksum(tabletChecksum) }
        if let requestVersion { request.__set_request_version(requestVersion.rawValue) }
        if let snapshotPath { request.__set_snapshot_path(text(snapshotPath)) }
        if let errorTabletIDs { request.__set_error_tablet_ids(longList(errorTabletIDs)) }
        if let snapshotFiles { request.__set_snapshot_files(textList(snapshotFiles)) }
        if let succeededTablets {
            request.__isset.succ_tablets = true
            for (tablet, version) in succeededTablets {
                wire.put(&request.succ_tablets, tablet.rawValue, version.rawValue)
            }
        }
        if let tabletFiles {
            request.__isset.tablet_files = true
            for (tablet, files) in tabletFiles {
                wire.put(&request.tablet_files, tablet.rawValue, textList(files))
            }
        }
        if let downloadedTabletIDs { request.__set_downloaded_tablet_ids(longList(downloadedTabletIDs)) }
        if let copySizeBytes { request.__set_copy_size(copySizeBytes) }
        if let copyTimeMs { request.__set_copy_time_ms(copyTimeMs) }
        return request
    }
}

extension TabletReportRow {
    /// By way of the bytes, so that `ReportCodec` alone knows which field is which member of a row.
    init(_ info: borrowing wire.TTabletInfo) throws(ReportDecodingError) { try self.init(encoded: wire.encode(info)) }

    /// The bytes are made of what a peer sent, so it is the peer's message that fails when they can't be read, and never the
    /// process: libthrift leaves them empty when it could not write them.
    init(encoded bytes: borrowing wire.Text) throws(ReportDecodingError) {
        self = try withBytes(bytes) { bytes throws(ReportDecodingError) in try TabletReportRow(tabletInfo: bytes) }
    }

    /// As a C++ backend writes it here: `version_miss` always, which a full report leaves out when it is false.
    ///
    /// Throws `UnsendableTablet`, or `ReportEncodingError` when there are more transaction ids than the protocol can count.
    func wireValue(in dialect: WireDialect = .tabletd) throws -> wire.TTabletInfo {
        var info = try wireTablet(try tabletInfoBytes(in: dialect).withUnsafeBytes { text($0) }, of: tabletID)
        info.__set_version_miss(versionMiss)
        return info
    }
}

private func filesOfTablets(_ map: borrowing wire.TextsMap) -> [TabletID: [String]] {
    var files: [TabletID: [String]] = [:]
    for entry in wire.pairsOf(map) { files[TabletID(entry.key)] = strings(entry.texts) }
    return files
}

func wireTablet(_ bytes: borrowing wire.Text, of tablet: TabletID) throws(UnsendableTablet) -> wire.TTabletInfo {
    var info = wire.TTabletInfo()
    guard wire.decode(bytes, &info) else { throw UnsendableTablet(tabletID: tablet, byteCount: Int(bytes.size())) }
    return info
}

/// libthrift refuses a row that was written for it: it reads nothing over 100 MiB, and its memory may be short.
struct UnsendableTablet: Error, Hashable, CustomStringConvertible {
    var tabletID: TabletID
    var byteCount: Int

    var description: String { "Thrift can't take the row of tablet \(tabletID), \(byteCount) bytes" }
}
