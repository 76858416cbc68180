internal import TabletModel

/// While somebody has one, the tablet's folder stays where it is: a drop is finished later. For whoever reads a tablet's
/// files by their names and is no scan; a `Rowset` in hand keeps the rowset's own files besides.
public final class TabletHold: Sendable {
    private let tablet: Tablet

    fileprivate init(_ tablet: Tablet) { self.tablet = tablet }

    deinit { tablet.withState { $0.openScans -= 1 } }
}

extension Tablet {
    /// - Throws: `.tabletNotRunning`: it was dropped already.
    public func hold() throws(EngineError) -> TabletHold {
        let state = withState { state in
            if state.header.state.takesRows { state.openScans += 1 }
            return state.header.state
        }
        guard state.takesRows else { throw .tabletNotRunning(id, state) }
        return TabletHold(self)
    }
}
