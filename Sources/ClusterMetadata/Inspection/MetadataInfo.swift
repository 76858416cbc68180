public import HTTPAPI
internal import Platform
internal import TabletModel

extension MetadataFolder {
    /// What is there at a glance. Reads the head of the newest image, and of the journal's entries those that tell; one that
    /// can't be read tells nothing.
    public func info() throws -> MetadataInfoView {
        var state = ClusterState()
        var logID: Int64 = 0
        if let newest = try images.logIDs().first {
            logID = newest
            var reader = ImageReader(sections: try ImageSections(images.path(newest), from: files))
            state = try reader.readHead()
        }
        try journal.records(from: logID + 1) { row in
            switch row.operation {
            case .setEpoch, .beginLife, .saveNextID:
                if case .success(let entry) = Result(catching: { () throws(JournalError) in try row.decode() }) {
                    state.apply(entry)
                }
            default: break
            }
            return true
        }
        return try MetadataInfoView(identity: identity, state: state, images: images, journal: journal)
    }
}

extension MetadataStore {
    /// What the meta dir holds. Reads no image.
    public func info() throws -> MetadataInfoView {
        try MetadataInfoView(identity: identity, state: snapshot(), images: images, journal: journal)
    }
}

extension MetadataInfoView {
    init(identity: ClusterIdentity, state: ClusterState, images: ImageStore, journal: any Journal) throws {
        self.init(
            clusterID: identity.clusterID, role: identity.role, nodeName: identity.nodeName,
            images: try images.logIDs().compactMap { logID in
                // One may be removed meanwhile.
                try images.files.status(images.path(logID)).map {
                    Image(logID: logID, sizeBytes: $0.sizeBytes, modifiedMs: $0.modifiedAtSeconds * 1000)
                }
            },
            corruptImages: try images.files.list(images.folder).filter { $0.hasSuffix(".corrupt") },
            firstLogID: try journal.firstLogID, lastLogID: try journal.lastLogID, epoch: state.epoch,
            nextIDBatch: state.idBatchEnd,
            lives: state.lives.map {
                Life(
                    epoch: $0.epoch, life: String(UInt64(bitPattern: $0.life), radix: 16), afterLogID: $0.afterLogID)
            })
    }
}

extension Journal {
    /// Log id of the first entry that is there; one above the last when none is.
    var firstLogID: Int64 {
        get throws {
            var first: Int64?
            try records(from: 0) { row in
                first = row.logID
                return false
            }
            return try first ?? lastLogID + 1
        }
    }
}
