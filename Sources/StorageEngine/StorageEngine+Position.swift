internal import Logging
internal import Platform
internal import Synchronization
public import TabletModel

// What the backend remembers of its master's metadata: see `MetadataPosition`.
extension StorageEngine {
    /// The furthest metadata position that a master told of, as the data dirs hold it; nil before the first.
    public var heardPosition: MetadataPosition? { heard.withLock { $0?.position } }

    /// Writes it into every usable data dir; durable on return. A dir that can't take it goes out of use; only when none
    /// could is that an error.
    /// - Throws: `.noUsableDataDir`.
    public func persistHeardPosition(_ position: MetadataPosition) throws {
        let record = MasterPositionRecord(
            sequence: (heard.withLock { $0?.sequence } ?? 0) + 1, position: position)
        var batch = WriteBatch()
        batch.put(MetaKeys.masterPosition, record.encoded)
        try dataDirs.writeInEach { try $0.writeMeta(batch) }
        heard.withLock { $0 = record }
    }

    /// At the start. A record that can't be read is logged, and what another dir holds counts.
    func readHeardPosition() {
        var newest: MasterPositionRecord?
        for dir in dataDirs {
            do {
                guard let bytes = try dir.readMeta(MetaKeys.masterPosition) else { continue }
                let record = try bytes.withUnsafeBytes { try MasterPositionRecord(decoding: $0) }
                if record.sequence > newest?.sequence ?? 0 { newest = record }
            } catch {
                logger.warning(
                    "what this dir remembers of the master's metadata can't be read",
                    metadata: ["data_dir": "\(dir.path)", "error": "\(error)"])
            }
        }
        heard.withLock { $0 = newest }
    }
}
