internal import Logging
internal import Platform
internal import StoredFormats
public import TabletModel

extension BackupService {
    /// Copies each local snapshot folder to its remote folder, as `{file}.{md5}`. What is there already under that name and
    /// with that size is not sent again. On return the remote folder holds the snapshot's files, each proven by its store,
    /// and no other file of a snapshot. Segments that are cold are fetched into the snapshot first, so that the backup needs
    /// nothing else.
    ///
    /// - Returns: the names in the remote folder, by the snapshot's tablet.
    /// - Throws: `BackupError`, `ObjectStoreError`, `FileSystemError`, `EngineError`. What was copied stays.
    public func upload(_ request: UploadRequest, report: @escaping BackupReport) throws -> [TabletID: [String]] {
        let pairs = try request.folders.sorted { $0.key < $1.key }.map {
            (local: try BackupFolder($0.key, in: engine), remote: try RemoteFolder($0.value))
        }
        guard Set(pairs.map(\.remote)).count == pairs.count, Set(pairs.map(\.local.tabletID)).count == pairs.count
        else {
            throw BackupError.invalid("the UPLOAD of job \(request.jobID) names a remote folder or a tablet twice")
        }
        let store = try store(request.place, for: pairs.map(\.remote))
        return try alone(in: pairs.map(\.local)) {
            var files: [UploadFile] = []
            for pair in pairs { files += try planned(pair.local, pair.remote) }
            let run = try run(request.jobID, files: files.count, report)
            for pair in pairs { try fetchCold(pair.local, run) }
            var known: [RemoteFolder: [BackupFileName: Int64]] = [:]
            for pair in pairs { known[pair.remote] = try objects(in: pair.remote, store) }
            let work = UploadWork(service: self, store: store, files: files, known: known, run: run)
            work.copyAll()
            try run.end()
            var names: [TabletID: [String]] = [:]
            for pair in pairs {
                let kept = work.names(in: pair.remote)
                try removeOthers(than: kept, among: known[pair.remote] ?? [:], in: pair.remote, store)
                names[pair.local.tabletID] = kept.map(\.description).sorted()
            }
            for pair in pairs { dropCold(pair.local) }
            run.tell()
            logger.info(
                "snapshots uploaded",
                metadata: [
                    "job": "\(request.jobID)", "folders": "\(pairs.count)", "files": "\(files.count)",
                    "sent": "\(work.sentCount)", "bytes": "\(work.sentBytes)",
                ])
            return names
        }
    }

    /// The files that a whole snapshot has.
    private func planned(_ local: BackupFolder, _ remote: RemoteFolder) throws -> [UploadFile] {
        let header = try local.header()
        let present = Set(try local.files())
        let cold = Set(
            header.rowsets.filter(\.isRemote).flatMap { rowset in
                rowset.segments.indices.map { DataDirLayout.segmentName(rowset.id, $0) }
            })
        var files = [UploadFile(local: local, remote: remote, name: local.headerName, segment: nil)]
        for (name, segment) in header.segments.sorted(by: { $0.key < $1.key }) {
            guard present.contains(name) || cold.contains(name) else {
                throw BackupError.badFolder(local.path, reason: "its header names \(name), which is not there")
            }
            files.append(UploadFile(local: local, remote: remote, name: name, segment: segment))
        }
        return files
    }

    /// Objects of a snapshot that was not this one: another state of a file, or a file of another try.
    private func removeOthers(
        than kept: Set<BackupFileName>, among known: [BackupFileName: Int64], in folder: RemoteFolder,
        _ store: any ObjectStore
    ) throws {
        let others = known.keys.filter { !kept.contains($0) }.map { folder.key(of: $0) }.sorted()
        if !others.isEmpty { try store.delete(others) }
    }

    // MARK: Cold segments

    /// They are uploaded: a backup of many cold tablets must not need room for all of them. What can't be removed goes with the
    /// snapshot.
    private func dropCold(_ local: BackupFolder) {
        do {
            for rowset in try local.header().rowsets where rowset.isRemote {
                for index in rowset.segments.indices {
                    try local.fileSystem.removeTree(local.path(DataDirLayout.segmentName(rowset.id, index)))
                }
            }
        } catch {
            logger.warning(
                "copies of cold rows stay in a snapshot", metadata: ["path": "\(local.path)", "error": "\(error)"])
        }
    }

    /// Brings cold segments into the snapshot's folder, verified.
    private func fetchCold(_ local: BackupFolder, _ run: BackupRun) throws {
        let present = Set(try local.files())
        var missing: [(rowset: RowsetMeta, index: Int)] = []
        for rowset in try local.header().rowsets where rowset.isRemote {
            for index in rowset.segments.indices
            where !present.contains(DataDirLayout.segmentName(rowset.id, index)) {
                missing.append((rowset, index))
            }
        }
        guard !missing.isEmpty else { return }
        guard let remote = engine.remoteSegments else {
            throw BackupError.badFolder(local.path, reason: "it has cold rows, and no storage resource is known here")
        }
        try local.checkSpace(for: missing.reduce(0) { $0 + $1.rowset.segments[$1.index].sizeBytes }, engine)
        for (rowset, index) in missing {
            let segment = rowset.segments[index]
            let name = DataDirLayout.segmentName(rowset.id, index)
            let receiver = FileReceiver(local, name, sizeBytes: segment.sizeBytes, .crc32c(segment.crc32c)) {
                try run.check()
            }
            try receiver.fill {
                let source = try remote.source(for: rowset, segment: index)
                var offset: Int64 = 0
                while offset < segment.sizeBytes {
                    let end = min(offset + Int64(source.readAheadBytes), segment.sizeBytes)
                    try source.read(offset..<end).withUnsafeBytes { try receiver.receive($0) }
                    offset = end
                    run.tellIfDue()
                }
            }
        }
        try local.fileSystem.syncDirectory(local.path)
    }
}
