internal import Platform
internal import TabletModel

/// An object store whose failures are noted by storage resource, until the like succeeds.
struct NotedObjectStore: ObjectStore {
    let base: any ObjectStore
    let resource: String
    let errors: StandingErrors<ResourceRequest>
    let time: any TimeSource

    func put(_ key: String, from source: any ObjectSource) throws -> ObjectAttributes {
        try noted(.put) { try base.put(key, from: source) }
    }
    func get(_ key: String, range: Range<Int64>) throws -> [UInt8] {
        try noted(.get) { try base.get(key, range: range) }
    }
    func head(_ key: String) throws -> ObjectAttributes? { try noted(.head) { try base.head(key) } }
    func delete(_ keys: [String]) throws { try noted(.delete) { try base.delete(keys) } }
    func list(prefix: String, continuation: String?) throws -> ObjectPage {
        try noted(.list) { try base.list(prefix: prefix, continuation: continuation) }
    }

    private func noted<Result>(_ kind: ResourceRequest.Kind, _ body: () throws -> Result) throws -> Result {
        let request = ResourceRequest(resource: resource, kind: kind)
        do {
            let result = try body()
            errors.clear(request)
            return result
        } catch {
            if Self.isOfResource(error) { errors.note(request, "\(error)", at: time.wallNow) }
            throw error
        }
    }

    /// Not the source's (a local file, a run that was told to stop), and not about one object alone.
    private static func isOfResource(_ error: any Error) -> Bool {
        guard let error = error as? ObjectStoreError else { return false }
        return error.code != .noSuchKey && error.code != .cancelled
    }
}
