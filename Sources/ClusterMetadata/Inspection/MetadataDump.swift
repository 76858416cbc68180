internal import Platform
internal import StoredFormats
internal import SwiftProtobuf
internal import TabletModel

extension MetadataFolder {
    /// Everything as lines of JSON, an object each: the newest image as it lies there, then the journal's entries behind it; or,
    /// replayed, the state that both give. Memory: one section, or, replayed, one state.
    /// - Parameter out: gets a line without its newline.
    public func dump(
        replayed: Bool, _ progress: InspectionProgress = .none, _ out: @escaping (String) throws -> Void
    ) throws {
        if replayed {
            let state = try self.replayed(progress)
            try dumpState(state, progress, out)
        } else {
            let covered = try dumpImage(progress, out)
            try dumpJournal(from: covered + 1, progress, out)
        }
    }

    private func dumpImage(_ progress: InspectionProgress, _ out: @escaping (String) throws -> Void) throws -> Int64 {
        guard let newest = try images.logIDs().first else { return 0 }
        var file = try ImageSections(images.path(newest), from: files)
        while let (section, payload) = try file.next() {
            try SectionDump(out: out).dump(section, payload)
            progress.step("dumping image.\(newest)", file.sectionStart & ~1023, file.sizeBytes)
        }
        return newest
    }

    private func dumpJournal(
        from first: Int64, _ progress: InspectionProgress, _ out: @escaping (String) throws -> Void
    ) throws {
        let last = try journal.lastLogID
        try journal.records(from: first) { row in
            try out(try DumpLine.line(row.logID, try row.decode(), bytes: row.bytes))
            progress.step("dumping the journal", row.logID - first, last - first + 1)
            return true
        }
    }

    private func dumpState(
        _ state: ClusterState, _ progress: InspectionProgress, _ out: @escaping (String) throws -> Void
    ) throws {
        let total = Int64(state.tablets.count)
        var done: Int64 = 0
        let writer = ImageWriter(state: state, logID: try journal.lastLogID, clusterID: try identity.clusterID)
        let dump = SectionDump(out: out)
        _ = try writer.writeSections { section, payload in
            try dump.dump(section, payload)
            if section == .tablets { done += Int64(ImageWriter.tabletsPerSection) }
            progress.step("dumping", done & ~1023, total)
        }
    }
}

/// The lines of one section of an image.
private struct SectionDump {
    let out: (String) throws -> Void

    func dump(_ section: ImageFormat.Section, _ payload: [UInt8]) throws {
        switch section {
        case .header: try line("header", EditLogImageHeader(serializedBytes: payload))
        case .catalog: try dump(EditLogImageCatalog(serializedBytes: payload))
        case .tables: try lines("table", EditLogImageTables(serializedBytes: payload).tables)
        case .transactions:
            try lines("transaction", EditLogImageTransactions(serializedBytes: payload).transactions)
        case .tablets:
            try EditLogImageTablets(serializedBytes: payload).forEachRow { try out(DumpLine.line($0, $1)) }
        case .end: break
        }
    }

    private func dump(_ catalog: EditLogImageCatalog) throws {
        try lines("backend", catalog.backends)
        try lines("database", catalog.databases)
        try lines("resource", catalog.resources.map(\.withoutSecrets))
        try lines("policy", catalog.policies)
        for id in catalog.droppedResourceID { try out("{\"kind\":\"dropped_resource\",\"id\":\(id)}") }
        try lines("life", catalog.lives)
        try lines("user", catalog.users.map(\.withoutSecrets))
        try lines("frontend", catalog.frontends)
        for name in catalog.removedFrontend {
            try line("removed_frontend", EditLogRemoveFrontendEntry.with { $0.nodeName = name })
        }
        if catalog.hasMaster { try line("master", catalog.master) }
        if catalog.hasTimestampMs {
            try line("timestamp", EditLogTimestampEntry.with { $0.timestampMs = catalog.timestampMs })
        }
        if catalog.hasOlder { try line("older_metadata", catalog.older) }
        try lines("ended_alter", catalog.endedAlters)
        try lines("backup_job", catalog.backupJobs)
    }

    private func line(_ kind: String, _ message: any Message) throws { try out(try DumpLine.line(kind, message)) }
    private func lines(_ kind: String, _ messages: [some Message]) throws {
        for message in messages { try line(kind, message) }
    }
}
