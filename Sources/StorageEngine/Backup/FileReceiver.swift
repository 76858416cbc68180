internal import ByteText
internal import Checksums
internal import Logging
internal import Platform
internal import TabletModel

/// What a received file must be.
enum ExpectedSum {
    /// 32 hex digits, and what hashes the files that are received at the same time.
    case md5(String, GroupedMD5)
    case crc32c(UInt32)
}

/// One file on its way into a snapshot's folder: counted and summed piece by piece, and only once it is right and synced does
/// it get its name. Used by one thread at a time.
final class FileReceiver: @unchecked Sendable {
    // Unchecked: `receive` is called by one thread at a time, and its owner looks at it when no transfer runs.
    let folder: BackupFolder
    let name: String
    let sizeBytes: Int64
    private let expected: ExpectedSum
    private let check: @Sendable () throws -> Void
    private var file: (any WritableFile)?
    private let body = GroupedMD5.Body()
    private var crc = CRC32C()
    private(set) var received: Int64 = 0
    private(set) var isDone = false

    init(
        _ folder: BackupFolder, _ name: String, sizeBytes: Int64, _ expected: ExpectedSum,
        check: @escaping @Sendable () throws -> Void
    ) {
        self.folder = folder
        self.name = name
        self.sizeBytes = sizeBytes
        self.expected = expected
        self.check = check
    }

    private var fileSystem: any FileSystem { folder.fileSystem }
    private var part: String { folder.path(name) + BackupFolder.partSuffix }

    /// Runs the transfer that calls `receive`. On return the file is there, right and synced (its name is once the folder was);
    /// on error nothing of it is.
    func fill(_ transfer: () throws -> Void) throws {
        do {
            try transfer()
            try finish()
        } catch {
            abandon()
            throw error
        }
    }

    func receive(_ bytes: UnsafeRawBufferPointer) throws {
        try check()
        guard received + Int64(bytes.count) <= sizeBytes else {
            throw BackupError.badBackup(name, reason: "more than the \(sizeBytes) bytes came that it should have")
        }
        let file = try self.file ?? begin()
        try file.append(bytes)
        switch expected {
        case .md5(_, let group): group.update(body, bytes)
        case .crc32c: crc.update(bytes)
        }
        received += Int64(bytes.count)
    }

    /// All bytes came.
    func finish() throws {
        guard received == sizeBytes else {
            throw BackupError.badBackup(name, reason: "\(received) bytes came of \(sizeBytes)")
        }
        switch expected {
        case .md5(let wanted, let group):
            let got = Hexadecimal.text(group.digest(body))
            guard got == wanted else {
                throw BackupError.badBackup(name, reason: "its MD5 is \(got), its name says \(wanted)")
            }
        case .crc32c(let wanted):
            guard crc.value == wanted else {
                throw BackupError.badBackup(
                    name,
                    reason: "its checksum is 0x\(String(crc.value, radix: 16)), 0x\(String(wanted, radix: 16)) is right"
                )
            }
        }
        let file = try self.file ?? begin()
        try file.sync()
        try file.close()
        self.file = nil
        try fileSystem.rename(part, to: folder.path(name))
        isDone = true
    }

    /// No more will come. What can't be removed now, the next try removes, or the snapshot's end.
    func abandon() {
        guard !isDone else { return }
        if case .md5(_, let group) = expected { group.reset(body) }
        do {
            try file?.close()
            file = nil
            if try fileSystem.exists(part) { try fileSystem.remove(part) }
        } catch {
            folder.dataDir.logger.warning(
                "part of a file is left in a snapshot", metadata: ["file": "\(part)", "error": "\(error)"])
        }
    }

    private func begin() throws -> any WritableFile {
        if try fileSystem.exists(part) { try fileSystem.remove(part) }
        let created = try fileSystem.create(part)
        created.expectSync()
        file = created
        return created
    }
}
