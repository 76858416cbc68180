internal import Logging
internal import Platform
internal import StoredFormats
internal import Synchronization
public import TabletModel

extension StorageEngine {
    /// PUBLISH_VERSION, one attempt: every pending rowset of the transaction in these partitions becomes visible at its
    /// partition's version. The tablets of a data dir share synced batches: a publish costs one sync for each 64 of them.
    ///
    /// A tablet that holds the version already, with the rows of this very transaction, is fine, so the task may be repeated.
    /// Another's rows under that version are never reported as this one's, and what is pending stays: `.versionTaken`, or
    /// `.versionOfUnknownOrigin` where a merged rowset does not tell. When nothing of the transaction is pending in a
    /// partition, the tablets of that partition must hold the version already; those that don't have failed. With
    /// `strictMode` that goes for all tablets of the partition in any case.
    ///
    /// - Throws: `.loading`, `.invalidArgument`; what concerns one tablet is in the result.
    public func publish(_ request: PublishVersionRequest, gaps: VersionGapRule = .wait) throws -> PublishOutcome {
        guard isLoaded else { throw EngineError.loading }
        guard request.transactionID > 0 else {
            throw EngineError.invalidArgument("PUBLISH_VERSION names no transaction")
        }
        for partition in request.partitions where !(1...Version.greatest).contains(partition.version) {
            throw EngineError.invalidArgument(
                "PUBLISH_VERSION of transaction \(request.transactionID) names version \(partition.version) "
                    + "of partition \(partition.partitionID)")
        }
        var result = PublishOutcome()
        for partition in request.partitions {
            publish(request.transactionID, partition, strict: request.strictMode, gaps, &result)
        }
        for dir in dataDirs where dir.filesMayGo { dir.drainGarbage() }
        log(result, request)
        return result
    }

    /// Tablets of the request's partitions that hold its version now, with the rows of its transaction as far as can be told:
    /// what a newer FE counts a transaction's replicas by, also of a publish that came to nothing.
    public func publishedTablets(_ request: PublishVersionRequest) -> [TabletID: Version] {
        guard isLoaded else { return [:] }
        var published: [TabletID: Version] = [:]
        for partition in request.partitions {
            for id in tablets.ids(of: partition.partitionID) where mayHold(partition.version, id) {
                do {
                    guard let tablet = try tablets[id] else { continue }
                    switch tablet.holder(of: partition.version) {
                    case nil: break
                    case .transaction(let holder)? where holder != request.transactionID: break
                    default: published[id] = partition.version
                    }
                } catch {
                    logger.warning("tablet can't be read", metadata: ["tablet": "\(id)", "error": "\(error)"])
                }
            }
        }
        return published
    }

    private func publish(
        _ transaction: TransactionID, _ partition: PublishVersionRequest.PartitionVersion, strict: Bool,
        _ gaps: VersionGapRule, _ result: inout PublishOutcome
    ) {
        let entries = pending.entries(of: transaction) { $0.partition == partition.partitionID }
        var left = entries
        for _ in 0..<4 where !left.isEmpty {
            let moved = publish(left, at: partition.version, gaps, &result)
            left = left.filter { moved.contains($0.key.tablet) }
        }
        result.failures += left.map {
            .init(tabletID: $0.key.tablet, error: .busy($0.key.tablet, what: "a move between data dirs"))
        }
        if strict || entries.isEmpty { requireVersion(partition, transaction, &result) }
    }

    /// - Returns: tablets that moved to another data dir before their turn came: nothing was done for them.
    private func publish(
        _ entries: [PendingTable.Entry], at version: Version, _ gaps: VersionGapRule, _ result: inout PublishOutcome
    ) -> Set<TabletID> {
        var moved: Set<TabletID> = []
        var served: [(entry: PendingTable.Entry, tablet: Tablet)] = []
        for entry in entries {
            do throws(EngineError) {
                guard let tablet = try tablets[entry.key.tablet] else { throw .unknownTablet(entry.key.tablet) }
                served.append((entry, tablet))
            } catch {
                result.failures.append(.init(tabletID: entry.key.tablet, error: error))
            }
        }
        for dir in dataDirs {
            let here = served.filter { $0.tablet.dataDir === dir }
            var rest = here[...]
            while !rest.isEmpty {
                let chunk = Array(rest.prefix(max(1, options.publishBatchTablets)))
                rest = rest.dropFirst(chunk.count)
                moved.formUnion(publish(chunk, in: dir, at: version, gaps, &result))
            }
        }
        return moved
    }

    /// One batch for tablets of one dir, in tablet order. Either all that were ready are published, or none.
    /// - Returns: those that are in another dir by now.
    private func publish(
        _ chunk: [(entry: PendingTable.Entry, tablet: Tablet)], in dir: DataDir, at version: Version,
        _ gaps: VersionGapRule, _ result: inout PublishOutcome
    ) -> Set<TabletID> {
        let (attempt, moved) = withTurns(chunk.map(\.tablet)[...]) { () -> (PublishOutcome, Set<TabletID>) in
            var result = PublishOutcome()
            var moved: Set<TabletID> = []
            var ready: [Ready] = []
            for (entry, tablet) in chunk {
                if tablet.header.move?.stage == .departed {
                    moved.insert(tablet.id)
                    continue
                }
                do {
                    switch try prepare(entry.key, tablet, at: version, gaps) {
                    case .ready(let one): ready.append(one)
                    case .nothingToDo: result.published.append(tablet.id)
                    case .waits: result.waiting.append(tablet.id)
                    }
                } catch {
                    result.failures.append(.init(tabletID: tablet.id, error: Self.engineError(error, tablet)))
                }
            }
            commit(ready, in: dir, &result)
            return (result, moved)
        }
        result.published += attempt.published
        result.waiting += attempt.waiting
        result.failures += attempt.failures
        return moved
    }

