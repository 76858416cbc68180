internal import HTTPAPI
internal import StorageEngine
internal import TabletModel

extension BackendTabletView {
    init(_ tablet: TabletSummary) {
        let header = tablet.header
        self.init(
            tabletID: header.tabletID.rawValue, schemaHash: header.schemaHash.rawValue,
            replicaID: header.replicaID.rawValue, partitionID: header.partitionID.rawValue,
            maxVersion: tablet.maxVersion.rawValue, isComplete: tablet.isComplete,
            rowsets: Int(tablet.row.versionCount),
            localBytes: tablet.row.dataSizeBytes, remoteBytes: tablet.row.remoteDataSizeBytes,
            storagePolicy: header.storagePolicy, cooldownReplicaID: header.cooldownReplicaID.rawValue,
            cooldownTerm: header.cooldownTerm, cooldownMetaID: header.cooldownMetaID?.description)
    }
}

extension BackendTabletDetailView {
    init(_ tablet: Tablet, _ wait: CooldownWait?) {
        let snapshot = tablet.snapshot
        self.init(
            tablet: BackendTabletView(TabletSummary(tablet)), cooldownWait: wait.map { CooldownWaitView($0) },
            rowsets: snapshot.rowsets.map { rowset in
                let meta = rowset.meta
                let location =
                    switch meta.location {
                    case .local: "local"
                    case .remote(let resource): resource
                    }
                return RowsetView(
                    id: meta.id.description, startVersion: meta.versions.start.rawValue,
                    endVersion: meta.versions.end.rawValue, rows: meta.rowCount, bytes: meta.sizeBytes,
                    segments: meta.segments.count, location: location, newestWriteMs: meta.newestWrite.milliseconds)
            })
    }
}
