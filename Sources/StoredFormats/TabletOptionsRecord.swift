internal import SwiftProtobuf
internal import TabletModel

extension PBTabletMove {
    init(_ move: TabletMove) {
        self.init()
        moveID = PBUniqueId(move.id)
        stage = move.stage == .arriving ? .arriving : .departed
        peer = move.peer
    }

    func tabletMove(record: @autoclosure () -> String) throws(StoredFormatError) -> TabletMove {
        guard hasMoveID else { throw StoredFormatError(record(), .missingField("move.move_id")) }
        guard let known = TabletMove.Stage(rawValue: Int32(stage.rawValue)) else {
            throw StoredFormatError(record(), .invalidField("move.stage", value: "\(stage.rawValue)"))
        }
        return TabletMove(id: moveID.uniqueID, stage: known, peer: peer)
    }
}

extension PBTabletOptions {
    init(_ options: TabletOptions) {
        self.init()
        if let value = options.disableAutoCompaction { disableAutoCompaction = value }
        if let value = options.compactionPolicy { compactionPolicy = value }
        if let value = options.timeSeriesGoalMegabytes { timeSeriesGoalSizeMbytes = value }
        if let value = options.timeSeriesFileCount { timeSeriesFileCount = value }
        if let value = options.timeSeriesSeconds { timeSeriesSeconds = value }
        if let value = options.timeSeriesEmptyRowsets { timeSeriesEmptyRowsets = value }
        if let value = options.timeSeriesLevels { timeSeriesLevels = value }
        if let value = options.skipWriteIndexOnLoad { skipWriteIndexOnLoad = value }
        if let value = options.isBinlogEnabled { binlogEnabled = value }
    }

    var tabletOptions: TabletOptions {
        var options = TabletOptions()
        options.disableAutoCompaction = hasDisableAutoCompaction ? disableAutoCompaction : nil
        options.compactionPolicy = hasCompactionPolicy ? compactionPolicy : nil
        options.timeSeriesGoalMegabytes = hasTimeSeriesGoalSizeMbytes ? timeSeriesGoalSizeMbytes : nil
        options.timeSeriesFileCount = hasTimeSeriesFileCount ? timeSeriesFileCount : nil
        options.timeSeriesSeconds = hasTimeSeriesSeconds ? timeSeriesSeconds : nil
        options.timeSeriesEmptyRowsets = hasTimeSeriesEmptyRowsets ? timeSeriesEmptyRowsets : nil
        options.timeSeriesLevels = hasTimeSeriesLevels ? timeSeriesLevels : nil
        options.skipWriteIndexOnLoad = hasSkipWriteIndexOnLoad ? skipWriteIndexOnLoad : nil
        options.isBinlogEnabled = hasBinlogEnabled ? binlogEnabled : nil
        return options
    }
}
