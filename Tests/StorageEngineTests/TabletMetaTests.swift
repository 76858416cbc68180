import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

/// UPDATE_TABLET_META_INFO, options of CREATE, UPDATE_VISIBLE_VERSION, PUSH_INDEX_POLICY.
@Suite struct TabletMetaTests {
    private func options(_ body: (inout TabletOptions) -> Void) -> TabletOptions {
        var options = TabletOptions()
        body(&options)
        return options
    }

    // MARK: Updates

    /// Newer FEs name no type: what is set counts.
    @Test func whatIsSetChangesAndStays() throws {
        let fixture = try EngineFixture()
        try {
            let engine = try fixture.start()
            _ = try engine.createTablet(.sample(1))
            let options = options {
                $0.disableAutoCompaction = true
                $0.compactionPolicy = "size_based"
                $0.timeSeriesGoalMegabytes = 1024
                $0.skipWriteIndexOnLoad = true
                $0.isBinlogEnabled = false
            }
            _ = try engine.updateTabletMeta([
                TabletMetaUpdate(
                    tabletID: 1, partitionID: 33, isInMemory: true, storagePolicy: "cold", replicaID: 501,
                    options: options)
            ])
            // Another update leaves the rest alone.
            _ = try engine.updateTabletMeta([
                TabletMetaUpdate(tabletID: 1, options: self.options { $0.timeSeriesFileCount = 2000 })
            ])
        }()
        fixture.machine.crash()
        let engine = try fixture.start()
        let header = try engine.tablet(1).header
        #expect(header.partitionID == 33 && header.isInMemory && header.storagePolicy == "cold")
        #expect(header.replicaID == 501)
        #expect(header.options.disableAutoCompaction == true)
        #expect(header.options.compactionPolicy == "size_based")
        #expect(header.options.timeSeriesGoalMegabytes == 1024 && header.options.timeSeriesFileCount == 2000)
        #expect(header.options.skipWriteIndexOnLoad == true && header.options.isBinlogEnabled == false)
        let row = try engine.tablet(1).singleRow
        #expect(row.replicaID == 501 && row.partitionID == 33 && row.isInMemory)
        #expect(Array(engine.tablets.ids(of: 33)) == [1])
    }

    /// An FE of 2023 names a type, and what else stands there does not count.
    @Test func aTypeSaysWhatCounts() throws {
        let engine = try EngineFixture().start()
        _ = try engine.createTablet(.sample(1))
        _ = try engine.updateTabletMeta(
            [
                TabletMetaUpdate(tabletID: 1, partitionID: 33, metaType: 0, isInMemory: true, storagePolicy: "cold"),
                TabletMetaUpdate(tabletID: 1, metaType: 1, isInMemory: false, storagePolicy: "cold"),
            ].suffix(1).map { $0 })
        #expect(try engine.tablet(1).header.storagePolicy == "cold")
        _ = try engine.updateTabletMeta([
            TabletMetaUpdate(tabletID: 1, partitionID: 34, metaType: 0, isInMemory: true, storagePolicy: "other")
        ])
        let header = try engine.tablet(1).header
        #expect(header.partitionID == 34 && !header.isInMemory && header.storagePolicy == "cold")
    }

