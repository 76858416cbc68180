internal import Checksums
internal import Platform
internal import Synchronization
internal import TabletModel

/// One file to upload.
struct UploadFile {
    let local: BackupFolder
    let remote: RemoteFolder
    let name: String
    /// What the header says of it; nil for the header itself.
    let segment: SegmentMeta?
}

/// The files of one upload, several at once.
final class UploadWork: Sendable {
    private struct Sent {
        var names: [RemoteFolder: Set<BackupFileName>] = [:]
        var count = 0
        var bytes: Int64 = 0
    }

    private let service: BackupService
    private let store: any ObjectStore
    private let files: [UploadFile]
    private let known: [RemoteFolder: [BackupFileName: Int64]]
    private let run: BackupRun
    private let group = GroupedMD5()
    private let sent = Mutex(Sent())

    init(
        service: BackupService, store: any ObjectStore, files: [UploadFile],
        known: [RemoteFolder: [BackupFileName: Int64]], run: BackupRun
    ) {
        self.service = service
        self.store = store
        self.files = files
        self.known = known
        self.run = run
    }

    func names(in folder: RemoteFolder) -> Set<BackupFileName> { sent.withLock { $0.names[folder] ?? [] } }
    var sentCount: Int { sent.withLock { $0.count } }
    var sentBytes: Int64 { sent.withLock { $0.bytes } }

    /// `run` has the first failure.
    func copyAll() {
        store.concurrently(files.count, parallel: service.settings.parallelFiles) { [self] index in
            run.file { try copy(files[index]) }
        }
    }

    private func copy(_ file: UploadFile) throws {
        let opened = try file.local.fileSystem.open(file.local.path(file.name))
        let sums = try FileSums(of: opened, md5: group) { try run.check() }
        if let reason = file.segment.flatMap({ sums.mismatch(with: $0) }) { throw lose(file, reason) }
        let name = BackupFileName(file: file.name, md5: sums.md5)
        if known[file.remote]?[name] != sums.sizeBytes { try send(file, opened, name, sums) }
        sent.withLock { _ = $0.names[file.remote, default: []].insert(name) }
    }

    private func send(_ file: UploadFile, _ opened: any ReadableFile, _ name: BackupFileName, _ sums: FileSums) throws {
        let key = file.remote.key(of: name)
        try store.put(key, from: CancellableSource(source: FileSource(opened), md5: sums.md5, run: run))
        guard let found = try store.head(key) else {
            throw BackupError.badBackup("s3://\(file.remote.bucket)/\(key)", reason: "it is not there after its upload")
        }
        guard found.sizeBytes == sums.sizeBytes else {
            throw BackupError.badBackup(
                "s3://\(file.remote.bucket)/\(key)",
                reason: "it has \(found.sizeBytes) bytes, \(sums.sizeBytes) were uploaded")
        }
        sent.withLock {
            $0.count += 1
            $0.bytes += sums.sizeBytes
        }
    }

    /// The snapshot's files are the tablet's, by another name: a bad one is bad there too, and the replica lacks its versions.
    private func lose(_ file: UploadFile, _ reason: String) -> any Error {
        do {
            if let rowset = DataDirLayout.rowset(ofSegmentName: file.name)?.id,
                let tablet = try service.engine.tablets[file.local.tabletID], tablet.localRowset(rowset) != nil
            {
                service.engine.loseRowset(rowset, of: tablet, reason: "segment \(file.name) in a snapshot: \(reason)")
            }
        } catch {
            // A later read of the file finds it.
            return error
        }
        return BackupError.badFolder(file.local.path(file.name), reason: reason)
    }
}

/// Ends an upload that is not wanted any more between two reads.
private struct CancellableSource: ObjectSource {
    let source: FileSource
    let md5: [UInt8]?
    let run: BackupRun

    var sizeBytes: Int64 { source.sizeBytes }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws {
        try run.check()
        try source.read(into: buffer, at: offset)
    }
}
