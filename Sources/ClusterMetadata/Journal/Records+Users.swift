internal import AccessControl
internal import StoredFormats
internal import SwiftProtobuf
internal import TabletModel

// Users and members of clusters, and their protobuf form (proto/edit_log.proto), both ways.

extension User {
    var record: EditLogUserRecord {
        EditLogUserRecord.with {
            $0.name = name
            if let password { $0.password = password.text }
            $0.grants = grants.all.map { grant in
                EditLogGrantRecord.with {
                    $0.right = UInt32(grant.right.rawValue)
                    if let database = grant.database { $0.database = database }
                }
            }
            $0.createdAtMs = createdAt.milliseconds
        }
    }

    init(_ record: EditLogUserRecord) throws {
        var password: PasswordHash?
        if record.hasPassword {
            guard let hash = PasswordHash(text: record.password) else {
                throw RecordError("user \(record.name) has a password that can't be read")
            }
            password = hash
        }
        self.init(
            name: record.name, password: password,
            grants: Grants(
                try record.grants.map { grant in
                    guard let right = UInt8(exactly: grant.right).flatMap(Right.init(rawValue:)) else {
                        throw RecordError("user \(record.name) has the unknown right \(grant.right)")
                    }
                    return Grant(right, on: grant.hasDatabase ? grant.database : nil)
                }), createdAt: UnixTime(milliseconds: record.createdAtMs))
    }
}

extension PlacedBackends {
    var record: EditLogPlaceBackendsEntry {
        EditLogPlaceBackendsEntry.with {
            $0.backendID = backends.map(\.rawValue)
            if let place { ($0.cluster, $0.shard) = (place.cluster, place.shard) }
        }
    }

    init(_ record: EditLogPlaceBackendsEntry) {
        self.init(
            record.backendID.map { BackendID($0) },
            at: record.hasCluster ? ShardPlace(cluster: record.cluster, shard: record.shard) : nil)
    }
}
