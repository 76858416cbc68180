internal import Platform
internal import TabletModel

extension ImageStore {
    /// Where an image that comes from elsewhere is written until it is known to be good.
    func partPath(_ logID: Int64) -> String { path(logID) + Self.partSuffix }
    private static var partSuffix: String { ".part" }

    /// Takes an image from elsewhere: writes what `fetch` hands out to a `.part` file, syncs it, reads it back, and gives it its
    /// name only when every checksum fits and `accepts` does not throw; then syncs the folder. On return it survives a crash.
    /// Whatever fails, the images are as they were, and no `.part` file is left but by a crash: the next receipt replaces it.
    ///
    /// - Parameters:
    ///   - limitBytes: a longer one is broken off.
    ///   - accepts: gets what the image says that it is.
    /// - Throws: `PeerRefusal.badImage`, `FileSystemError`, what `fetch` and `accepts` throw.
    /// - Returns: its size in bytes.
    func receive(
        _ logID: Int64, limitBytes: Int64, fetch: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void,
        accepts: (_ state: ClusterState, _ logID: Int64, _ clusterID: Int32) throws -> Void
    ) throws -> Int64 {
        let part = partPath(logID)
        // What a crash left of others, too.
        for name in try files.list(folder) where name.hasSuffix(Self.partSuffix) {
            try files.remove("\(folder)/\(name)")
        }
        do {
            let size = try write(part, limitBytes: limitBytes, fetch)
            let image: (state: ClusterState, logID: Int64, clusterID: Int32)
            do {
                image = try ImageReader.read(part, from: files)
            } catch let error as MetadataError {
                throw PeerRefusal.badImage("what came is no whole image: \(error)")
            }
            try accepts(image.state, image.logID, image.clusterID)
            try files.rename(part, to: path(logID))
            try files.syncDirectory(folder)
            return size
        } catch {
            if try files.exists(part) { try files.remove(part) }
            throw error
        }
    }

    private func write(
        _ part: String, limitBytes: Int64, _ fetch: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws -> Int64 {
        let file = try files.create(part)
        var size: Int64 = 0
        try fetch { bytes in
            size += Int64(bytes.count)
            guard size <= limitBytes else {
                throw PeerRefusal.badImage(
                    "it is longer than \(limitBytes) bytes, which is more than an image of ours can have")
            }
            try file.append(bytes)
        }
        try file.sync()
        try file.close()
        return size
    }
}
