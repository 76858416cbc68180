internal import TabletModel

extension VersionTracker {
    /// Bytes that the tracker has from malloc beyond the struct itself: its arrays by their capacity, which the runtime
    /// sets to what malloc really gave. An array that it shares with a copy is counted in both.
    public var heapBytes: Int {
        let ranges = MemoryLayout<VersionRange>.stride
        return arrayBytes(visible.capacity, stride: ranges) + arrayBytes(stale.edges.capacity, stride: ranges)
            + arrayBytes(stale.paths.capacity, stride: MemoryLayout<StalePath>.stride)
            + stale.paths.reduce(0) { $0 + arrayBytes($1.ranges.capacity, stride: ranges) }
    }

    /// An array's object header and its elements; malloc keeps 8 bytes of its own before them.
    private func arrayBytes(_ capacity: Int, stride: Int) -> Int { capacity == 0 ? 0 : 8 + 32 + capacity * stride }
}
