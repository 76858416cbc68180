internal import Logging
public import Platform
internal import Synchronization
public import TabletModel

extension StorageEngine {
    /// All tablets of usable dirs, as of when the rows are read. Cheap: takes a reference to the list of tablets; rows
    /// are copied out of the tablets chunk by chunk while the report is encoded.
    public func tabletReport() -> TabletReport {
        TabletReport(
            rows: EngineReport(
                tablets: servedTablets, map: tablets, now: environment.time.monotonicNow,
                grace: options.versionMissGrace,
                prefixOnly: tellsWholePrefixOnly, expired: expiredTransactions, visible: visibleVersions.all,
                chunkRows: max(1, options.reportChunkRows)),
            maxCompactionScore: maxCompactionScore, unreadable: unreadableReplicas)
    }

    /// The row that the end of a task tells of its tablet.
    func row(of tablet: Tablet) -> TabletReportRow { tablet.singleRow(prefixOnly: tellsWholePrefixOnly) }

    /// Tablets in dirs that failed are not served: the FE sees them as missing and repairs them elsewhere.
    private var servedTablets: ServedTablets {
        let all = tablets.sorted
        let failed = dataDirs.filter { !$0.isUsable }
        return failed.isEmpty ? all : all.without { tablet in failed.contains { $0 === tablet.dataDir } }
    }

    private var expiredTransactions: [TabletID: [TransactionID]] {
        let limit = environment.time.wallNow.milliseconds - options.pendingExpiry.wholeMilliseconds
        return pending.transactions(createdBefore: UnixTime(milliseconds: limit))
    }

    /// One report a data dir of the configuration, those that did not open too, in path order.
    public func diskReports() -> [DiskReport] {
        var reports = dataDirs.map(\.report)
        for dir in unavailableDataDirs {
            reports.append(
                DiskReport(
                    rootPath: dir.spec.path, totalBytes: 0, dataUsedBytes: 0, availableBytes: 0,
                    pathHash: dir.pathHash, medium: dir.spec.medium, isUsed: false,
                    condition: DiskCondition(.failed, reason: dir.reason, since: dir.since)))
        }
        return reports.sorted { $0.rootPath < $1.rootPath }
    }

    public func tabletStats() -> [TabletStat] { servedTablets.map(\.stat) }

    public func diskTrash() -> [DiskTrash] {
        var all = dataDirs.map {
            DiskTrash(
                rootPath: $0.path, isOnline: $0.isUsable, usedBytes: $0.trashBytes.load(ordering: .relaxed))
        }
        all += unavailableDataDirs.map { DiskTrash(rootPath: $0.spec.path, isOnline: false, usedBytes: 0) }
        return all.sorted { $0.rootPath < $1.rootPath }
    }

    /// Probes every open dir (a small file is written, read and removed) and asks for its space. A dir that only ran full, or
    /// that can only be read, goes on being served.
    public func checkDataDirs() -> DataDirCheck {
        var check = DataDirCheck()
        for dir in dataDirs {
            let before = dir.health.state
            if let reason = dir.probe() {
                logger.warning(
                    "data dir could not be probed", metadata: ["data_dir": "\(dir.path)", "reason": "\(reason)"])
            }
            let after = dir.health
            if after.state == .good, let id = clusterID, dir.lacksClusterID.load(ordering: .relaxed) {
                giveClusterID(id, to: dir)
            }
            guard after.state != before else { continue }
            let isWorse = after.state.rawValue > before.rawValue
            if isWorse { check.wentBad.append(dir.path) } else { check.recovered.append(dir.path) }
            logger.log(
                level: isWorse ? .error : .notice, "data dir changed its state",
                metadata: [
                    "data_dir": "\(dir.path)", "state": "\(after.state)", "before": "\(before)",
                    "reason": "\(after.reason)",
                ])
        }
        check.replicasChanged = unreadable.takeChange()
        check.highestUsage = dataDirs.lazy.filter(\.isUsable).map(\.usage).max()
        return check
    }

    private func giveClusterID(_ id: Int32, to dir: DataDir) {
        do {
            try dir.writeClusterID(id)
        } catch {
            logger.warning(
                "cluster id not written yet", metadata: ["data_dir": "\(dir.path)", "reason": "\(error)"])
        }
    }
}

extension DataDir {
    public var report: DiskReport {
        let (capacity, health) = (capacity, health)
        return DiskReport(
            rootPath: path, totalBytes: capacity.totalBytes,
            dataUsedBytes: max(0, localBytes.load(ordering: .relaxed)), availableBytes: capacity.availableBytes,
            remoteUsedBytes: max(0, remoteBytes.load(ordering: .relaxed)),
            trashUsedBytes: max(0, trashBytes.load(ordering: .relaxed)), pathHash: pathHash, medium: medium,
            isUsed: health.state != .failed, condition: health)
    }

    var usage: Double {
        let capacity = capacity
        guard capacity.totalBytes > 0 else { return 0 }
        return 1 - Double(capacity.availableBytes) / Double(capacity.totalBytes)
    }
}

/// The rows of all tablets, read while they are handed out.
private struct EngineReport: TabletReportSource {
    let tablets: ServedTablets
    let map: TabletMap
    let now: MonotonicTime
    let grace: Duration
    let prefixOnly: Bool
    let expired: [TabletID: [TransactionID]]
    let visible: [PartitionID: Version]
    let chunkRows: Int

    var count: Int { tablets.count }

    func forEachChunk(_ body: (UnsafeBufferPointer<TabletReportRow>) throws -> Void) rethrows {
        let chunk = UnsafeMutableBufferPointer<TabletReportRow>.allocate(capacity: min(chunkRows, max(1, count)))
        defer { chunk.deallocate() }
        var next = 0
        while next < tablets.count {
            let filled = min(chunk.count, tablets.count - next)
            fill(chunk, next..<(next + filled))
            let rows = UnsafeMutableBufferPointer(rebasing: chunk[..<filled])
            defer { rows.deinitialize() }
            try body(UnsafeBufferPointer(rows))
            next += filled
        }
    }

    private func fill(_ chunk: UnsafeMutableBufferPointer<TabletReportRow>, _ range: Range<Int>) {
        guard let first = chunk.baseAddress else { return }
        tablets.forEach(in: range) { index, tablet in
            let place = first + (index - range.lowerBound)
            switch tablet {
            case .resting(let tablet): place.initialize(to: tablet.row)
            case .awake(let tablet):
                tablet.writeReportRow(to: place, now: now, grace: grace, prefixOnly: prefixOnly)
            }
            if !expired.isEmpty { place.pointee.transactionIDs = expired[tablet.id] }
            if !visible.isEmpty, let version = visible[place.pointee.partitionID] {
                place.pointee.visibleVersionCount = versionCount(of: tablet, upTo: version)
            }
        }
    }

    /// 0 when it can't be read.
    private func versionCount(of tablet: ServedTablet, upTo version: Version) -> Int64 {
        switch tablet {
        case .resting(let tablet) where version >= tablet.sums.version: return Int64(tablet.sums.rowsetCount)
        case .awake(let tablet): return tablet.versionCount(upTo: version)
        case .resting:
            // It has more than is visible: rare, and not for long.
            do {
                return try map[tablet.id]?.versionCount(upTo: version) ?? 0
            } catch {
                return 0
            }
        }
    }
}
