public import Logging
public import Platform

extension MetadataStore {
    /// Reads the newest image that is whole and replays the journal behind it. A corrupt image is set aside with an error in
    /// the log, and the one before it serves. Anything else that is not as it was written stops the start with an error
    /// that names it: `MetadataError`, `JournalError`, `FileSystemError` or `KeyValueStoreError`.
    ///
    /// - Parameters:
    ///   - folder: `image/` in the meta dir; it is made when missing, with a new identity.
    ///   - nodeName: this FE's name, for a first start.
    ///   - journal: one that can only be read now is enough, unless it is the first start: see `trouble`.
    ///   - clusterID: `cluster_id` of the configuration; nil draws one at a first start. Metadata of another cluster is
    ///     `MetadataError.badIdentity`.
    ///   - standing: whether it leads from the start: the only FE does. One that follows may have less than the log needs
    ///     (`replayImage`).
    ///   - elementsPerRecord: of a list that grows with a table (`JournalEntry.records`).
    public static func open(
        folder: String, files: any FileSystem, journal: any Journal, nodeName: String, clusterID: Int32? = nil,
        random: some RandomSource, checkpoints: CheckpointTrigger = CheckpointTrigger(), time: any TimeSource,
        gates: any GateMaker, standing: MetadataStanding = .leads,
        elementsPerRecord: Int = JournalEntry.elementsPerRecord, logger: Logger
    ) throws -> MetadataStore {
        do {
            try makeDurably(folder, files)
        } catch {
            // A disk that takes no writes: what is there is served all the same.
            guard try files.exists(folder) else { throw error }
            logger.warning("the image folder was not synced", metadata: ["folder": "\(folder)", "error": "\(error)"])
        }
        let images = ImageStore(files: files, folder: folder)
        let isEmpty = try images.logIDs().isEmpty && journal.lastLogID == 0
        let identity = try ClusterIdentity.load(
            folder: folder, files: files, isEmpty: isEmpty, nodeName: nodeName, clusterID: clusterID, random: random)

        var (state, lastLogID) = try newestImage(images, identity, logger)
        var checkpoints = checkpoints
        checkpoints.found(image: lastLogID)
        let imageLogID = lastLogID
        let journalEnd = try journal.lastLogID
        guard journalEnd >= imageLogID else { throw JournalError.behindImage(last: journalEnd, image: imageLogID) }
        // Small ones are applied together; a large one never waits in memory for others.
        var waiting: [JournalEntry] = []
        var updates = 0
        do {
            try journal.read(from: imageLogID + 1) { logID, entry in
                waiting.append(entry)
                lastLogID = logID
                if case .updateReplicas(let more) = entry { updates += more.count } else { updates = appliedTogether }
                guard updates >= appliedTogether else { return }
                state.apply(waiting)
                waiting.removeAll(keepingCapacity: true)
                updates = 0
            }
        } catch JournalError.truncated(let expected, let truncated) where standing == .follows {
            logger.notice(
                "the edit log does not reach back to what this FE knows: it needs an image of the master's",
                metadata: ["needed": "\(expected)", "truncated": "\(truncated)"])
        }
        state.apply(waiting)
        logger.info(
            "metadata loaded",
            metadata: [
                "cluster": "\(identity.clusterID)", "image": "\(imageLogID)", "log_id": "\(lastLogID)",
                "tablets": "\(state.tablets.count)", "replicas": "\(state.tablets.replicaCount)",
            ])
        let store = MetadataStore(
            state: state, lastLogID: lastLogID, identity: identity, journal: journal, images: images,
            checkpoints: checkpoints, time: time, gates: gates, life: Int64(bitPattern: random.next()),
            elementsPerRecord: elementsPerRecord, standing: standing)
        store.counters.read(lastLogID - imageLogID)
        return store
    }

    /// Updates of replicas that one edit is worth.
    private static let appliedTogether = 256

    /// Makes the folder and its missing parents so that they survive a crash: before anything inside is relied upon.
    private static func makeDurably(_ folder: String, _ files: any FileSystem) throws {
        var unsynced = [parentDirectory(of: folder)]
        while let parent = unsynced.last, parent != "/", try !files.exists(parent) || unsynced.count < 2 {
            unsynced.append(parentDirectory(of: parent))
        }
        try files.createDirectory(folder)
        for parent in unsynced { try files.syncDirectory(parent) }
    }

    private static func newestImage(
        _ images: ImageStore, _ identity: ClusterIdentity, _ logger: Logger
    ) throws -> (ClusterState, Int64) {
        for logID in try images.logIDs() {
            let path = images.path(logID)
            do {
                let image = try ImageReader.read(path, from: images.files)
                guard image.logID == logID else {
                    throw MetadataError.imageCorrupt(path: path, reason: "it covers up to log id \(image.logID)")
                }
                guard image.clusterID == identity.clusterID else {
                    throw MetadataError.badIdentity(
                        path: path, reason: "it is of cluster \(image.clusterID), VERSION says \(identity.clusterID)")
                }
                return (image.state, logID)
            } catch MetadataError.imageCorrupt(let path, let reason) {
                logger.error(
                    "image is corrupt: it is set aside and the one before it is used",
                    metadata: ["path": "\(path)", "reason": "\(reason)"])
                try images.setAside(logID)
            }
        }
        // Without an image the whole journal is needed, and its reader sees to that.
        return (ClusterState(), 0)
    }
}
