public import TabletModel
internal import VersionTracking

extension Tablet {
    /// The rowsets, in version order, that hold exactly the versions 0...`version` (nil: the gap-free prefix): visible
    /// ones, and stale ones for a version that was merged away not long ago. Holding them keeps their files.
    ///
    /// - Throws: `.versionNotReadable` with what is missing, `.brokenTablet`.
    public func capture(upTo version: Version? = nil) throws(EngineError) -> (version: Version, rowsets: [Rowset]) {
        let id = id
        return try withState { $0.capture(version, of: id) }.get()
    }

    /// As `capture`, and a hold on the tablet's folder that the scan gives back.
    func beginScan(_ version: Version?) throws(EngineError) -> (version: Version, rowsets: [Rowset]) {
        let id = id
        return try withState { state in
            let captured = state.capture(version, of: id)
            if case .success = captured { state.openScans += 1 }
            return captured
        }.get()
    }
}

extension Tablet.State {
    fileprivate func capture(
        _ version: Version?, of id: TabletID
    ) -> Result<(version: Version, rowsets: [Rowset]), EngineError> {
        if let breakage { return .failure(.brokenTablet(id, reason: breakage)) }
        let wanted = version ?? tracker.maxContinuousVersion
        guard let path = tracker.capture(upTo: wanted) else {
            return .failure(.versionNotReadable(id, wanted, missing: tracker.missedVersions(upTo: wanted)))
        }
        var found: [Rowset] = []
        found.reserveCapacity(path.count)
        for (index, range) in path.enumerated() {
            guard let rowset = rowset(range, near: index) else {
                return .failure(.brokenTablet(id, reason: "versions \(range) have no rowset"))
            }
            found.append(rowset)
        }
        return .success((wanted, found))
    }

    /// The rowset of exactly these versions: a visible one before a stale one. In a tablet that is not damaged it is the
    /// visible one at `index`, or not visible.
    private func rowset(_ versions: VersionRange, near index: Int) -> Rowset? {
        if index < rowsets.count, rowsets[index].meta.versions == versions { return rowsets[index] }
        return rowsets.first { $0.meta.versions == versions } ?? stale.rowset(versions)
    }
}
