import ClusterTestKit
import Platform
import StorageEngine
import TabletModel
import Testing

/// Who the data dirs say that their backend is. found A4, A5
@Suite struct BackendUUIDFileTests {
    private func two() throws -> EngineFixture {
        try EngineFixture(dirs: [DataDirSpec(path: "/be/d1"), DataDirSpec(path: "/be/d2")])
    }

    private func text(_ fixture: EngineFixture, _ dir: String) throws -> String {
        String(decoding: try fixture.machine.fileSystem.readAll(dir + "/backend_uuid"), as: UTF8.self)
    }

    private func write(_ fixture: EngineFixture, _ dir: String, _ text: String) throws {
        try fixture.machine.fileSystem.replaceFile(dir + "/backend_uuid", with: Array(text.utf8))
    }

    @Test func theFirstStartMakesOneForAllDirsAndItStays() throws {
        let fixture = try two()
        let made = try { try #require(try fixture.start().backendUUID) }()
        fixture.machine.crash()
        for dir in ["/be/d1", "/be/d2"] { #expect(try text(fixture, dir) == "\(made)\n") }
        #expect(try fixture.start().backendUUID == made)
    }

    @Test func aNewDirGetsThatOfTheOthers() throws {
        let fixture = try two()
        try write(fixture, "/be/d1", "0f8fad5b-d9cb-469f-a165-70867728950e\n")
        #expect(try fixture.start().backendUUID?.description == "0f8fad5b-d9cb-469f-a165-70867728950e")
        #expect(try text(fixture, "/be/d2") == "0f8fad5b-d9cb-469f-a165-70867728950e\n")
    }

    @Test func aDirOfAnotherBackendKeepsItFromStartingAndBothAreNamed() throws {
        let fixture = try two()
        try write(fixture, "/be/d1", "0f8fad5b-d9cb-469f-a165-70867728950e")
        try write(fixture, "/be/d2", "7c9e6679-7425-40de-944b-e07fc1f90ae7")
        let error = #expect(throws: EngineError.self) { try fixture.open() }
        #expect(
            error
                == .backendUUIDsDisagree([
                    "/be/d1: backend 0f8fad5b-d9cb-469f-a165-70867728950e",
                    "/be/d2: backend 7c9e6679-7425-40de-944b-e07fc1f90ae7",
                ]))
    }

    @Test func noneIsMadeWhileADirThatMayHoldItIsAway() throws {
        let fixture = try two()
        try fixture.machine.fileSystem.removeTree("/be/d1")
        try {
            let engine = try fixture.start()
            #expect(engine.backendUUID == nil)
        }()
        #expect(try !fixture.machine.fileSystem.exists("/be/d2/backend_uuid"))
        try fixture.machine.fileSystem.createDirectory("/be/d1")
        try write(fixture, "/be/d1", "0f8fad5b-d9cb-469f-a165-70867728950e")
        #expect(try fixture.start().backendUUID?.description == "0f8fad5b-d9cb-469f-a165-70867728950e")
    }

    @Test func aDamagedFileIsNeitherBelievedNorOverwritten() throws {
        let fixture = try two()
        try write(fixture, "/be/d1", "0f8fad5b")
        try {
            let engine = try fixture.start()
            #expect(engine.backendUUID == nil)
            #expect(engine.unavailableDataDirs.isEmpty)
        }()
        #expect(try text(fixture, "/be/d1") == "0f8fad5b")
        try write(fixture, "/be/d2", "7c9e6679-7425-40de-944b-e07fc1f90ae7")
        #expect(try fixture.start().backendUUID?.description == "7c9e6679-7425-40de-944b-e07fc1f90ae7")
        #expect(try text(fixture, "/be/d1") == "0f8fad5b")
    }
}
