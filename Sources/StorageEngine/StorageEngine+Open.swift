internal import Logging
internal import Platform
public import TabletModel

extension StorageEngine {
    /// Opens the data dirs: locks them, checks that they can be written, reads their cluster ids, opens their meta
    /// stores. Loads no tablet. A dir that can't be used is logged and reported, and the others go on.
    ///
    /// - Throws: `.invalidArgument` for no dir or a dir named twice, `.clusterIDsDisagree`,
    ///   `.backendUUIDsDisagree`, `.noUsableDataDir`.
    public static func open(
        _ specs: [DataDirSpec], options: EngineOptions = EngineOptions(), environment: EngineEnvironment
    ) throws -> StorageEngine {
        guard !specs.isEmpty else { throw EngineError.invalidArgument("storage_root_path names no data dir") }
        guard Set(specs.map(\.path)).count == specs.count else {
            throw EngineError.invalidArgument("storage_root_path names a data dir twice")
        }
        var opening = Opening(options: options, environment: environment)
        for spec in specs { opening.open(spec) }
        do {
            let clusterID = try opening.settleClusterID()
            guard !opening.opened.isEmpty else {
                throw EngineError.noUsableDataDir(opening.unavailable.map(\.reason))
            }
            let dirs = opening.opened.map(\.dir)
            let uuid = try BackendUUIDFiles(environment: environment).settle(
                dirs, isComplete: opening.unavailable.isEmpty)
            let engine = StorageEngine(
                options: options, environment: environment, dataDirs: dirs, unavailable: opening.unavailable,
                clusterID: clusterID, backendUUID: uuid)
            engine.readHeardPosition()
            engine.readIndexPolicies()
            return engine
        } catch {
            for opened in opening.opened { opened.dir.close() }
            throw error
        }
    }
}

/// The dirs while they are being opened.
private struct Opening {
    let options: EngineOptions
    let environment: EngineEnvironment
    var opened: [(dir: DataDir, clusterID: Int32?)] = []
    var unavailable: [UnavailableDataDir] = []

    mutating func open(_ spec: DataDirSpec) {
        do {
            opened.append(try DataDir.open(spec, options, environment))
        } catch {
            reject(spec, "\(error)")
        }
    }

    private mutating func reject(_ spec: DataDirSpec, _ reason: String) {
        environment.logger.error(
            "data dir can't be used", metadata: ["data_dir": "\(spec.path)", "reason": "\(reason)"])
        unavailable.append(
            UnavailableDataDir(
                spec: spec, pathHash: DataDir.pathHash(of: spec.path), reason: reason, since: environment.time.wallNow))
    }

    /// The cluster id of the configuration, or the one that all dirs agree on. Dirs of another cluster are rejected,
    /// dirs without an id get it.
    mutating func settleClusterID() throws -> Int32? {
        let found = Set(opened.compactMap(\.clusterID))
        guard let id = options.configuredClusterID ?? found.first else { return nil }
        if options.configuredClusterID == nil, found.count > 1 {
            throw EngineError.clusterIDsDisagree(
                opened.compactMap { opened in opened.clusterID.map { "\(opened.dir.path): cluster \($0)" } })
        }
        var kept: [(dir: DataDir, clusterID: Int32?)] = []
        for (dir, clusterID) in opened {
            do {
                if let clusterID, clusterID != id {
                    throw DataDirOpeningError(
                        description: "\(dir.path) belongs to cluster \(clusterID), the configuration says \(id)")
                }
                if clusterID == nil { try give(id, to: dir) }
                kept.append((dir, id))
            } catch {
                dir.close()
                reject(dir.spec, "\(error)")
            }
        }
        opened = kept
        return id
    }

    /// A dir that can only be read gets it later.
    private func give(_ id: Int32, to dir: DataDir) throws {
        do {
            try dir.writeClusterID(id)
        } catch  where DiskTrouble(error)?.leavesDataReadable == true {
            environment.logger.warning(
                "cluster id not written yet", metadata: ["data_dir": "\(dir.path)", "reason": "\(error)"])
        }
    }
}
