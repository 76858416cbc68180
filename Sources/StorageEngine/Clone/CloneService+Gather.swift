internal import Logging
internal import Platform
internal import StoredFormats
internal import TabletModel

/// What came of asking all sources.
struct Gathered {
    var missing: VersionSet
    var reasons: [String]
}

extension CloneService {
    /// Asks one source after the other until their rowsets together suffice, fetches what the plan takes, and hands it to
    /// `join`. A source that fails leaves, and the plan is made again without it; so it is when `join` meets a change of
    /// the tablet.
    ///
    /// - Parameters:
    ///   - own: the rowsets that are here, asked for each plan.
    ///   - needsAll: without every version up to the target nothing is fetched.
    /// - Returns: what the last plan left missing, and why sources were of no use.
    /// - Throws: errors of this side, the deadline, and what `join` throws.
    func gather(
        _ run: CloneRun, in dir: DataDir, missing: VersionSet?, needsAll: Bool, own: () -> [Rowset],
        join: (CloneSelection, [SnapshotHeader], [Rowset], CloneStaging) throws -> Void
    ) throws -> Gathered {
        let target = run.request.committedVersion
        let staging = CloneStaging(dir, run.request.tabletID, run.request.schemaHash)
        var rest = run.request.sources[...]
        var sources: [CloneSource] = []
        var reasons: [String] = []
        var conflictsLeft = 3
        defer { for source in sources { source.release() } }
        while true {
            let own = own()
            let selection = CloneSelection(own: own.map(\.meta), sources: sources.map(\.header), upTo: target)
            let isEnough = target == nil ? !sources.isEmpty : selection.missing(upTo: target).isEmpty
            if !isEnough, let next = rest.popFirst() {
                try open(next, missing, run, &sources, &reasons)
                continue
            }
            let gathered = Gathered(missing: selection.missing(upTo: target), reasons: reasons)
            if selection.taken.isEmpty || needsAll && !isEnough { return gathered }
            try checkResources(selection, run)
            if let failed = try fetch(selection, sources, staging, run, &reasons) {
                sources.remove(at: failed).release()
                continue
            }
            do {
                run.update { $0.step = .joining }
                try join(selection, sources.map(\.header), own, staging)
                try discard(staging)
                return gathered
            } catch let error as EngineError where conflictsLeft > 0 && error.isConflict {
                conflictsLeft -= 1
                logger.info(
                    "the tablet changed while it was cloned, planning again",
                    metadata: ["tablet": "\(run.request.tabletID)", "reason": "\(error)"])
            }
        }
    }

    /// A replica whose cold rows can't be read here would look whole and be none (found A6).
    private func checkResources(_ selection: CloneSelection, _ run: CloneRun) throws {
        for taken in selection.taken {
            guard case .remote(let name) = taken.rowset.location else { continue }
            guard engine.remoteSegments?.isKnown(name) == true else {
                throw CloneError.unknownResource(run.request.tabletID, name: name)
            }
        }
    }

    private func open(
        _ address: BackendAddress, _ missing: VersionSet?, _ run: CloneRun, _ sources: inout [CloneSource],
        _ reasons: inout [String]
    ) throws {
        run.update { $0.source = address.description }
        do {
            sources.append(try CloneSource(address, missing: missing, run: run))
        } catch {
            try note(error, address, run, &reasons)
        }
    }

    /// A failure of the source is noted; one of this side, and the end of the time, ends the clone.
    private func note(_ error: any Error, _ address: BackendAddress, _ run: CloneRun, _ reasons: inout [String]) throws
    {
        switch error {
        case CloneError.deadline: throw error
        case is CloneError, is StoredFormatError: break
        default: throw error
        }
        reasons.append("\(error)")
        logger.warning(
            "clone source failed",
            metadata: ["tablet": "\(run.request.tabletID)", "source": "\(address)", "reason": "\(error)"])
    }

    /// - Returns: the source that failed.
    private func fetch(
        _ selection: CloneSelection, _ sources: [CloneSource], _ staging: CloneStaging, _ run: CloneRun,
        _ reasons: inout [String]
    ) throws -> Int? {
        for (index, source) in sources.enumerated() {
            let rowsets = selection.files(of: index)
            if rowsets.allSatisfy(\.segments.isEmpty) { continue }
            do {
                try fetch(rowsets, from: source, into: staging, run)
            } catch let error as FileSystemError where error.code == .noSpace {
                // A full disk hurts every tablet on it: better to fetch again later.
                try discard(staging)
                throw error
            } catch {
                try note(error, source.address, run, &reasons)
                return index
            }
        }
        return nil
    }

    func discard(_ staging: CloneStaging) throws {
        do {
            try staging.remove()
        } catch let error as FileSystemError {
            logger.warning(
                "clone's files not removed, a sweep does it",
                metadata: ["folder": "\(staging.folder)", "error": "\(error)"])
        }
    }
}

extension EngineError {
    /// The tablet is not as the plan found it.
    fileprivate var isConflict: Bool {
        switch self {
        case .conflict, .versionExists: true
        default: false
        }
    }
}
