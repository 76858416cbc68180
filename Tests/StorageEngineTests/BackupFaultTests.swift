import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

/// Every operation of disk, meta store and object store fails once, in every way; then the task comes again.
@Suite struct BackupFaultTests {
    @Test(arguments: FaultKind.allCases)
    func anUploadIsTakenUpAfterAnyFault(kind: FaultKind) throws {
        for index in 0... {
            let fixture = try BackupFixture()
            try fixture.coolSource(2)
            let folder = try fixture.snapshot(fixture.source, 1)
            fixture.source.plan.restart(kind.fault(index))
            let failure = Result { try fixture.upload(folder) }
            let wasTouched = fixture.source.plan.wasTouched
            try fixture.recover(fixture.source, index)
            let names = try #require(try fixture.upload(folder)[1], "\(kind) \(index)")
            #expect(try fixture.store.keys.filter { $0.hasPrefix("backup/") } == names.map { "backup/l/__1/\($0)" })
            if case .success(let before) = failure { #expect(before[1] == names) }
            #expect(try fixture.source.rows() == BackupFixture.rows, "\(kind) \(index)")
            if !wasTouched {
                #expect(index > 10, "every put, and what fetches cold segments")
                break
            }
        }
    }

    @Test(arguments: FaultKind.allCases)
    func aRestoreIsTakenUpAfterAnyFault(kind: FaultKind) throws {
        for index in 0... {
            let fixture = try BackupFixture()
            try fixture.upload(try fixture.snapshot(fixture.source, 1))
            let folder = try fixture.snapshot(fixture.target, BackupFixture.restored)
            fixture.target.plan.restart(kind.fault(index))
            let moved = Result {
                try fixture.download(folder)
                return try fixture.target.backups.move(fixture.moveRequest(folder))
            }
            let wasTouched = fixture.target.plan.wasTouched
            try fixture.recover(fixture.target, index)
            // As it was, or moved: nothing between.
            let rows = try fixture.restoredRows()
            #expect(rows == [] || rows == BackupFixture.rows, "\(kind) \(index)")
            if case .success = moved { #expect(rows == BackupFixture.rows, "\(kind) \(index)") }
            try fixture.download(folder)
            _ = try fixture.target.backups.move(fixture.moveRequest(folder))
            #expect(try fixture.restoredRows() == BackupFixture.rows, "\(kind) \(index)")
            try fixture.target.restart()
            #expect(try fixture.restoredRows() == BackupFixture.rows, "\(kind) \(index)")
            #expect(try fixture.target.orphans() == [], "\(kind) \(index)")
            if !wasTouched {
                #expect(index > 20, "every file that is written, and the commit")
                break
            }
        }
    }

    @Test func twoTasksDoNotWorkInOneFolder() throws {
        let fixture = try BackupFixture()
        let folder = try fixture.snapshot(fixture.source, 1)
        let node = fixture.source
        let request = fixture.uploadRequest(folder)
        try fixture.store.setHook { operation in
            guard case .put = operation else { return }
            let error = #expect(throws: BackupError.self) { try node.backups.upload(request) { _, _ in true } }
            #expect(error == .folderBusy(folder))
        }
        try fixture.upload(folder)
    }
}

extension BackupFixture {
    /// The machine is up again, the fault is over.
    func recover(_ node: CloneNode, _ index: Int) throws {
        let hasCrashed = node.plan.hasCrashed
        node.stop()
        if hasCrashed { node.machine.crash(.seeded(UInt64(index))) }
        node.plan.restart()
        try node.start()
        for dir in node.engine.dataDirs { node.engine.removeOrphans(in: dir) }
    }

    /// The source's first rowsets with rows leave its disk.
    func coolSource(_ count: Int) throws {
        let resource = S3Resource(endpoint: "http://s3", accessKey: "ak", secretKey: "hush", bucket: "cold")
        _ = try source.cooldown.policies.apply(
            StorageRules(
                policies: [StoragePolicyEntry(name: "p", cooldownTTLSeconds: 0, resource: resource, resourceID: 4)],
                resources: [StorageResourceEntry(id: 4, name: "cold", s3: resource)]), isWhole: true)
        _ = try source.engine.updateTabletMeta([TabletMetaUpdate(tabletID: 1, metaType: 1, storagePolicy: "p")])
        _ = try source.cooldown.apply(CooldownConf(tabletID: 1, cooldownReplicaID: source.replicaID, term: 1))
        for _ in 0..<(count + 1) { _ = try source.cooldown.runOnce(1) }
        let cold = try source.tablet().rowsets.count(where: \.meta.isRemote)
        precondition(cold > count, "\(cold) rowsets are cold")
    }
}
