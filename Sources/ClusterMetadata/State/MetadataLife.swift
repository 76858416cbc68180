public import TabletModel

/// One stretch of the journal that one process wrote: from the entry after `afterLogID` to where the next one begins.
/// Journaled at each start, so that what a backend was told in any of them can be recognised later.
public struct MetadataLife: Hashable, Sendable {
    public var epoch: Int64
    /// See `MetadataPosition.life`.
    public var life: Int64
    public var afterLogID: Int64

    public init(epoch: Int64, life: Int64, afterLogID: Int64) {
        self.epoch = epoch
        self.life = life
        self.afterLogID = afterLogID
    }
}

/// What a backend's remembered position says of this FE's metadata.
public enum PositionVerdict: Hashable, Sendable {
    /// No heartbeat was answered since the FE started.
    case unheard
    /// It never heard of one: an older build, or another make. Nothing is known.
    case silent
    /// It is part of this FE's own past.
    case past(MetadataPosition)
    /// Another past, or a later point of this one: the metadata here are older than the backend.
    case ahead(MetadataPosition)

    /// What the heartbeat may tell the backend to replace (`MasterInfo.judgedPosition`).
    public var judged: MetadataPosition? { if case .past(let position) = self { position } else { nil } }
}

extension ClusterState {
    /// So many starts are remembered; those before are taken by their log ids alone.
    static let rememberedLives = 1000

    /// - Parameter lastLogID: the last durable entry.
    public func verdict(on heard: MetadataPosition?, lastLogID: Int64) -> PositionVerdict {
        guard let heard else { return .silent }
        if older.accepted.contains(where: {
            $0.epoch == heard.epoch && $0.life == heard.life && $0.logID >= heard.logID
        }) {
            return .past(heard)
        }
        guard let place = lives.firstIndex(where: { $0.epoch == heard.epoch && $0.life == heard.life }) else {
            // Starts that are forgotten had their journal, too.
            let isForgotten =
                lives.count >= Self.rememberedLives
                && lives.first.map { heard.epoch < $0.epoch && heard.logID <= $0.afterLogID } == true
            return isForgotten ? .past(heard) : .ahead(heard)
        }
        let end = place + 1 < lives.count ? lives[place + 1].afterLogID : lastLogID
        return heard.logID <= end ? .past(heard) : .ahead(heard)
    }

    /// What heartbeats tell; nil before the first life.
    public func position(lastLogID: Int64) -> MetadataPosition? {
        lives.last.map { MetadataPosition(epoch: $0.epoch, life: $0.life, logID: lastLogID, idEnd: idBatchEnd) }
    }
}
