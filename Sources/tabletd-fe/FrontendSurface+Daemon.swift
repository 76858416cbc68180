import ClusterMetadata
import MasterHTTP
import NodeConfiguration
import ThriftRPC

extension FrontendDaemon {
    /// What Doris' HTTP surface tells of this FE.
    var surface: FrontendSurface {
        FrontendSurface(
            rpcPort: { [rpcServer] in rpcServer.boundPort },
            accepts: { [store] clusterID, token in
                store.identity.clusterID == clusterID && store.identity.accepts(token: token)
            },
            replayedLogID: { [store] in store.lastLogID },
            settings: { [configuration] in
                configuration.shownSettings.map {
                    FrontendSetting(name: $0.name, type: $0.type.rawValue, value: $0.value, isMutable: $0.isRuntime)
                }
            })
    }
}
