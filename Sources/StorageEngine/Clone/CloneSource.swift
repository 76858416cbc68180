internal import ByteText
internal import Logging
internal import Platform
internal import StoredFormats
internal import TabletModel

/// A peer with a snapshot of the tablet, made for this run, and the header that says what is in it.
struct CloneSource {
    let address: BackendAddress
    let header: SnapshotHeader
    private let snapshot: Snapshot

    /// A snapshot at the peer, before anything of it was read.
    private struct Snapshot {
        let address: BackendAddress
        let connection: any PeerConnection
        let path: String
        let run: CloneRun

        var source: String { address.description }
        var request: CloneRequest { run.request }
        var folder: String { "\(path)/\(request.tabletID)/\(request.schemaHash)" }

        func url(_ path: String) -> String {
            let server = NetworkAddress(host: address.host, port: address.httpPort)
            return "cluster://\(server)/api/_tablet/_download?token=\(PercentEncoding.encode(run.token))"
                + "&file=\(PercentEncoding.encodePath(path))"
        }
    }

    /// Has the peer make a snapshot, and reads its list and header.
    /// - Parameter missing: what the replica lacks, when it is here; nil or empty asks for everything.
    /// - Throws: `CloneError`, `StoredFormatError`: this source is of no use.
    init(_ address: BackendAddress, missing: VersionSet?, run: CloneRun) throws {
        self.address = address
        snapshot = try Self.makeSnapshot(address, missing, run)
        do {
            header = try Self.readHeader(of: snapshot)
        } catch {
            Self.release(snapshot)
            throw error
        }
    }

    var name: String { address.description }
    func url(ofFile name: String) -> String { snapshot.url(snapshot.folder + "/" + name) }
    func release() { Self.release(snapshot) }

    /// More single versions than this are not listed one by one: a full snapshot costs the peer only links.
    private static let maxListedVersions: Int64 = 4096
    private static let tries = 3
    /// 150,000 segments, and 60,000 rowsets: far more than any tablet has. In memory both are many times as large, so that
    /// what a source may claim is kept small.
    private static let maxListBytes = 8 << 20
    private static let maxHeaderBytes = 16 << 20

    private static func makeSnapshot(
        _ address: BackendAddress, _ missing: VersionSet?, _ run: CloneRun
    ) throws -> Snapshot {
        let request = run.request
        var wanted = SnapshotRequest(
            tabletID: request.tabletID, schemaHash: request.schemaHash, timeoutSeconds: run.secondsLeft + 600)
        if let missing, !missing.isEmpty, missing.versionCount <= maxListedVersions {
            wanted.missingVersions = missing.ranges.flatMap { range in
                (range.start.rawValue...range.end.rawValue).map { Version($0) }
            }
            wanted.allowIncrementalClone = true
        }
        let connection = run.service.peers.connection(
            to: NetworkAddress(host: address.host, port: address.bePort))
        let answer: AgentResult
        do {
            answer = try connection.makeSnapshot(wanted)
        } catch let error as RPCError {
            throw CloneError.refused(source: address.description, status: error.description)
        }
        guard answer.status.isOK else {
            throw CloneError.refused(source: address.description, status: answer.status.description)
        }
        guard let path = answer.snapshotPath, path.hasPrefix("/") else {
            throw CloneError.refused(source: address.description, status: "its answer names no snapshot")
        }
        return Snapshot(address: address, connection: connection, path: path, run: run)
    }

    /// The peer removes it by itself later when this does not reach it.
    private static func release(_ snapshot: Snapshot) {
        let reason: String
        do {
            let status = try snapshot.connection.releaseSnapshot(path: snapshot.path)
            if status.isOK { return }
            reason = status.description
        } catch {
            reason = "\(error)"
        }
        snapshot.run.service.logger.warning(
            "snapshot not released, it expires at the source",
            metadata: [
                "tablet": "\(snapshot.request.tabletID)", "source": "\(snapshot.source)", "path": "\(snapshot.path)",
                "reason": "\(reason)",
            ])
    }

    // MARK: List and header

    private static func readHeader(of snapshot: Snapshot) throws -> SnapshotHeader {
        let list = try fetch(snapshot.folder, "(list)", of: snapshot, limit: maxListBytes)
        let names = Set(list.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) })
        let request = snapshot.request
        let file = "\(request.tabletID).hdr"
        guard names.contains(file) else { throw CloneError.fileMissing(source: snapshot.source, file: file) }
        let bytes = try fetch(snapshot.folder + "/" + file, file, of: snapshot, limit: maxHeaderBytes)
        func refuse(_ reason: String) -> CloneError { .badHeader(source: snapshot.source, reason: reason) }
        let header: SnapshotHeader
        do {
            header = try bytes.withUnsafeBytes {
                try SnapshotHeader(decoding: $0, name: "\(file) of source \(snapshot.source)")
            }
        } catch let error as StoredFormatError where error.cause == .noChecksum {
            throw refuse(
                "its \(file) is not of tabletd, or cut off: rows of a backend of Doris are of another format, and can't be "
                    + "cloned")
        }
        guard header.tablet.tabletID == request.tabletID else {
            throw refuse("its header is that of tablet \(header.tablet.tabletID)")
        }
        guard header.tablet.schemaHash == request.schemaHash else {
            throw refuse(
                "tablet \(request.tabletID) has schema hash \(header.tablet.schemaHash) there, the task says "
                    + "\(request.schemaHash)")
        }
        for rowset in header.rowsets where !rowset.isRemote {
            for index in rowset.segments.indices {
                let name = DataDirLayout.segmentName(rowset.id, index)
                guard names.contains(name) else {
                    throw CloneError.fileMissing(source: snapshot.source, file: name)
                }
            }
        }
        return header
    }

    /// A small file, or the list of the folder.
    private static func fetch(
        _ path: String, _ file: String, of snapshot: Snapshot, limit: Int
    ) throws -> [UInt8] {
        var attempt = 1
        while true {
            try snapshot.run.check(source: snapshot.source, file: file)
            var body: [UInt8] = []
            do {
                let timeout = min(60, snapshot.run.secondsLeft)
                let fetcher = snapshot.run.service.engine.environment.fetcher
                try fetcher.fetch(snapshot.url(path), range: nil, timeoutSeconds: timeout) { piece in
                    guard body.count + piece.count <= limit else {
                        throw CloneError.tooLong(source: snapshot.source, file: file, expected: Int64(limit))
                    }
                    body.append(contentsOf: piece)
                }
                return body
            } catch let error as HTTPFetchError {
                attempt += 1
                if error.isRetryable, attempt <= tries { continue }
                throw CloneError.download(
                    source: snapshot.source, file: file, offset: Int64(body.count), reason: error.reason)
            }
        }
    }
}

extension HTTPFetchError {
    /// Without the URL, which carries the token.
    var reason: String { message + (httpStatus == 0 ? "" : " (HTTP \(httpStatus))") }
}
