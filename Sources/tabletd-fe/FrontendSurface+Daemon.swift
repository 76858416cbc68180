import ClusterMetadata
import MasterCore
import MasterHTTP
import NodeConfiguration
import SQLExecution
import SQLSessions
import ThriftRPC

extension FrontendDaemon {
    /// What Doris' HTTP surface tells of this FE.
    func surface(_ executor: SQLExecutor) -> FrontendSurface {
        FrontendSurface(
            queryPort: { [ports] in Int32(ports.sql) },
            rpcPort: { [rpcServer] in rpcServer.boundPort },
            accepts: { [store] clusterID, token in
                store.identity.clusterID == clusterID && store.identity.accepts(token: token)
            },
            replayedLogID: { [store] in store.lastLogID },
            settings: { [live] in
                live.current.shownSettings.map {
                    MasterHTTP.FrontendSetting(
                        name: $0.name, type: $0.type.rawValue, value: $0.value, isMutable: $0.isRuntime)
                }
            },
            change: { [live] changes, persists in
                do throws(ConfigurationChangeRefusal) {
                    try live.change(changes, persists: persists)
                    return [:]
                } catch {
                    return error.reasons
                }
            },
            sessions: { user, seesAll in
                let table = executor.processTable(of: seesAll ? nil : user)
                return TextTable(columns: table.columns.map(\.name), rows: table.rows)
            },
            proc: { [running, ports] path in
                guard let control = running.current else {
                    throw FrontendSurface.ProcRefusal("the FE is starting; try again in a moment")
                }
                let tree = ProcTree(
                    control: control, shards: ControlAdministration { control }, queryPort: Int32(ports.sql))
                do {
                    let table = try tree.table(at: path)
                    return TextTable(columns: table.columns.map(\.name), rows: table.rows)
                } catch {
                    throw FrontendSurface.ProcRefusal("\(error)")
                }
            })
    }
}
