internal import StoredFormats
internal import SwiftProtobuf
internal import TabletModel

// Frontends and their protobuf form (proto/edit_log.proto), both ways.

extension Frontend {
    var record: EditLogFrontendRecord {
        EditLogFrontendRecord.with {
            $0.nodeName = nodeName
            $0.role = role == .follower ? 0 : 1
            $0.host = host
            $0.editLogPort = editLogPort
            $0.httpPort = httpPort
            $0.rpcPort = rpcPort
            $0.joinedAtMs = joinedAt.milliseconds
        }
    }

    init(_ record: EditLogFrontendRecord) throws {
        let role: FrontendRole
        switch record.role {
        case 0: role = .follower
        case 1: role = .observer
        default: throw RecordError("frontend \(record.nodeName) has the unknown role \(record.role)")
        }
        self.init(
            nodeName: record.nodeName, role: role, host: record.host, editLogPort: record.editLogPort,
            httpPort: record.httpPort, rpcPort: record.rpcPort, joinedAt: UnixTime(milliseconds: record.joinedAtMs))
    }
}

extension MasterAddress {
    var record: EditLogMasterInfoRecord {
        EditLogMasterInfoRecord.with {
            $0.host = host
            $0.httpPort = httpPort
            $0.rpcPort = rpcPort
        }
    }

    init(_ record: EditLogMasterInfoRecord) {
        self.init(host: record.host, httpPort: record.httpPort, rpcPort: record.rpcPort)
    }
}

extension EditLogImageCatalog {
    mutating func put(_ frontends: FrontendRegistry) {
        self.frontends = frontends.all.map(\.record)
        removedFrontend = frontends.removedNames
        if let timestamp = frontends.timestamp { timestampMs = timestamp.milliseconds }
        if let master = frontends.master { self.master = master.record }
    }
}

extension FrontendRegistry {
    /// Of an image of an earlier build: empty.
    init(_ catalog: EditLogImageCatalog) throws {
        self.init()
        for record in catalog.frontends { put(try Frontend(record)) }
        removedNames = catalog.removedFrontend
        if catalog.hasTimestampMs { timestamp = UnixTime(milliseconds: catalog.timestampMs) }
        if catalog.hasMaster { master = MasterAddress(catalog.master) }
    }
}
