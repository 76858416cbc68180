public import HTTPAPI

extension Master {
    public func metadataStatus() throws -> MetadataStatusView { older.view }

    public func adoptMetadata(_ choice: MetadataChoice) throws -> MetadataSettledView { try older.adopt(choice) }

    public func discardMetadata(_ choice: MetadataChoice) throws -> MetadataSettledView { try older.discard(choice) }
}
