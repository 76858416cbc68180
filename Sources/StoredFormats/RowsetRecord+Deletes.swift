internal import TabletModel

extension RowsetMeta {
    /// Only a build that knows deletes reads it as it is meant.
    var knowsDeletes: Bool { deletePredicate != nil || droppedRows > 0 || lastDelete != .none }
}

extension PBRowset {
    /// A record may come from a peer: what it says of deletes must be possible. Whether the conditions fit the tablet's columns
    /// shows when they are asked.
    func addDeletes(to meta: inout RowsetMeta, record: @autoclosure () -> String) throws(StoredFormatError) {
        if hasDeletePredicate {
            guard meta.versions.start == meta.versions.end, meta.rowCount == 0, meta.segments.isEmpty,
                !deletePredicate.conditions.isEmpty
            else {
                throw StoredFormatError(
                    record(), .invalidField("delete_predicate", value: "of versions \(meta.versions), \(numRows) rows"))
            }
            meta.deletePredicate = DeletePredicate.shared(deletePredicate.conditions.map(\.deleteCondition))
        }
        meta.droppedRows = droppedRows
        guard hasLastDeleteVersion else {
            guard droppedRows == 0 else { throw StoredFormatError(record(), .missingField("last_delete_version")) }
            return
        }
        guard meta.versions.start == 0, meta.versions.contains(Version(lastDeleteVersion)) else {
            throw StoredFormatError(record(), .invalidField("last_delete_version", value: "\(lastDeleteVersion)"))
        }
        meta.lastDelete = Version(lastDeleteVersion)
    }
}

extension PBDeletePredicate {
    init(_ predicate: DeletePredicate) {
        self.init()
        conditions = predicate.conditions.map { condition in
            var message = PBDeleteCondition()
            message.column = condition.column
            message.operation = condition.operation
            message.values = condition.values
            if let id = condition.columnUniqueID { message.columnUniqueID = id }
            return message
        }
    }
}

extension PBDeleteCondition {
    fileprivate var deleteCondition: DeleteCondition {
        DeleteCondition(
            column: column, operation: operation, values: values,
            columnUniqueID: hasColumnUniqueID ? columnUniqueID : nil)
    }
}
