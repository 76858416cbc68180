internal import ByteText
internal import Checksums
internal import Logging
internal import Platform
internal import Synchronization
public import TabletModel

extension BackupService {
    /// Makes each local snapshot folder what its remote folder holds, or another backend's snapshot. Files that are there and
    /// right are not fetched again; what the backup does not have goes. On return every file is verified and durable. The
    /// header keeps what it says, under the name that this snapshot's has: `move` makes it the tablet's.
    ///
    /// - Returns: the tablets of the local folders.
    /// - Throws: `BackupError`, `ObjectStoreError`, `HTTPFetchError`, `FileSystemError`, `EngineError`. What was verified stays.
    public func download(_ request: DownloadRequest, report: @escaping BackupReport) throws -> [TabletID] {
        if let snapshots = request.remoteSnapshots, !snapshots.isEmpty {
            return try download(snapshots, jobID: request.jobID, report)
        }
        let pairs = try request.folders.sorted { $0.key < $1.key }.map {
            (remote: try RemoteFolder($0.key), local: try BackupFolder($0.value, in: engine))
        }
        let store = try store(request.place, for: pairs.map(\.remote))
        return try alone(in: pairs.map(\.local)) {
            var files: [DownloadFile] = []
            for pair in pairs { files += try planned(pair.remote, pair.local, store) }
            let run = try run(request.jobID, files: files.count, report)
            for pair in pairs { try pair.local.dataDir.checkChangeable() }
            try checkSpace(files)
            // A folder has a header once everything else is there, so that none can be moved before.
            let headers = files.filter(\.object.isHeader)
            let segments = files.filter { !$0.object.isHeader }
            let transfer = Transfer(store: store, run: run, group: GroupedMD5())
            for header in headers where try !transfer.isThere(header) { try removeHeader(of: header.local) }
            store.concurrently(segments.count, parallel: settings.parallelFiles) { index in
                run.file { try transfer.fetch(segments[index]) }
            }
            try run.end()
            try finish(pairs.map(\.local), keeping: files.map { ($0.local.path, $0.name) })
            for header in headers { run.file { try transfer.fetch(header) } }
            try run.end()
            for pair in pairs { try pair.local.fileSystem.syncDirectory(pair.local.path) }
            run.tell()
            logger.info(
                "snapshots downloaded",
                metadata: [
                    "job": "\(request.jobID)", "folders": "\(pairs.count)", "files": "\(files.count)",
                    "bytes": "\(files.reduce(0) { $0 + $1.sizeBytes })",
                ])
            return pairs.map(\.local.tabletID)
        }
    }

    /// One object and the file that it becomes.
    private struct DownloadFile {
        let remote: RemoteFolder
        let local: BackupFolder
        let object: BackupFileName
        let sizeBytes: Int64

        /// The header gets the name that this snapshot's has.
        var name: String { object.isHeader ? local.headerName : object.file }
    }

    private func planned(
        _ remote: RemoteFolder, _ local: BackupFolder, _ store: any ObjectStore
    ) throws -> [DownloadFile] {
        let objects = try objects(in: remote, store)
        func bad(_ reason: String) -> BackupError { .badBackup(remote.description, reason: reason) }
        guard objects.keys.count(where: \.isHeader) == 1 else {
            throw bad("it holds \(objects.keys.count(where: \.isHeader)) headers of a snapshot, one is needed")
        }
        guard Set(objects.keys.map(\.file)).count == objects.count else {
            throw bad("it holds two states of one file: its upload did not end; upload it again")
        }
        return objects.sorted { $0.key.file < $1.key.file }.map {
            DownloadFile(remote: remote, local: local, object: $0.key, sizeBytes: $0.value)
        }
    }

    private func checkSpace(_ files: [DownloadFile]) throws {
        var needed: [String: (folder: BackupFolder, bytes: Int64)] = [:]
        for file in files
        where try file.local.fileSystem.status(file.local.path(file.name))?.sizeBytes != file.sizeBytes {
            needed[file.local.dataDir.path, default: (file.local, 0)].bytes += file.sizeBytes
        }
        for (_, need) in needed { try need.folder.checkSpace(for: need.bytes, engine) }
    }

    /// The files of one download, several of them at once.
    private struct Transfer: Sendable {
        let store: any ObjectStore
        let run: BackupRun
        let group: GroupedMD5

        func fetch(_ file: DownloadFile) throws {
            if try isThere(file) { return }
            let receiver = FileReceiver(
                file.local, file.name, sizeBytes: file.sizeBytes, .md5(file.object.md5, group)
            ) { [run] in try run.check() }
            try receiver.fill {
                guard file.sizeBytes > 0 else { return }
                try store.read(file.remote.key(of: file.object), range: 0..<file.sizeBytes) {
                    try receiver.receive($0)
                }
            }
        }

        /// A file of this name, size and MD5: from an earlier try.
        func isThere(_ file: DownloadFile) throws -> Bool {
            let path = file.local.path(file.name)
            guard try file.local.fileSystem.status(path)?.sizeBytes == file.sizeBytes else { return false }
            let sums = try FileSums(of: try file.local.fileSystem.open(path), md5: group) { try run.check() }
            return Hexadecimal.text(sums.md5) == file.object.md5
        }
    }

    /// Durable on return: a crash doesn't bring it back.
    func removeHeader(of folder: BackupFolder) throws {
        let path = folder.path(folder.headerName)
        guard try folder.fileSystem.exists(path) else { return }
        try folder.fileSystem.remove(path)
        try folder.fileSystem.syncDirectory(folder.path)
    }

    /// Removes what is none of the backup's, then makes the names durable.
    func finish(_ folders: [BackupFolder], keeping kept: [(folder: String, name: String)]) throws {
        var wanted: [String: Set<String>] = [:]
        for file in kept { wanted[file.folder, default: []].insert(file.name) }
        for folder in folders {
            for name in try folder.fileSystem.list(folder.path) where wanted[folder.path]?.contains(name) != true {
                try folder.fileSystem.removeTree(folder.path(name))
            }
            try folder.fileSystem.syncDirectory(folder.path)
        }
    }
}
