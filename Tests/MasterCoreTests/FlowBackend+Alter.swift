import TabletModel

extension FlowBackend.State {
    /// The new tablet gets the base's rows up to the version, in its columns; what was loaded above stays.
    mutating func carryOut(_ alter: AlterRequest, _ request: inout FinishTaskRequest) {
        guard let base = tablets[alter.baseTabletID], var new = tablets[alter.newTabletID],
            let version = alter.alterVersion, base.version >= version, base.schemaHash == alter.baseSchemaHash,
            new.schemaHash == alter.newSchemaHash
        else {
            request.status = RPCStatus(.notFound, "no such tablets or version")
            return
        }
        if new.isFilling {
            for (found, rows) in base.rowsByVersion where found <= version {
                new.rowsByVersion[found] = reshaped(rows, alter.baseColumns ?? base.columns, new.columns)
                new.holders[found] = base.holders[found]
            }
            new.isFilling = false
            tablets[alter.newTabletID] = new
        }
        request.tablets = [row(alter.newTabletID)]
    }
}

/// By splitting and joining.
func reshaped(_ rows: String, _ old: [TabletSchema.Column], _ new: [TabletSchema.Column]) -> String {
    rows.split(separator: "\n").map { row in
        let fields = row.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        return new.map { column in
            old.firstIndex { $0.uniqueID == column.uniqueID }.map { $0 < fields.count ? fields[$0] : "" }
                ?? column.defaultValue ?? ""
        }.joined(separator: ",") + "\n"
    }.joined()
}
