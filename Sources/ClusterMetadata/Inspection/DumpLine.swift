internal import StoredFormats
internal import SwiftProtobuf
internal import TabletModel

/// Lines of JSON, one an object: `{"kind": …, …}` with the members of its message in proto/edit_log.proto. Secrets are left out.
enum DumpLine {
    private static let options: JSONEncodingOptions = {
        var options = JSONEncodingOptions()
        options.alwaysPrintInt64sAsNumbers = true
        options.preserveProtoFieldNames = true
        options.useDeterministicOrdering = true
        return options
    }()

    static func line(_ kind: String, _ message: any Message) throws -> String {
        let members = try message.jsonString(options: options).dropFirst()
        return "{\"kind\":\"\(kind)\"" + (members == "}" ? "}" : "," + members)
    }

    static func line(_ logID: Int64, _ entry: JournalEntry, bytes: Int) throws -> String {
        let members = try entry.withoutSecrets.message.jsonString(options: options)
        return """
            {"kind":"entry","log_id":\(logID),"op":\(entry.operation.rawValue),"name":"\(entry.operation.name)",\
            "bytes":\(bytes),"entry":\(members)}
            """
    }

    /// A tablet with its replicas.
    static func line(_ tablet: Tablet, _ replicas: [Replica]) -> String {
        var text = """
            {"kind":"tablet","id":\(tablet.id),"table_id":\(tablet.tableID),"partition_id":\(tablet.partitionID),\
            "index_id":\(tablet.indexID)
            """
        if tablet.cooldownTerm >= 0 {
            text += ",\"cooldown_replica_id\":\(tablet.cooldownReplicaID),\"cooldown_term\":\(tablet.cooldownTerm)"
        }
        text += ",\"replicas\":["
        for (place, replica) in replicas.enumerated() {
            if place > 0 { text += "," }
            text += """
                {"id":\(replica.id),"backend_id":\(replica.backendID),"version":\(replica.versions.version),\
                "last_failed_version":\(replica.versions.lastFailed),"last_success_version":\(replica.versions.lastSuccess),\
                "bad":\(replica.isBad),"state":"\(replica.state)"}
                """
        }
        return text + "]}"
    }
}

extension EditLogResourceRecord {
    /// Keys are shown by nobody.
    var withoutSecrets: EditLogResourceRecord {
        var record = self
        record.secretKey = ""
        record.clearSessionToken()
        return record
    }
}

extension EditLogUserRecord {
    /// What a password is checked with is shown by nobody.
    var withoutSecrets: EditLogUserRecord {
        var record = self
        record.clearPassword()
        return record
    }
}

extension User {
    fileprivate var withoutSecrets: User { User(name: name, password: nil, grants: grants, createdAt: createdAt) }
}

extension StorageResource {
    fileprivate var withoutSecrets: StorageResource { StorageResource(record.withoutSecrets) }
}

extension JournalEntry {
    fileprivate var withoutSecrets: JournalEntry {
        switch self {
        case .createResource(let resource): .createResource(resource.withoutSecrets)
        case .alterResource(let resource): .alterResource(resource.withoutSecrets)
        case .upsertUser(let user): .upsertUser(user.withoutSecrets)
        default: self
        }
    }
}
