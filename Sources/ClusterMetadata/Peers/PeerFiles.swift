public import Platform
internal import Synchronization
internal import TabletModel

/// Why a frontend gets nothing. The codes are Doris' (`contract/behaviour.md §8`).
public enum PeerRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case forbidden(String)
    case badRequest(String)
    case notFound(String)
    /// What came from a frontend is not taken.
    case badImage(String)
    /// Its image could not be fetched.
    case unreachable(String)
    case failed(String)

    public var code: Int {
        switch self {
        case .forbidden, .badRequest, .badImage: 403
        case .notFound: 404
        case .unreachable, .failed: 500
        }
    }

    public var description: String {
        switch self {
        case .forbidden(let text), .badRequest(let text), .notFound(let text), .badImage(let text),
            .unreachable(let text), .failed(let text):
            text
        }
    }
}

/// What one frontend gives another of its metadata, and takes from it: identity, log ids and images. Blocking; any thread.
public struct PeerFiles: Sendable {
    /// What `/info` tells.
    public struct Summary: Hashable, Sendable {
        public var clusterID: Int32
        /// Log id of the newest image; 0: there is none.
        public var imageLogID: Int64
        /// Of the last entry of the edit log.
        public var lastLogID: Int64
    }

    /// What is asked of the frontend that has an image.
    public struct Request: Hashable, Sendable {
        public var url: String
        public var token: String
        /// What is here of it already. When the image there has another tag, it is to come from its first byte.
        public var behind: ImagePart?
    }

    /// Fetches an image: says what comes, and then hands out its bytes. Throws when it does not come whole: an `ImageBreak` when it
    /// may the next time.
    public typealias Fetch =
        @Sendable (
            _ request: Request, _ head: (ImageHead) throws -> Void, _ body: (UnsafeRawBufferPointer) throws -> Void
        ) throws -> Void

    private let store: MetadataStore
    private let peers: Set<String>
    private let fetch: Fetch
    private let pause: @Sendable (Duration) throws -> Void

    /// - Parameters:
    ///   - peers: addresses of frontends that need no token: those that join, and learn it.
    ///   - fetch: gets an image from its owner; within 10 s it has begun to come.
    ///   - pause: before an image is asked for again; throws when there shall be no more of that.
    public init(
        store: MetadataStore, peers: [String], fetch: @escaping Fetch,
        pause: @escaping @Sendable (Duration) throws -> Void
    ) {
        self.store = store
        self.peers = Set(peers)
        self.fetch = fetch
        self.pause = pause
    }

    /// Whoever has the cluster's token may ask, and so may a configured peer, and the host of another registered
    /// frontend.
    /// - Parameter address: of the other side of the connection; nil: unknown.
    public func authorize(token: String?, address: String?) throws(PeerRefusal) {
        if let token {
            guard store.identity.accepts(token: token) else { throw .forbidden("the token is not this cluster's") }
            return
        }
        if let address, peers.contains(address) { return }
        let own = store.identity.nodeName
        if let address,
            store.read({ $0.frontends.all.contains { $0.host == address && $0.nodeName != own } })
        {
            return
        }
        throw .forbidden(
            """
            the request has no header 'token', and \(address ?? "its sender") is neither a registered frontend nor one in \
            frontend_peers
            """)
    }

    public var identity: (clusterID: Int32, token: String) { (store.identity.clusterID, store.identity.token) }
    public var lastLogID: Int64 { store.lastLogID }

    public func summary() throws -> Summary {
        Summary(
            clusterID: store.identity.clusterID, imageLogID: try store.images.logIDs().first ?? 0,
            lastLogID: store.lastLogID)
    }

    /// The file VERSION, byte for byte: with the token.
    public func versionFile() throws -> [UInt8] {
        try store.images.files.readAll(store.images.folder + "/VERSION", limit: 1 << 16)
    }

    /// Role and node name of a frontend; `UNKNOWN` without a name for one that is not registered.
    public func role(host: String, port: Int32) -> (role: String, name: String) {
        if let known = store.read({ $0.frontends.at(NetworkAddress(host: host, port: port)) }) {
            return (known.role.rawValue, known.nodeName)
        }
        // As it calls itself, before it has registered itself.
        let own = store.identity.nodeName
        let asked = "\(host)_\(port)"
        return own == asked || own.hasPrefix(asked + "_") ? (store.identity.role, own) : ("UNKNOWN", "")
    }

    /// An image to be sent, and what names its bytes. One that is removed meanwhile stays readable until it is sent.
    /// - Returns: a nil tag for an image of an older build, which does not say what it holds.
    public func image(_ logID: Int64) throws -> (file: any ReadableFile, tag: String?) {
        guard try store.images.logIDs().contains(logID) else {
            throw PeerRefusal.notFound("there is no image.\(logID); /info tells of the newest")
        }
        let file = try store.images.files.open(store.images.path(logID))
        return (file, try ImageSections.tag(of: file))
    }

