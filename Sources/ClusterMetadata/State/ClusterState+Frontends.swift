internal import TabletModel

extension ClusterState {
    mutating func applyToFrontends(_ entry: JournalEntry) {
        switch entry {
        case .addFrontend(let frontend), .addFirstFrontend(let frontend): frontends.put(frontend)
        case .removeFrontend(let nodeName):
            frontends.remove(nodeName)
            statusByFrontend[nodeName] = nil
        case .timestamp(let time): frontends.timestamp = time
        case .masterInfoChange(let master): frontends.master = master
        default: break
        }
    }

    public func status(ofFrontend nodeName: String) -> FrontendStatus {
        statusByFrontend[nodeName] ?? FrontendStatus()
    }

    /// Changes what pings say of an FE; nothing happens for an unknown one.
    public mutating func updateStatus(ofFrontend nodeName: String, _ body: (inout FrontendStatus) -> Void) {
        guard frontends[nodeName] != nil else { return }
        body(&statusByFrontend[nodeName, default: FrontendStatus()])
    }
}
