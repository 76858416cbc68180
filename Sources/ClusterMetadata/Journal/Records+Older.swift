internal import StoredFormats
internal import SwiftProtobuf
internal import TabletModel

// Lives, positions and what was found of metadata older than the backends, and their protobuf form, both ways.

extension MetadataLife {
    var record: EditLogLifeRecord {
        EditLogLifeRecord.with {
            $0.epoch = epoch
            $0.life = life
            $0.afterLogID = afterLogID
        }
    }

    init(_ record: EditLogLifeRecord) {
        self.init(epoch: record.epoch, life: record.life, afterLogID: record.afterLogID)
    }
}

extension MetadataPosition {
    var record: EditLogPositionRecord {
        EditLogPositionRecord.with {
            $0.epoch = epoch
            $0.life = life
            $0.logID = logID
            $0.idEnd = idEnd
        }
    }

    init(_ record: EditLogPositionRecord) {
        self.init(epoch: record.epoch, life: record.life, logID: record.logID, idEnd: record.idEnd)
    }
}

extension FoundOlder {
    var record: EditLogOlderFindingRecord {
        EditLogOlderFindingRecord.with {
            if let tableID { $0.tableID = tableID.rawValue }
            $0.kind = UInt32(finding.kind.rawValue)
            $0.backendID = finding.backendID.rawValue
            $0.tabletID = finding.tabletID.rawValue
            $0.ours = finding.ours
            $0.theirs = finding.theirs
            $0.foundAtMs = finding.foundAt.milliseconds
            $0.idEnd = finding.idEnd
        }
    }

    init(_ record: EditLogOlderFindingRecord) throws {
        guard let kind = UInt8(exactly: record.kind).flatMap(OlderFinding.Kind.init(rawValue:)) else {
            throw RecordError("a finding of older metadata has the unknown kind \(record.kind)")
        }
        self.init(
            tableID: record.hasTableID ? TableID(record.tableID) : nil,
            finding: OlderFinding(
                kind: kind, backendID: BackendID(record.backendID), tabletID: TabletID(record.tabletID),
                ours: record.ours, theirs: record.theirs, foundAt: UnixTime(milliseconds: record.foundAtMs),
                idEnd: record.idEnd))
    }
}

extension OlderSettlement {
    var record: EditLogOlderSettledEntry {
        EditLogOlderSettledEntry.with {
            $0.clearsCluster = clearsCluster
            $0.tableIds = tables.map(\.rawValue)
            if let lostIDs {
                $0.lostIdsBegin = lostIDs.lowerBound
                $0.lostIdsEnd = lostIDs.upperBound
            }
            $0.forgetsLostIds = forgetsLostIDs
            $0.accepted = accepted.map(\.record)
        }
    }

    init(_ record: EditLogOlderSettledEntry) throws {
        var lost: Range<Int64>?
        if record.hasLostIdsBegin { lost = try lostRange(record.lostIdsBegin, record.lostIdsEnd) }
        self.init(
            clearsCluster: record.clearsCluster, tables: record.tableIds.map { TableID($0) }, lostIDs: lost,
            forgetsLostIDs: record.forgetsLostIds,
            accepted: record.accepted.map { MetadataPosition($0) })
    }
}

extension AdoptedVersions {
    var record: EditLogAdoptVersionsEntry {
        EditLogAdoptVersionsEntry.with {
            $0.tableID = tableID.rawValue
            $0.partitionID = partitionID.rawValue
            $0.visibleVersion = visible.rawValue
            $0.nextVersion = next.rawValue
            $0.transactionID = committed.map(\.transactionID.rawValue)
            $0.transactionVersion = committed.map(\.version.rawValue)
        }
    }

    init(_ record: EditLogAdoptVersionsEntry) throws {
        guard record.transactionID.count == record.transactionVersion.count else {
            throw RecordError.columns("the adopted versions of table \(record.tableID)")
        }
        self.init(
            tableID: TableID(record.tableID), partitionID: PartitionID(record.partitionID),
            visible: Version(record.visibleVersion), next: Version(record.nextVersion),
            committed: zip(record.transactionID, record.transactionVersion).map {
                .init(transactionID: TransactionID($0), version: Version($1))
            })
    }
}

extension OlderMetadata {
    var record: EditLogOlderMetadataRecord {
        var record = EditLogOlderMetadataRecord()
        record.findings = cluster.map { FoundOlder(tableID: nil, finding: $0).record }
        for table in tables.keys.sorted() {
            record.findings += (tables[table] ?? []).map { FoundOlder(tableID: table, finding: $0).record }
        }
        record.lostIdsBegin = lostIDs.map(\.lowerBound)
        record.lostIdsEnd = lostIDs.map(\.upperBound)
        record.accepted = accepted.map(\.record)
        return record
    }

    init(_ record: EditLogOlderMetadataRecord) throws {
        self.init()
        for finding in record.findings {
            let found = try FoundOlder(finding)
            add(found.finding, of: found.tableID)
        }
        guard record.lostIdsBegin.count == record.lostIdsEnd.count else {
            throw RecordError.columns("the record of older metadata")
        }
        lostIDs = try zip(record.lostIdsBegin, record.lostIdsEnd).map { try lostRange($0, $1) }
        accepted = record.accepted.map { MetadataPosition($0) }
    }
}

private func lostRange(_ begin: Int64, _ end: Int64) throws -> Range<Int64> {
    guard begin <= end else { throw RecordError("the lost ids \(begin) to \(end) are no range") }
    return begin..<end
}
