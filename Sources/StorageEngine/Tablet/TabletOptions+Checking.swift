internal import TabletModel

extension TabletOptions {
    /// - Parameter what: what asks, for the error.
    /// - Throws: `.notImplemented` and `.invalidArgument` for what this backend does not do, so that nobody believes it did.
    func check(_ what: String) throws(EngineError) {
        switch compactionPolicy {
        case nil, "", "size_based": break
        case "time_series": throw .notImplemented("compaction policy time_series (\(what))")
        case .some(let other): throw .invalidArgument("\(what) asks for compaction policy \"\(other.prefix(100))\"")
        }
        if isBinlogEnabled == true { throw .notImplemented("a binlog (\(what))") }
        // Of no effect under size_based, and kept for whoever asks for them.
        let numbers = [
            ("goal size", timeSeriesGoalMegabytes), ("file count", timeSeriesFileCount), ("time", timeSeriesSeconds),
            ("empty rowsets", timeSeriesEmptyRowsets), ("levels", timeSeriesLevels),
        ]
        for case (let name, .some(let number)) in numbers where number < 0 {
            throw .invalidArgument("\(what) gives a time series compaction the \(name) \(number)")
        }
    }

    /// Takes over what `update` says; the rest stays.
    mutating func apply(_ update: TabletOptions) {
        disableAutoCompaction = update.disableAutoCompaction ?? disableAutoCompaction
        compactionPolicy = update.compactionPolicy ?? compactionPolicy
        timeSeriesGoalMegabytes = update.timeSeriesGoalMegabytes ?? timeSeriesGoalMegabytes
        timeSeriesFileCount = update.timeSeriesFileCount ?? timeSeriesFileCount
        timeSeriesSeconds = update.timeSeriesSeconds ?? timeSeriesSeconds
        timeSeriesEmptyRowsets = update.timeSeriesEmptyRowsets ?? timeSeriesEmptyRowsets
        timeSeriesLevels = update.timeSeriesLevels ?? timeSeriesLevels
        skipWriteIndexOnLoad = update.skipWriteIndexOnLoad ?? skipWriteIndexOnLoad
        isBinlogEnabled = update.isBinlogEnabled ?? isBinlogEnabled
    }

    /// Both say something, and not the same.
    func contradicts(_ other: TabletOptions) -> Bool {
        var both = self
        both.apply(other)
        var back = other
        back.apply(self)
        return both != back
    }
}
