public import ClusterMetadata
public import Logging
internal import TabletModel

/// Sees to it that an image of the master's is not on its machine alone before what it covers is dropped from the edit log: offers
/// it to every other FE of the cluster.
public struct ImageSpread: Sendable {
    private let store: MetadataStore
    private let offer: @Sendable (_ logID: Int64, _ frontend: Frontend) throws -> Void
    private let logger: Logger

    /// - Parameter offer: has the FE fetch the image; returns once it has one that covers as much, durably. Blocking.
    public init(
        store: MetadataStore, logger: Logger,
        offer: @escaping @Sendable (_ logID: Int64, _ frontend: Frontend) throws -> Void
    ) {
        self.store = store
        self.logger = logger
        self.offer = offer
    }

    /// - Returns: whether another one that can become master has it, or there is none.
    public func spread(_ logID: Int64) -> Bool {
        let own = store.identity.nodeName
        let others = store.read { $0.frontends.all }.filter { $0.nodeName != own }
        var isThere = !others.contains { $0.role == .follower }
        for frontend in others {
            do {
                try offer(logID, frontend)
                if frontend.role == .follower { isThere = true }
            } catch {
                logger.warning(
                    "a frontend did not take the image",
                    metadata: ["frontend": "\(frontend.nodeName)", "log_id": "\(logID)", "error": "\(error)"])
            }
        }
        if !isThere {
            logger.warning(
                "no other frontend has the image: the edit log is kept until one has", metadata: ["log_id": "\(logID)"])
        }
        return isThere
    }
}
