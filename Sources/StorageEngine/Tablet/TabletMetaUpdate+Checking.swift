internal import TabletModel

extension [TabletMetaUpdate] {
    /// Before any of them is applied.
    /// - Throws: `.invalidArgument` for absurd values and for two updates of one tablet that contradict each other;
    ///   `.notImplemented` for what this backend does not do.
    func check() throws(EngineError) {
        var seen: [TabletID: TabletMetaUpdate] = [:]
        for update in self {
            try update.check()
            if let earlier = seen[update.tabletID], earlier.contradicts(update) {
                throw .invalidArgument("the task changes tablet \(update.tabletID) twice, and differently")
            }
            seen[update.tabletID] = seen[update.tabletID] ?? update
        }
    }
}

extension TabletMetaUpdate {
    fileprivate func check() throws(EngineError) {
        let what = "a change of tablet \(tabletID)"
        if let metaType, !(0...1).contains(metaType) { throw .invalidArgument("\(what) is of type \(metaType)") }
        if let partitionID, partitionID <= 0 { throw .invalidArgument("\(what) names partition \(partitionID)") }
        if let replicaID, replicaID <= 0 { throw .invalidArgument("\(what) names replica \(replicaID)") }
        if removesStoragePolicy, let storagePolicy, !storagePolicy.isEmpty {
            throw .invalidArgument("\(what) removes its storage policy and names \"\(storagePolicy.prefix(100))\"")
        }
        try options.check(what)
    }

    fileprivate func contradicts(_ other: TabletMetaUpdate) -> Bool {
        func differ<Value: Equatable>(_ one: Value?, _ two: Value?) -> Bool { one != nil && two != nil && one != two }
        return differ(partitionID, other.partitionID) || differ(isInMemory, other.isInMemory)
            || differ(storagePolicy, other.storagePolicy) || differ(storagePolicyID, other.storagePolicyID)
            || differ(replicaID, other.replicaID) || removesStoragePolicy != other.removesStoragePolicy
            || options.contradicts(other.options)
    }
}
