internal import Platform

/// The folder `image/`: `image.{log id}` files, the newest and the one before it.
struct ImageStore: Sendable {
    static let kept = 2

    let files: any FileSystem
    let folder: String
    private var temporaryPath: String { folder + "/image.ckpt" }

    init(files: any FileSystem, folder: String) {
        self.files = files
        self.folder = folder
    }

    func path(_ logID: Int64) -> String { "\(folder)/image.\(logID)" }

    /// Log ids of the finished images, newest first.
    func logIDs() throws -> [Int64] {
        try files.list(folder).compactMap { name in
            guard name.hasPrefix("image."), let id = Int64(name.dropFirst("image.".count)), id >= 0 else { return nil }
            return id
        }.sorted(by: >)
    }

    /// Writes the image under its temporary name, syncs it, reads it back to see that it holds what was written, renames it and
    /// syncs the folder: on return it survives a crash, and a crash at any moment leaves the older images as they were. Returns
    /// its size in bytes.
    /// - Throws: `MetadataError.imageCorrupt` when what is read back is something else; `FileSystemError`.
    func write(_ image: consuming ImageWriter) throws -> Int64 {
        let logID = image.logID
        if try files.exists(temporaryPath) { try files.remove(temporaryPath) }
        let file = try files.create(temporaryPath)
        var size: Int64 = 0
        let written = try image.write { bytes in
            try bytes.withUnsafeBytes { try file.append($0) }
            size += Int64(bytes.count)
        }
        try file.sync()
        try file.close()
        guard try ImageSections.digest(of: temporaryPath, from: files) == written else {
            throw MetadataError.imageCorrupt(path: temporaryPath, reason: "read back, it is not what was written")
        }
        try files.rename(temporaryPath, to: path(logID))
        try files.syncDirectory(folder)
        return size
    }

    /// Removes all but the newest two. Returns up to which log id the oldest kept one covers: the journal is needed from
    /// there on. nil while there is only one image, so that losing it would still leave the whole journal.
    func removeOld() throws -> Int64? {
        let ids = try logIDs()
        for old in ids.dropFirst(Self.kept) { try files.remove(path(old)) }
        if ids.count > Self.kept { try files.syncDirectory(folder) }
        // What is left of another frontend's image that nobody needs any more.
        if let newest = ids.first { try IncomingImage.removeLeft(upTo: newest, in: self) }
        return ids.count >= Self.kept ? ids[Self.kept - 1] : nil
    }

    /// Takes a corrupt image out of the row of images, for a person to look at.
    func setAside(_ logID: Int64) throws {
        try files.rename(path(logID), to: path(logID) + ".corrupt")
        try files.syncDirectory(folder)
    }
}
