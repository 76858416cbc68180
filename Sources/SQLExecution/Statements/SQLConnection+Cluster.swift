internal import HTTPAPI
internal import MasterCore
internal import SQLGrammar
internal import SQLSessions
internal import TabletModel

extension SQLConnection {
    /// Backends, frontends and clusters; nil: the statement is about something else.
    func answerCluster(_ statement: SQLStatement) throws -> SQLReply? {
        let control = try control()
        switch statement {
        case .addBackends(let texts):
            return try each(texts) { _ = try control.addBackend($0) }
        case .dropBackends(let texts, let isForced):
            return try each(texts) { try control.dropBackend($0, force: isForced) }
        case .decommissionBackends(let texts):
            return try each(texts) { _ = try control.setDecommissioned($0, true) }
        case .cancelDecommission(let texts):
            return try each(texts) { _ = try control.setDecommissioned($0, false) }
        case .addFrontend(let text, let role):
            let address = try Self.address(text)
            _ = try control.addFrontend(AddFrontendRequest(host: address.host, port: address.port, role: role))
            return .done()
        case .dropFrontend(let text, let role):
            try control.dropFrontend(try Self.address(text), role: role)
            return .done()
        case .addShardBackends(let cluster, let texts, let shard):
            let addresses = try texts.map { try Self.address($0) }
            try environment.shards.addBackends(addresses, toShard: shard, of: cluster)
            return .done()
        case .dropShardBackends(let cluster, let texts):
            try environment.shards.dropBackends(try texts.map { try Self.address($0) }, from: cluster)
            return .done()
        case .showBackends:
            return BackendsTable.table(try control.backends(), try environment.shards.members()).reply
        case .showFrontends:
            return FrontendsTable.table(try control.frontends(), queryPort: environment.queryPort).reply
        case .showClusters: return ClustersTable.table(try environment.shards.members(), try control.backends()).reply
        case .showProc(let path): return try procTree().table(at: path).reply
        default: return nil
        }
    }

    private func procTree() throws -> ProcTree {
        ProcTree(control: try control(), shards: environment.shards, queryPort: environment.queryPort)
    }

    static func address(_ text: String) throws -> NetworkAddress {
        do { return try NetworkAddress.parse(text) } catch { throw SQLError(1210, "HY000", "\(error)") }
    }

    /// All addresses are read before the first is acted on; an error says how far it came.
    private func each(_ texts: [String], _ act: (NetworkAddress) throws -> Void) throws -> SQLReply {
        let addresses = try texts.map { try Self.address($0) }
        for (index, address) in addresses.enumerated() {
            do { try act(address) } catch  where index > 0 {
                var told = SQLError(of: error)
                told.message =
                    "\(address): \(told.message); done for \(addresses[..<index].map(\.description).joined(separator: ", "))"
                throw told
            }
        }
        return .done()
    }
}