    private struct Ready {
        var tablet: Tablet
        var key: PendingKey
        /// nil: the version is there already, and the pending rowset only goes.
        var change: PreparedChange?
    }

    private enum Preparation {
        case ready(Ready)
        case nothingToDo
        case waits
    }

    private func prepare(
        _ key: PendingKey, _ tablet: Tablet, at version: Version, _ gaps: VersionGapRule
    ) throws -> Preparation {
        guard let entry = pending[key] else {
            // Published or cleared since the entries were listed.
            guard tablet.holds(version) else { throw EngineError.noPendingRowset(tablet.id, key.transaction) }
            try checkHolder(of: version, tablet, key.transaction)
            return .nothingToDo
        }
        if let holder = tablet.holder(of: version) {
            try checkHolder(of: version, tablet, key.transaction)
            guard holder != .unknown else {
                throw EngineError.versionOfUnknownOrigin(tablet.id, version, requested: key.transaction)
            }
            return .ready(Ready(tablet: tablet, key: key, change: nil))
        }
        // An alter brings what a tablet that is not ready lacks below.
        if gaps == .wait, !tablet.isFilling, !tablet.holds(version.previous) { return .waits }
        var rowset = entry.pending.rowset
        rowset.versions = VersionRange(single: version)
        return .ready(
            Ready(tablet: tablet, key: key, change: try tablet.prepare(TabletChange(addRowsets: [rowset]))))
    }

    /// Whether the rows under the version can be the transaction's own.
    private func checkHolder(
        of version: Version, _ tablet: Tablet, _ transaction: TransactionID
    ) throws(EngineError) {
        if case .transaction(let holder)? = tablet.holder(of: version), holder != transaction {
            throw .versionTaken(tablet.id, version, holder: holder, requested: transaction)
        }
    }

    private func commit(_ ready: [Ready], in dir: DataDir, _ result: inout PublishOutcome) {
        guard !ready.isEmpty else { return }
        var batch = WriteBatch()
        for one in ready {
            batch.delete(one.key.metaKey)
            for mutation in one.change?.batch.mutations ?? [] { batch.append(mutation) }
        }
        do {
            try dir.writeMeta(batch)
        } catch {
            return result.failures += ready.map { .init(tabletID: $0.tablet.id, error: error) }
        }
        for one in ready {
            if let change = one.change {
                one.tablet.apply(change)
                // Its bytes are the tablet's now.
                if let entry = pending.remove(one.key) {
                    dir.localBytes.subtract(entry.pending.rowset.sizeBytes, ordering: .relaxed)
                }
            } else if let entry = pending.remove(one.key) {
                discard(entry)
            }
            result.published.append(one.tablet.id)
        }
    }

    /// Tablets of the partition that neither hold the version nor are accounted for have failed. One that is not ready may
    /// have been made after the transaction began: an alter brings it the version.
    private func requireVersion(
        _ partition: PublishVersionRequest.PartitionVersion, _ transaction: TransactionID,
        _ result: inout PublishOutcome
    ) {
        let known = Set(result.waiting).union(result.failures.map(\.tabletID))
        for id in tablets.ids(of: partition.partitionID) where !known.contains(id) {
            do throws(EngineError) {
                guard mayHold(partition.version, id) else { throw .noPendingRowset(id, transaction) }
                guard let tablet = try tablets[id], !tablet.isFilling else { continue }
                guard tablet.holds(partition.version) else { throw .noPendingRowset(id, transaction) }
                try checkHolder(of: partition.version, tablet, transaction)
            } catch {
                result.failures.append(.init(tabletID: id, error: error))
            }
        }
    }

    /// False: the tablet is at rest, and has not got that far.
    private func mayHold(_ version: Version, _ id: TabletID) -> Bool {
        if case .resting(let tablet)? = tablets.look(id) { version <= tablet.sums.version } else { true }
    }

    private static func engineError(_ error: any Error, _ tablet: Tablet) -> EngineError {
        error as? EngineError ?? .brokenTablet(tablet.id, reason: "\(error)")
    }

    private func log(_ result: PublishOutcome, _ request: PublishVersionRequest) {
        for failure in result.failures {
            logger.warning(
                "tablet not published",
                metadata: [
                    "tablet": "\(failure.tabletID)", "transaction": "\(request.transactionID)",
                    "error": "\(failure.error)",
                ])
        }
        logger.info(
            "transaction published",
            metadata: [
                "transaction": "\(request.transactionID)", "published": "\(result.published.count)",
                "waiting": "\(result.waiting.count)", "failed": "\(result.failures.count)",
            ])
    }
}
