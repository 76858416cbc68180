public import TabletModel
internal import VersionTracking

extension Tablet {
    /// The rowsets, in version order, that hold exactly the versions 0...`version` (nil: the gap-free prefix): visible
    /// ones, and stale ones for a version that was merged away not long ago. Holding them keeps their files.
    ///
    /// - Throws: `.versionNotReadable` with what is missing, `.brokenTablet`, `.tabletNotRunning` before an alter has filled it.
    public func capture(upTo version: Version? = nil) throws(EngineError) -> (version: Version, rowsets: [Rowset]) {
        let id = id
        return try withState { $0.capture(version, of: id) }.get()
    }

    /// As `capture`, and the header of the same moment.
    func captureWithHeader(upTo version: Version) throws(EngineError) -> (header: TabletHeader, rowsets: [Rowset]) {
        let id = id
        let (header, captured) = withState { ($0.header, $0.capture(version, of: id)) }
        return (header, try captured.get().rowsets)
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
        // What an alter has yet to bring is not to be read as missing.
        if header.state == .notReady { return .failure(.tabletNotRunning(id, .notReady)) }
        if let breakage { return .failure(.brokenTablet(id, reason: breakage)) }
        let wanted = version ?? tracker.maxContinuousVersion
        guard let path = tracker.capture(upTo: wanted) else {
            return .failure(.versionNotReadable(id, wanted, missing: tracker.missedVersions(upTo: wanted)))
        }
        var found: [Rowset] = []
        found.reserveCapacity(path.count)
        var staleRowsets: [VersionRange: Rowset]?
        for (index, range) in path.enumerated() {
            var rowset = visible(range, near: index)
            if rowset == nil {
                staleRowsets = staleRowsets ?? stale.byRange
                rowset = staleRowsets?[range]
            }
            guard let rowset else {
                return .failure(.brokenTablet(id, reason: "versions \(range) have no rowset"))
            }
            found.append(rowset)
        }
        return .success((wanted, found))
    }

    /// The visible rowset of exactly these versions: in a tablet that is not damaged it is the one at `index`, as long as no
    /// stale one came before it.
    private func visible(_ versions: VersionRange, near index: Int) -> Rowset? {
        if index < rowsets.count, rowsets[index].meta.versions == versions { return rowsets[index] }
        let first = rowsets.partitionPoint { $0.meta.versions.start < versions.start }
        // More than one starts there in a damaged tablet only.
        return rowsets[first...].prefix { $0.meta.versions.start == versions.start }
            .first { $0.meta.versions == versions }
    }
}