    /// Nothing of a task with one of these is applied, and the code is one that both years know.
    @Test func whatCanNotBeIsRefusedBeforeAnythingIsChanged() throws {
        let engine = try EngineFixture().start()
        _ = try engine.createTablet(.sample(1))
        let before = try engine.tablet(1).header
        let good = TabletMetaUpdate(tabletID: 1, partitionID: 99)
        let bad: [([TabletMetaUpdate], StatusCode)] = [
            ([TabletMetaUpdate(tabletID: 1, partitionID: 0)], .invalidArgument),
            ([TabletMetaUpdate(tabletID: 1, partitionID: PartitionID(Int64.min))], .invalidArgument),
            ([TabletMetaUpdate(tabletID: 1, replicaID: -1)], .invalidArgument),
            ([TabletMetaUpdate(tabletID: 1, metaType: 7)], .invalidArgument),
            ([TabletMetaUpdate(tabletID: 1, storagePolicy: "a", removesStoragePolicy: true)], .invalidArgument),
            ([TabletMetaUpdate(tabletID: 1, options: options { $0.compactionPolicy = "magic" })], .invalidArgument),
            (
                [TabletMetaUpdate(tabletID: 1, options: options { $0.compactionPolicy = "time_series" })],
                .notImplementedError
            ),
            ([TabletMetaUpdate(tabletID: 1, options: options { $0.isBinlogEnabled = true })], .notImplementedError),
            ([TabletMetaUpdate(tabletID: 1, options: options { $0.timeSeriesLevels = .min })], .invalidArgument),
            // Twice, and differently.
            ([TabletMetaUpdate(tabletID: 1, partitionID: 98)], .invalidArgument),
            (
                [
                    TabletMetaUpdate(tabletID: 2, options: options { $0.disableAutoCompaction = true }),
                    TabletMetaUpdate(tabletID: 2, options: options { $0.disableAutoCompaction = false }),
                ], .invalidArgument
            ),
        ]
        for (updates, code) in bad {
            let error = #expect(throws: EngineError.self, "\(updates)") {
                try engine.updateTabletMeta([good] + updates)
            }
            #expect(error?.statusCode == code, "\(updates)")
            #expect(try engine.tablet(1).header == before)
        }
        // The same one twice is what an FE sends that missed an answer.
        _ = try engine.updateTabletMeta([good, good])
        #expect(try engine.tablet(1).partitionID == 99)
    }

    @Test func sizesOfTwoToTheSixtyThreeAreKept() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        var request = CreateTabletRequest.sample(1)
        request.options.timeSeriesGoalMegabytes = .max
        request.options.timeSeriesSeconds = .max
        _ = try engine.createTablet(request)
        engine.close()
        fixture.machine.crash()
        #expect(try fixture.start().tablet(1).header.options == request.options)
    }

    // MARK: Compaction

    @Test(arguments: ["create", "update"]) func aTabletThatAsksForItIsNotCompactedByItself(how: String) throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        var request = CreateTabletRequest.sample(1)
        if how == "create" { request.options.disableAutoCompaction = true }
        _ = try engine.createTablet(request)
        for version in 2...12 as ClosedRange<Int64> {
            try LoadedTablet.push(fixture, Version(version), 3, in: engine)
            _ = try engine.publish(.sample(TransactionID(version + 100), Version(version)))
        }
        if how == "update" {
            #expect(engine.dueCompactions().map(\.tabletID) == [1])
            _ = try engine.updateTabletMeta([
                TabletMetaUpdate(tabletID: 1, options: options { $0.disableAutoCompaction = true })
            ])
        }
        #expect(engine.dueCompactions() == [])
        let outcome = try engine.compact(CompactionRequest(tabletID: 1, kind: .cumulative), isAsked: false)
        #expect(outcome == .nothing)
        // A person's word counts.
        #expect(try engine.compactNow() != .nothing)
        _ = try engine.updateTabletMeta([
            TabletMetaUpdate(tabletID: 1, options: options { $0.disableAutoCompaction = false })
        ])
        #expect(try engine.tablet(1).header.isAutoCompactionDisabled == false)
    }

    // MARK: CREATE

    @Test func optionsAndRestoreModeOfACreateAreKept() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        var request = CreateTabletRequest.sample(1)
        request.options.compactionPolicy = "size_based"
        request.options.timeSeriesFileCount = 7
        request.inRestoreMode = true
        _ = try engine.createTablet(request)
        request.tabletID = 2
        for policy in ["time_series", "x"] {
            request.options.compactionPolicy = policy
            #expect(throws: EngineError.self) { try engine.createTablet(request) }
        }
        request.options = options { $0.isBinlogEnabled = true }
        #expect(throws: EngineError.self) { try engine.createTablet(request) }
        engine.close()
        fixture.machine.crash()
        let header = try fixture.start().tablet(1).header
        #expect(header.inRestoreMode && header.options.timeSeriesFileCount == 7)
    }

    @Test func theNewHalfOfASchemaChangeIsBesideItsBaseAndNotReady() throws {
        let dirs = ["/be/d1", "/be/d2", "/be/d3"].map { DataDirSpec(path: $0) }
        let fixture = try EngineFixture(dirs: dirs)
        let engine = try fixture.start()
        for id in 1...12 as ClosedRange<Int64> {
            _ = try engine.createTablet(.sample(TabletID(id)))
            var request = CreateTabletRequest.sample(TabletID(id + 100), schemaHash: 8)
            request.baseTabletID = TabletID(id)
            request.baseSchemaHash = 7
            let row = try engine.createTablet(request)
            let base = try engine.tablet(TabletID(id))
            #expect(row.pathHash == base.dataDir.pathHash)
            #expect(try engine.tablet(TabletID(id + 100)).header.state == .notReady)
        }
        var request = CreateTabletRequest.sample(200)
        request.baseTabletID = 200
        #expect(throws: EngineError.self) { try engine.createTablet(request) }
        request.baseTabletID = 1
        request.baseSchemaHash = 9
        #expect(throws: EngineError.schemaHashMismatch(1, local: 7, requested: 9)) {
            try engine.createTablet(request)
        }
        engine.close()
        fixture.machine.crash()
        #expect(try fixture.start().tablet(101).header.state == .notReady)
    }

    // MARK: Visible versions

    @Test func visibleVersionsAreCountedInReports() throws {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        var loaded = try LoadedTablet(fixture, engine)
        try loaded.load(1, 1, 1, in: engine)
        func count() -> Int64 {
            var count: Int64 = -1
            engine.tabletReport().rows.forEachChunk { count = $0[0].visibleVersionCount }
            return count
        }
        #expect(count() == 0)
        try engine.updateVisibleVersions([20: 3, 99: 5])
        #expect(count() == 3)
        // One that was overtaken changes nothing.
        try engine.updateVisibleVersions([20: 2])
        #expect(count() == 3)
        try engine.updateVisibleVersions([20: .greatest])
        #expect(count() == 4)
        #expect(engine.visibleVersions.all.keys.sorted() == [20])
        for bad in [[0: 3], [20: -1], [20: Version(Int64.max)]] as [[PartitionID: Version]] {
            #expect(throws: EngineError.self) { try engine.updateVisibleVersions(bad) }
        }
        try engine.dropTablet(DropTabletRequest(tabletID: 1))
        try engine.updateVisibleVersions([:])
        #expect(engine.visibleVersions.all.isEmpty)
    }

    // MARK: Index policies

    @Test func indexPoliciesAreKeptInEveryDir() throws {
        let dirs = ["/be/d1", "/be/d2"].map { DataDirSpec(path: $0) }
        let fixture = try EngineFixture(dirs: dirs)
        let engine = try fixture.start()
        let policies = (1...3).map { IndexPolicy(id: $0, name: "p\($0)", properties: ["k": "v\($0)"]) }
        try engine.keepIndexPolicies(PushedIndexPolicies(policies: policies))
        var changed = policies[1]
        changed.properties["k"] = "other"
        try engine.keepIndexPolicies(PushedIndexPolicies(policies: [changed], dropped: [1, 77]))
        #expect(engine.indexPolicies == [changed, policies[2]])
        engine.close()
        fixture.machine.crash()
        // One dir suffices.
        try fixture.machine.fileSystem.rename("/be/d1", to: "/be/away")
        #expect(try fixture.start().indexPolicies == [changed, policies[2]])
    }

    @Test func moreIndexPoliciesThanCanBeKeptAreRefused() throws {
        let engine = try EngineFixture().start()
        let many = (1...10_001).map { IndexPolicy(id: $0, name: "p") }
        let large = [IndexPolicy(id: 1, name: "p", properties: ["k": String(repeating: "x", count: 5 << 20)])]
        for policies in [many, large] {
            let error = #expect(throws: EngineError.self) {
                try engine.keepIndexPolicies(PushedIndexPolicies(policies: policies))
            }
            #expect(error?.statusCode == .invalidArgument)
        }
        #expect(engine.indexPolicies == [])
    }
}
