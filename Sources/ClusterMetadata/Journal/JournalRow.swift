/// One record of the edit log as it lies in its store, whole or not; valid during the call that hands it out.
public struct JournalRow {
    public let logID: Int64
    let record: UnsafeRawBufferPointer

    package init(logID: Int64, record: UnsafeRawBufferPointer) {
        self.logID = logID
        self.record = record
    }

    public var bytes: Int { record.count }
    /// What it says that it is, whether its checksum fits or not; nil: nothing that this build knows.
    public var operation: OperationCode? { JournalRecord.code(record).flatMap(OperationCode.init(rawValue:)) }

    public func decode() throws(JournalError) -> JournalEntry { try JournalRecord.decode(record, logID: logID) }
}
