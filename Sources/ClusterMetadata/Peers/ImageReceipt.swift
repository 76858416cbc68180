internal import Platform
internal import TabletModel

extension ImageStore {
    /// How often an image is asked for again in a row without a byte of it coming.
    static let triesWithoutProgress = 6
    private static let pauses = Backoff(base: .milliseconds(100), limit: .seconds(2))

    /// Takes an image from elsewhere: writes what `fetch` hands out to a `.part` file, syncs it, reads it back, and gives it its
    /// name only when every checksum fits and `accepts` does not throw; then syncs the folder. On return it survives a crash.
    ///
    /// Whatever fails, the images are as they were. Where the connection broke, it is gone on: at once, and by a later receipt of
    /// the same image, for as long as its owner has the same bytes. Of an image that came and is not taken nothing is left.
    ///
    /// - Parameters:
    ///   - limitBytes: a longer one is broken off.
    ///   - pause: waits before the next try; throws when there shall be none.
    ///   - fetch: asks for the bytes behind a part; says what comes before it hands out any of it.
    ///   - accepts: gets what the image says that it is.
    /// - Throws: `PeerRefusal.badImage`, `ImageBreak`, `FileSystemError`, what `fetch` and `accepts` throw.
    /// - Returns: its size in bytes.
    func receive(
        _ logID: Int64, limitBytes: Int64, pause: (Duration) throws -> Void,
        fetch: (
            _ behind: ImagePart?, _ head: (ImageHead) throws -> Void, _ body: (UnsafeRawBufferPointer) throws -> Void
        ) throws -> Void,
        accepts: (_ state: ClusterState, _ logID: Int64, _ clusterID: Int32) throws -> Void
    ) throws -> Int64 {
        let incoming = try IncomingImage(logID, limitBytes: limitBytes, in: self)
        do {
            var image = try whole(incoming, pause, fetch)
            if image == nil {
                // What a crash left of it was not what had come.
                try incoming.discard()
                image = try whole(incoming, pause, fetch)
            }
            guard let (part, state, found, clusterID) = image else {
                throw PeerRefusal.badImage("what came is no whole image")
            }
            try accepts(state, found, clusterID)
            try files.rename(part, to: path(logID))
            try files.syncDirectory(folder)
            return incoming.sizeBytes
        } catch let error as ImageBreak {
            try incoming.suspend()
            throw error
        } catch {
            try incoming.discard()
            throw error
        }
    }

    private typealias Read = (part: String, state: ClusterState, logID: Int64, clusterID: Int32)

    /// - Returns: nil: it is no whole image, and not all of it came now.
    private func whole(
        _ incoming: IncomingImage, _ pause: (Duration) throws -> Void,
        _ fetch: (ImagePart?, (ImageHead) throws -> Void, (UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws -> Read? {
        var tries = 0
        while true {
            let before = incoming.part
            do {
                try fetch(before, { try incoming.begin($0) }, { try incoming.append($0) })
                break
            } catch let error as ImageBreak {
                // An image that can't be gone on with makes no progress, however much of it came.
                tries = incoming.part.map { $0.sizeBytes > before?.sizeBytes ?? 0 } ?? false ? 0 : tries + 1
                guard tries < Self.triesWithoutProgress, (try? pause(Self.pauses.ceiling(retry: tries))) != nil
                else { throw error }
            }
        }
        let part = try incoming.finish()
        do {
            let image = try ImageReader.read(part, from: files)
            return (part, image.state, image.logID, image.clusterID)
        } catch let error as MetadataError {
            if incoming.isOld { return nil }
            throw PeerRefusal.badImage("what came is no whole image: \(error)")
        }
    }
}
