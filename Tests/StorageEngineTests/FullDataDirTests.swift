import ClusterTestKit
import Platform
import StorageEngine
import TabletModel
import Testing

@Suite struct FullDataDirTests {
    /// An engine with one tablet that holds one published row, on a file system with `left` bytes free.
    private func engine(_ fixture: EngineFixture, left: Int64) throws -> StorageEngine {
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        let size = fixture.serve("http://fe/first", ["kept"])
        _ = try engine.push(.sample(1, transaction: 5, url: "http://fe/first", size: size))
        _ = try engine.publish(.sample(5, 2), gaps: .wait)
        let capacity = try fixture.machine.fileSystem.capacity("/be/d1")
        fixture.machine.fileSystem.capacityBytes = capacity.totalBytes - capacity.availableBytes + left
        _ = engine.checkDataDirs()
        return engine
    }

    @Test func aDirPastTheFloodStageTakesNoTabletAndNoLoadAndSaysWhy() throws {
        let fixture = try EngineFixture()
        let engine = try engine(fixture, left: 16)
        let created = #expect(throws: EngineError.self) { try engine.createTablet(.sample(2)) }
        #expect(created?.description.contains("/be/d1") == true)
        let size = fixture.serve("http://fe/more", ["x"])
        let pushed = #expect(throws: EngineError.self) {
            try engine.push(.sample(1, transaction: 6, url: "http://fe/more", size: size))
        }
        #expect(pushed?.description.contains("/be/d1") == true)
        #expect(try readRows(engine, 1, version: 2) == ["kept"])
    }

    @Test func aDirThatFillsUpDuringAPushLosesNothingAndTakesLoadsAgainOnceThereIsRoom() throws {
        var options = EngineOptions.small
        options.floodStageUsagePercent = 100
        let fixture = try EngineFixture(options: options)
        let engine = try engine(fixture, left: 200)
        let many = (0..<200).map { "row number \($0) of a load that does not fit" }
        let size = fixture.serve("http://fe/many", many)
        let request = PushRequest.sample(1, transaction: 7, url: "http://fe/many", size: size)
        let error = #expect(throws: FileSystemError.self) { try engine.push(request) }
        #expect(error?.code == .noSpace)
        #expect(try readRows(engine, 1, version: 2) == ["kept"])
        fixture.machine.fileSystem.capacityBytes = 1 << 40
        _ = engine.checkDataDirs()
        _ = try engine.push(request)
        let result = try engine.publish(.sample(7, 3), gaps: .wait)
        #expect(result.failures.isEmpty && result.waiting.isEmpty)
        #expect(try readRows(engine, 1, version: 3).count == 201)
    }
}
