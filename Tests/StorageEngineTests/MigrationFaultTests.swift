import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct MigrationFaultTests {
    /// Every change of the disks and the meta stores fails or crashes in turn. What is acknowledged beside and after it stays;
    /// after the restart there is one whole tablet, and it can move, be loaded and dropped.
    @Test(arguments: FaultKind.allCases) func thereIsOneWholeTablet(kind: FaultKind) throws {
        var faults = 0
        for index in 0... {
            var node = try MigrationFixture()
            let target = try node.other.path
            node.fixture.plan.restart(kind.fault(index))
            let isDone = (try? node.migrate()) != nil
            let wasTouched = node.fixture.plan.wasTouched
            let place: Comment = "\(kind) \(index): \(node.fixture.plan.touchedOperation?.description ?? "none")"
            var rows = node.loaded.rows
            if node.fixture.plan.hasCrashed {
                node.engine.close()
                node.fixture.machine.crash(kind == .crashBeforeKeepingSome ? .seeded(UInt64(index)) : .everything)
            } else {
                // Life goes on, as far as the disks take it.
                node.fixture.plan.restart()
                if loads(node) { rows += MigrationFixture.pendingRows }
                node.engine.close()
                node.fixture.machine.crash()
            }
            node.fixture.plan.restart()
            node.engine = try node.fixture.start()
            try check(&node, rows, place)
            if isDone { #expect(try node.dir.path == target, place) }
            try node.migrate()
            #expect(try readRows(node.engine, 1) == rows, place)
            try node.checkClean(place)
            try node.restart()
            #expect(try readRows(node.engine, 1) == rows, place)
            try node.engine.dropTablet(DropTabletRequest(tabletID: 1))
            try node.engine.sweepTrash(all: true)
            #expect(node.fixture.segmentFiles == [], place)
            if !wasTouched { break }
            faults += 1
        }
        #expect(faults > 25, "the sweep met \(faults) operations only")
    }

    private func loads(_ node: MigrationFixture) -> Bool {
        (try? node.engine.publish(.sample(MigrationFixture.pendingTransaction, 6)))?.published == [1]
    }

    private func check(_ node: inout MigrationFixture, _ rows: [String], _ place: Comment) throws {
        #expect(node.engine.tabletCount == 1, place)
        #expect(try readRows(node.engine, 1) == rows, place)
        #expect(node.engine.counters.lostRowsets == 0, place)
        let isPublished = rows.count > node.loaded.rows.count
        #expect(node.engine.pending.count == (isPublished ? 0 : 1), place)
        try node.checkClean(place)
    }

    /// A fault at the first restart after a crash in the switch, too.
    @Test(arguments: [FaultKind.fail, .crashBefore, .crashAfter]) func aStartAfterACrashMayCrash(kind: FaultKind) throws
    {
        for switchStep in 0..<6 {
            for index in 0... {
                var node = try MigrationFixture()
                let rows = node.loaded.rows
                // From the rename on, the operations are those of the switch.
                let steps = try operationsBeforeTheSwitch()
                node.fixture.plan.restart(.crashAfter(steps + switchStep))
                _ = try? node.migrate()
                node.engine.close()
                node.fixture.machine.crash()
                node.fixture.plan.restart(kind.fault(index))
                if let engine = try? node.fixture.start() { engine.close() }
                let wasTouched = node.fixture.plan.wasTouched
                let place: Comment = "step \(switchStep), \(kind) \(index)"
                if node.fixture.plan.hasCrashed { node.fixture.machine.crash() }
                node.fixture.plan.restart()
                node.engine = try node.fixture.start()
                try check(&node, rows, place)
                if !wasTouched { break }
            }
        }
    }

    private func operationsBeforeTheSwitch() throws -> Int {
        let node = try MigrationFixture()
        node.fixture.plan.restart()
        try node.migrate()
        return try #require(
            node.fixture.plan.trace.firstIndex { $0.name == "rename" && $0.target.contains("/data/") })
    }

    /// All copies are on the disk, and then their names, before the folder becomes the tablet's.
    @Test func allIsDurableBeforeTheFolderIsPublished() throws {
        let node = try MigrationFixture()
        let staging = try node.other.layout.migration
        node.fixture.plan.restart()
        try node.migrate()
        let trace = node.fixture.plan.trace
        let rename = try #require(trace.firstIndex { $0.name == "rename" && $0.target.contains("/data/") })
        func steps(_ name: String, in prefix: String) -> [Int] {
            trace[..<rename].indices.filter { trace[$0].name == name && trace[$0].target.hasPrefix(prefix) }
        }
        let (appends, syncs) = (steps("append", in: staging), steps("sync", in: staging))
        let names = try #require(steps("sync folder", in: staging).last)
        #expect(Set(syncs.map { trace[$0].target }) == Set(steps("create", in: staging).map { trace[$0].target }))
        #expect(syncs.count > 2)
        let (last, first) = (try #require(appends.last), try #require(syncs.first))
        #expect(last < first && syncs.allSatisfy { $0 < names })
    }

    /// One of the two dirs is away at the start after a crash at each step: nothing that is served then is a half, and with
    /// both dirs there is one whole tablet again.
    @Test(arguments: [0, 1]) func aDirMayBeAwayAtTheStart(away: Int) throws {
        let before = try operationsBeforeTheSwitch()
        for step in 0..<12 {
            var node = try MigrationFixture()
            let rows = node.loaded.rows
            let (source, target) = (try node.dir.path, try node.other.path)
            node.fixture.plan.restart(.crashAfter(before + step))
            let isDone = (try? node.migrate()) != nil
            let place: Comment = "step \(step), \(away == 0 ? "source" : "target") away"
            node.engine.close()
            node.fixture.machine.crash()
            node.fixture.plan.restart()
            let path = away == 0 ? source : target
            let moved = path + "-away"
            let files = node.fixture.machine.fileSystem
            try files.rename(path, to: moved)
            try files.syncDirectory("/be")
            let engine = try node.fixture.start()
            if engine.tabletCount > 0 { #expect(try readRows(engine, 1) == rows, place) }
            try engine.sweepTrash(all: true)
            engine.close()
            try files.rename(moved, to: path)
            try files.syncDirectory("/be")
            node.fixture.machine.crash()
            node.engine = try node.fixture.start()
            try check(&node, rows, place)
            if isDone { #expect(try node.dir.path == target, place) }
        }
    }

    /// A disk that fills up while the copy is written.
    @Test func aFullDiskEndsTheMoveAndGivesItsSpaceBack() throws {
        let node = try MigrationFixture()
        let disk = node.fixture.machine.fileSystem
        let used = disk.usedBytes
        disk.capacityBytes = used + 300
        let error = #expect(throws: FileSystemError.self) { try node.migrate() }
        #expect(error?.code == .noSpace)
        #expect(disk.usedBytes <= used)
        disk.capacityBytes = 1 << 40
        #expect(try readRows(node.engine, 1) == node.loaded.rows)
        try node.migrate()
        try node.checkClean()
    }
}
