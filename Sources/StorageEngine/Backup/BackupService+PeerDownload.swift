internal import ByteText
internal import Logging
internal import Platform
internal import StoredFormats
internal import TabletModel

extension BackupService {
    /// Makes each local snapshot folder what another backend's snapshot holds, over its HTTP port.
    func download(
        _ snapshots: [DownloadRequest.RemoteSnapshot], jobID: Int64, _ report: @escaping BackupReport
    ) throws -> [TabletID] {
        let pairs = try snapshots.map { (remote: $0, local: try BackupFolder($0.localPath, in: engine)) }
        for (remote, local) in pairs where local.tabletID != remote.localTabletID {
            throw BackupError.invalid(
                "\(local.path) is the folder of tablet \(local.tabletID), not \(remote.localTabletID)")
        }
        return try alone(in: pairs.map(\.local)) {
            let sources = try pairs.map { try PeerSnapshot($0.remote, $0.local, self) }
            let run = try run(jobID, files: sources.reduce(0) { $0 + $1.segments.count + 1 }, report)
            for source in sources { try copy(source, run) }
            run.tell()
            return pairs.map(\.local.tabletID)
        }
    }

    private static let tries = 3

    private func copy(_ source: PeerSnapshot, _ run: BackupRun) throws {
        let local = source.local
        try local.dataDir.checkChangeable()
        try local.checkSpace(for: source.segments.reduce(0) { $0 + $1.value.sizeBytes }, engine)
        try removeHeader(of: local)
        var waiting: [FileReceiver] = []
        for (name, segment) in source.segments.sorted(by: { $0.key < $1.key }) {
            if try isThere(name, segment, local, run) { continue }
            waiting.append(
                FileReceiver(local, name, sizeBytes: segment.sizeBytes, .crc32c(segment.crc32c)) { try run.check() })
        }
        defer { for one in waiting { one.abandon() } }
        for attempt in 1...Self.tries where !waiting.isEmpty {
            let results = engine.environment.fetcher.fetchAll(
                waiting.map { one in
                    HTTPDownload(
                        url: source.url(ofFile: one.name),
                        range: one.received > 0 ? one.received..<one.sizeBytes : nil,
                        timeoutSeconds: max(300, (one.sizeBytes - one.received) / (50 << 10)), body: one.receive)
                }, parallel: settings.parallelFiles)
            run.tellIfDue()
            var again: [FileReceiver] = []
            for (one, result) in zip(waiting, results) {
                do {
                    try result.get()
                    try one.finish()
                } catch let error as HTTPFetchError where error.isRetryable && attempt < Self.tries {
                    again.append(one)
                }
            }
            waiting = again
        }
        try finish([local], keeping: source.segments.keys.map { (local.path, $0) })
        // Last: a folder has a header once everything else is there.
        try local.fileSystem.replaceFile(local.path(local.headerName), with: source.headerBytes)
        logger.info(
            "snapshot of another backend downloaded",
            metadata: [
                "tablet": "\(local.tabletID)", "source": "\(source.name)", "files": "\(source.segments.count)",
            ])
    }

    private func isThere(
        _ name: String, _ segment: SegmentMeta, _ local: BackupFolder, _ run: BackupRun
    ) throws -> Bool {
        guard try local.fileSystem.status(local.path(name))?.sizeBytes == segment.sizeBytes else { return false }
        let file = try local.fileSystem.open(local.path(name))
        return try FileSums(of: file, md5: nil) { try run.check() }.mismatch(with: segment) == nil
    }
}

/// A snapshot at another backend, and what its header says.
private struct PeerSnapshot {
    let local: BackupFolder
    let headerBytes: [UInt8]
    /// By file name.
    let segments: [String: SegmentMeta]
    private let remote: DownloadRequest.RemoteSnapshot

    /// The source, without the token.
    var name: String { remote.description }

    init(_ remote: DownloadRequest.RemoteSnapshot, _ local: BackupFolder, _ service: BackupService) throws {
        guard remote.remotePath.hasPrefix("/"), !remote.remotePath.split(separator: "/").contains("..") else {
            throw BackupError.invalid("\"\(remote.remotePath.prefix(300))\" is not the path of a snapshot's folder")
        }
        self.remote = remote
        self.local = local
        let name = "\(remote.remoteTabletID)\(BackupFileName.headerSuffix)"
        var body: [UInt8] = []
        try service.engine.environment.fetcher.fetch(
            Self.url(remote, name), range: nil, timeoutSeconds: 60
        ) { piece in
            guard body.count + piece.count <= BackupFolder.maxHeaderBytes else {
                throw BackupError.badBackup(remote.description, reason: "its header is too large to be one")
            }
            body.append(contentsOf: piece)
        }
        headerBytes = body
        let header = try body.withUnsafeBytes { try SnapshotHeader(decoding: $0, name: "\(name) of \(remote)") }
        guard header.tablet.tabletID == remote.remoteTabletID else {
            throw BackupError.badBackup(
                remote.description, reason: "its header is that of tablet \(header.tablet.tabletID)")
        }
        if let cold = header.rowsets.first(where: \.isRemote) {
            throw BackupError.notImplemented(
                "\(remote): versions \(cold.versions) are cold there and not in its snapshot: restore from a backup in S3"
            )
        }
        segments = header.segments
    }

    func url(ofFile name: String) -> String { Self.url(remote, name) }

    private static func url(_ remote: DownloadRequest.RemoteSnapshot, _ file: String) -> String {
        let folder = remote.remotePath.hasSuffix("/") ? String(remote.remotePath.dropLast()) : remote.remotePath
        return "cluster://\(remote.remoteAddress)/api/_tablet/_download?token=\(PercentEncoding.encode(remote.token))"
            + "&file=\(PercentEncoding.encodePath("\(folder)/\(file)"))"
    }
}
