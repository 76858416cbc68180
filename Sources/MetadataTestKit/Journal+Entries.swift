public import ClusterMetadata

extension Journal {
    public func append(_ entries: [JournalEntry]) throws -> Int64 {
        try append(try entries.map { entry throws(MetadataError) in try EncodedEntry(entry) })
    }
}