    /// Fetches an image back from a frontend that offers it, and keeps it when it is whole, of this cluster, of this FE's own
    /// past, and newer than what is here. Returns once it is durable, and images older than the newest two are gone.
    /// - Throws: `PeerRefusal`; the images are as they were.
    public func takeImage(_ logID: Int64, from host: String, port: Int) throws {
        try take(logID, from: host, port: port) {
            guard logID <= store.lastLogID else { throw PeerRefusal.ahead(logID, of: store.lastLogID) }
        } accepts: { state in
            guard store.read({ $0.hasLived(state.lives.last, upTo: logID) }) else { throw Self.otherHistory }
        }
    }

    /// Fetches an image that covers more than is known here, for an FE that follows and whose edit log does not reach back so far:
    /// of this cluster, and of a history that goes on from this FE's. Then `MetadataStore.replayImage`.
    /// - Throws: `PeerRefusal`; the images are as they were.
    public func takeLaterImage(_ logID: Int64, from host: String, port: Int) throws {
        try take(logID, from: host, port: port) {
            guard logID > store.lastLogID else {
                throw PeerRefusal.badRequest(
                    "image.\(logID) covers no more than what is known here, up to \(store.lastLogID)")
            }
        } accepts: { state in
            let known = store.read { $0.lives.last }
            guard known.map({ state.lives.contains($0) }) ?? true else { throw Self.otherHistory }
        }
    }

    private static let otherHistory = PeerRefusal.badImage(
        "its history is not this FE's: the two have not the same edit log")

    private func take(
        _ logID: Int64, from host: String, port: Int, wants: () throws -> Void,
        accepts: (ClusterState) throws -> Void
    ) throws {
        // The folder has one writer at a time.
        guard store.checkpoints.withLock({ $0.begin() }) else {
            throw PeerRefusal.failed("another image is being written or taken; try again when that is done")
        }
        var taken: Int64?
        defer { store.checkpoints.withLock { $0.end(image: taken, volume: 0) } }
        do {
            let newest = try store.images.logIDs().first ?? 0
            guard logID > newest else {
                throw PeerRefusal.badRequest("image.\(newest) is here already, which is as new as image.\(logID)")
            }
            try wants()
            let address = NetworkAddress(host: host, port: Int32(port))
            let url = "cluster://\(address)/image?version=\(logID)"
            let limit = max(1 << 30, 16 * (try store.images.newestBytes()))
            _ = try store.images.receive(logID, limitBytes: limit, pause: pause) { part, head, body in
                try fetch(Request(url: url, token: store.identity.token, behind: part), head, body)
            } accepts: { state, found, clusterID in
                try check(logID: logID, found: found, clusterID: clusterID)
                // Of the same cluster, and perhaps of another past: an older copy of the metadata went its own way there.
                try accepts(state)
            }
            taken = logID
            _ = try store.images.removeOld()
        } catch let error as PeerRefusal {
            throw error
        } catch let error as FileSystemError {
            throw PeerRefusal.failed("the image could not be kept: \(error)")
        } catch {
            throw PeerRefusal.unreachable("image.\(logID) could not be fetched from \(host):\(port): \(error)")
        }
    }

    private func check(logID: Int64, found: Int64, clusterID: Int32) throws(PeerRefusal) {
        guard found == logID else { throw .badImage("what came as image.\(logID) covers up to log id \(found)") }
        guard clusterID == store.identity.clusterID else {
            throw .badImage("it is of cluster \(clusterID), this is cluster \(store.identity.clusterID)")
        }
    }
}

extension PeerRefusal {
    fileprivate static func ahead(_ logID: Int64, of last: Int64) -> PeerRefusal {
        .badImage("image.\(logID) covers more than the edit log here, which ends at \(last): it would be unusable")
    }
}

extension ClusterState {
    /// This start is one of this FE's own, and had got to this log id before the next one.
    fileprivate func hasLived(_ life: MetadataLife?, upTo logID: Int64) -> Bool {
        guard let life, let place = lives.firstIndex(of: life) else { return false }
        let isBeforeTheNext = place + 1 == lives.count || logID <= lives[place + 1].afterLogID
        return logID > life.afterLogID && isBeforeTheNext
    }
}

extension ImageStore {
    fileprivate func newestBytes() throws -> Int64 {
        guard let newest = try logIDs().first else { return 0 }
        return try files.status(path(newest))?.sizeBytes ?? 0
    }
}

extension ClusterIdentity {
    /// Whether this is the cluster's token. Takes as long for any two of one length.
    public func accepts(token other: String) -> Bool {
        let (own, other) = (Array(token.utf8), Array(other.utf8))
        guard own.count == other.count else { return false }
        return zip(own, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
