internal import Logging
internal import Platform
internal import TabletModel

extension CloneService {
    /// Downloads of one file from one source; a broken one goes on where it broke.
    private static let tries = 3

    /// Fetches the rowsets' segments into the staging folder, several at once. Files that an earlier try verified are not
    /// fetched again. On return all are there, verified and durable; on error those are that were verified.
    func fetch(_ rowsets: [RowsetMeta], from source: CloneSource, into staging: CloneStaging, _ run: CloneRun) throws {
        let verified = try staging.open()
        var waiting: [SegmentDownload] = []
        var (files, bytes) = (0, Int64(0))
        var (known, knownBytes) = (0, Int64(0))
        for rowset in rowsets {
            for index in rowset.segments.indices {
                files += 1
                bytes += rowset.segments[index].sizeBytes
                if verified.contains(CloneStaging.name(rowset, index)) {
                    known += 1
                    knownBytes += rowset.segments[index].sizeBytes
                } else {
                    waiting.append(SegmentDownload(rowset, index, staging, source: source.name, run: run))
                }
            }
        }
        run.update { progress in
            progress.step = .downloading
            progress.source = source.name
            (progress.filesDone, progress.filesTotal) = (known, files)
            (progress.bytesDone, progress.bytesTotal) = (knownBytes, bytes)
        }
        logger.info(
            "clone downloads",
            metadata: [
                "tablet": "\(run.request.tabletID)", "source": "\(source.name)", "files": "\(waiting.count)",
                "bytes": "\(bytes - knownBytes)", "verified_before": "\(known)",
            ])
        if waiting.isEmpty { return }
        try checkSpace(staging, bytes - knownBytes)
        var failure = try download(waiting, from: source, run)
        // All of them, whatever happens: each has a file open.
        for one in waiting {
            do {
                try one.abandon()
            } catch {
                failure = failure ?? error
            }
        }
        try staging.sync()
        if let failure { throw failure }
    }

    private func checkSpace(_ staging: CloneStaging, _ bytes: Int64) throws {
        let dir = staging.dataDir
        let capacity = dir.capacity
        let kept = min(engine.options.floodStageLeftBytes, capacity.totalBytes / 10)
        let isTooSmall = capacity.totalBytes > 0 && bytes > capacity.availableBytes - kept
        guard let reason = dir.refusalOfData() ?? (isTooSmall ? "\(dir.path): \(bytes) bytes do not fit" : nil) else {
            return
        }
        throw EngineError.noDataDirWithSpace(medium: dir.medium, reasons: [reason])
    }

    /// - Returns: the first failure that more tries can't help.
    private func download(
        _ downloads: [SegmentDownload], from source: CloneSource, _ run: CloneRun
    ) throws -> (any Error)? {
        var waiting = downloads
        for attempt in 1...Self.tries {
            let results = engine.environment.fetcher.fetchAll(
                waiting.map { one in
                    HTTPDownload(
                        url: source.url(ofFile: one.name), range: one.received > 0 ? one.rest : nil,
                        timeoutSeconds: min(run.secondsLeft, patience(one)), body: one.receive)
                }, parallel: settings.parallelFiles)
            var again: [SegmentDownload] = []
            var failure: (any Error)?
            for (one, result) in zip(waiting, results) {
                switch outcome(one, result, source) {
                case .done: continue
                case .broken(let error):
                    again.append(one)
                    if attempt == Self.tries { failure = failure ?? error }
                case .failed(let error): failure = failure ?? error
                }
            }
            if failure != nil || again.isEmpty { return failure }
            waiting = again
        }
        return nil
    }

    /// Seconds for what is left of a file. Without it a source that drips would hold the clone until its deadline.
    private func patience(_ one: SegmentDownload) -> Int64 {
        let bytesLeft = one.rest.upperBound - one.rest.lowerBound
        return max(settings.lowSpeedSeconds, bytesLeft / max(1, settings.lowSpeedBytesPerSecond))
    }

    private enum Outcome {
        case done
        /// The connection broke: going on may help.
        case broken(any Error)
        case failed(any Error)
    }

    private func outcome(_ one: SegmentDownload, _ result: Swift.Result<Void, any Error>, _ source: CloneSource)
        -> Outcome
    {
        do {
            try result.get()
            try one.checkComplete()
            return .done
        } catch let error as HTTPFetchError {
            if one.isDone { return .done }
            let named = CloneError.download(
                source: source.name, file: one.name, offset: one.received, reason: error.reason)
            return error.isRetryable ? .broken(named) : .failed(named)
        } catch CloneError.truncated {
            let named = CloneError.truncated(
                source: source.name, file: one.name, expected: one.rest.upperBound, got: one.received)
            return .broken(named)
        } catch {
            return .failed(error)
        }
    }
}
