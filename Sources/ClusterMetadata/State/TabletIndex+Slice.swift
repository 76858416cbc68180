public import TabletModel

extension TabletIndex {
    /// At least `count` tablets from `start` on in id order, whole chunks at a time, each with its replicas.
    /// - Returns: where to go on; nil at the end.
    public func forEach(
        from start: TabletID, count: Int, _ body: (Tablet, UnsafeBufferPointer<Replica>) -> Void
    ) -> TabletID? {
        var place = firstChunk(reaching: start)
        var seen = 0
        while place < chunks.count, seen < count {
            chunks[place].forEach { tablet, replicas in
                guard tablet.id >= start else { return }
                seen += 1
                body(tablet, replicas)
            }
            place += 1
        }
        return place < chunks.count ? chunks[place].firstID : nil
    }

    /// The first chunk that has an id at or above this one.
    private func firstChunk(reaching id: TabletID) -> Int {
        chunks.partitionPoint { $0.lastID < id }
    }
}
