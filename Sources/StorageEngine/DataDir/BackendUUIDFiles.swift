internal import Logging
internal import Platform
internal import TabletModel

/// The file `backend_uuid` of every data dir: which backend the dir belongs to, whatever its address is. Made at the first
/// start, and the same in all dirs of a backend.
struct BackendUUIDFiles {
    let environment: EngineEnvironment

    private enum Content {
        case uuid(BackendUUID)
        case missing
        case unreadable
    }

    /// The uuid that the dirs agree on; dirs without one get it, durably on return.
    ///
    /// nil when they can't say: none of them has one, and a new one can't be made, since a dir that is away
    /// (`isComplete` is false) or a damaged file may hold it, or no dir takes the file. Then the backend goes by its address
    /// until a later start.
    /// - Throws: `EngineError.backendUUIDsDisagree`: a dir is another backend's.
    func settle(_ dirs: [DataDir], isComplete: Bool) throws -> BackendUUID? {
        let contents = dirs.map { ($0, read($0.layout)) }
        var holders: [BackendUUID: [String]] = [:]
        var canBeNew = isComplete
        for (dir, content) in contents {
            switch content {
            case .uuid(let uuid): holders[uuid, default: []].append(dir.path)
            case .missing: break
            case .unreadable: canBeNew = false
            }
        }
        guard holders.count <= 1 else {
            throw EngineError.backendUUIDsDisagree(
                holders.map { "\($0.value.joined(separator: ", ")): backend \($0.key)" }.sorted())
        }
        let found = holders.keys.first
        guard found != nil || canBeNew else {
            environment.logger.warning(
                "this backend has no uuid yet, and makes none while a data dir can't say whether it holds one")
            return nil
        }
        let uuid = found ?? environment.random.backendUUID()
        var isDurable = found != nil
        for case (let dir, .missing) in contents where write(uuid, to: dir) { isDurable = true }
        return isDurable ? uuid : nil
    }

    private func read(_ layout: DataDirLayout) -> Content {
        do {
            guard try environment.fileSystem.exists(layout.backendUUID) else { return .missing }
            let bytes = try environment.fileSystem.readAll(layout.backendUUID, limit: 64)
            let text = String(decoding: bytes, as: UTF8.self)
            if let uuid = BackendUUID(text: text.filter { !$0.isWhitespace }) { return .uuid(uuid) }
            environment.logger.error(
                "a backend_uuid file holds no uuid: copy that of another data dir of this backend over it",
                metadata: ["file": "\(layout.backendUUID)"])
        } catch {
            environment.logger.error(
                "a backend_uuid file can't be read",
                metadata: ["file": "\(layout.backendUUID)", "reason": "\(error)"])
        }
        return .unreadable
    }

    /// False when the dir does not take it, because it is full, say: the next start tries again.
    private func write(_ uuid: BackendUUID, to dir: DataDir) -> Bool {
        do {
            try environment.fileSystem.replaceFile(dir.layout.backendUUID, with: Array("\(uuid)\n".utf8))
            return true
        } catch {
            environment.logger.warning(
                "backend uuid not written, the next start tries again",
                metadata: ["data_dir": "\(dir.path)", "reason": "\(error)"])
            return false
        }
    }
}
