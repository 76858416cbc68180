internal import HashTreeCollections

extension ClusterState {
    /// Bytes of heap that tablets and replicas take, the allocator's and the lists of the tables' tablets included. Goes
    /// through the chunks, not through the tablets.
    public var tabletMemoryBytes: (tablets: Int, replicas: Int) {
        var bytes = tablets.memoryBytes
        for index in tablesByID.values.lazy.flatMap(\.partitions).flatMap(\.indexes) {
            bytes.tablets += allocatedBytes(arrayOf: index.tabletIDs.capacity * 8)
        }
        return bytes
    }
}

/// What an array with so many bytes of room takes: its own head is 32 bytes, and an allocation takes 8 more, in steps of 16.
func allocatedBytes(arrayOf room: Int) -> Int { room == 0 ? 0 : (32 + room + 8 + 15) & ~15 }
