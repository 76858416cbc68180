internal import BackupRestore
internal import ClusterMetadata
internal import DataLoading
public import HTTPAPI
internal import MasterServices
internal import TableCatalog
internal import TabletModel

extension Master {
    static func backupNeighbours(
        _ environment: MasterEnvironment, _ dropper: TableDropper, _ creator: TableCreator, _ loads: LoadManager
    ) -> BackupNeighbours {
        BackupNeighbours(
            plan: { contents, target, state, ids in
                try RestoredTable.plan(
                    contents.table, version: contents.version, named: target.hiddenName, finally: target.table,
                    in: target.database, replicas: target.replicas, state: state,
                    configuration: environment.configuration, now: environment.wallNow, ids: &ids)
            },
            drop: { try dropper.drop($0) },
            dropped: { table, replicas in
                dropper.tell(table, replicas)
                creator.cancel(table, "a restored table took its place")
                loads.tableDropped(table)
            })
    }

    public func backUp(_ request: BackupRequest) throws -> BackupJobView { try backupJobs.backUp(request) }
    public func restore(_ request: RestoreRequest) throws -> BackupJobView { try backupJobs.restore(request) }
    public func cancelBackup(_ id: Int64) throws -> BackupJobView { try backupJobs.cancel(id) }
    public func backups(from resource: String?, prefix: String?) throws -> BackupsView {
        try backupJobs.views(from: resource, prefix: prefix)
    }
}
