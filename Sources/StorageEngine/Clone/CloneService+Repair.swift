internal import Platform
internal import StoredFormats
internal import TabletModel

extension CloneService {
    /// Gives a replica what it lacks. What sources have is committed even when it is not all; then the error says what is
    /// still missing.
    func repair(_ tablet: Tablet, _ run: CloneRun) throws -> Tablet {
        let target = run.request.committedVersion
        let missing = target.map { tablet.missed(upTo: $0) }
        let gathered = try gather(run, in: tablet.dataDir, missing: missing, needsAll: false) {
            tablet.rowsets
        } join: { selection, sources, own, staging in
            try join(selection, sources, own, staging, tablet)
        }
        if let target {
            let left = tablet.missed(upTo: target)
            guard left.isEmpty else {
                throw CloneError.incomplete(tablet.id, upTo: target, missing: left, reasons: gathered.reasons)
            }
        } else if gathered.reasons.count == run.request.sources.count {
            throw CloneError.noVersions(tablet.id, reasons: gathered.reasons)
        }
        return tablet
    }

    private func join(
        _ selection: CloneSelection, _ sources: [SnapshotHeader], _ own: [Rowset], _ staging: CloneStaging,
        _ tablet: Tablet
    ) throws {
        let taken = selection.taken.map(\.rowset)
        if taken.contains(where: { !$0.isRemote && !$0.segments.isEmpty }) { try tablet.makeFolder() }
        let links = try CloneLinks(
            taken, of: tablet.header, folder: tablet.segmentFolder, in: tablet.dataDir, source: staging.path)
        let remoteSource = selection.remoteSource.map { sources[$0].tablet }
        let freshID = engine.environment.random.uniqueID()
        let replica = tablet.replicaID
        _ = try links.commit { rowsets in
            try tablet.commit(
                TabletChange(
                    precondition: { snapshot in
                        guard snapshot.header.replicaID == replica else {
                            throw EngineError.replicaMismatch(
                                snapshot.header.tabletID, local: snapshot.header.replicaID, requested: replica)
                        }
                    },
                    editHeader: { header in
                        // As of the commit: a conf may have made this replica the uploader meanwhile.
                        if let remoteSource { header.takeCooldownMetaID(of: remoteSource, orFresh: freshID) }
                    },
                    addRowsets: rowsets, removeRowsets: selection.replaced.map { own[$0].meta.id }))
        }
    }
}

extension TabletHeader {
    /// Takes over the id of the remote state that comes with a source's remote rowsets. The replica that uploads takes a fresh
    /// one, or it would say of another's state that it is its own, and the FE would let objects be deleted that are in use
    /// (`contract/behaviour.md` §6 "Clone", defect 28).
    mutating func takeCooldownMetaID(of source: TabletHeader, orFresh fresh: UniqueID) {
        let isFresh = replicaID == cooldownReplicaID && source.cooldownMetaID != nil
        cooldownMetaID = isFresh ? fresh : source.cooldownMetaID
    }
}
