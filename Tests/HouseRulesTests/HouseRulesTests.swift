import Testing

/// The house rules of ARCHITECTURE.md as tests: arrows go down, and cores are pure.
@Suite struct HouseRulesTests {
    let tree: SourceTree
    let table: RoomTable

    init() throws {
        tree = try SourceTree()
        table = RoomTable(architecture: try tree.text(of: "ARCHITECTURE.md"))
    }

    /// The standard library's own.
    private static let always: Set<String> = ["Synchronization"]

    @Test func roomsImportExactlyWhatTheirRowSays() {
        for room in table.rooms {
            var found: Set<String> = []
            for file in tree.files where file.target == room.name && !file.path.contains("/gen/") {
                let imports = Set(file.imports).subtracting(Self.always)
                found.formUnion(imports)
                let foreign = imports.subtracting(room.imports).sorted()
                #expect(foreign.isEmpty, "\(file.path) imports \(foreign.joined(separator: ", "))")
            }
            let unused = room.imports.subtracting(found).sorted()
            #expect(unused.isEmpty, "\(room.name) does not import \(unused.joined(separator: ", ")) any more")
        }
    }

    /// Types without behaviour: who writes and reads them tests them.
    private static let testedAbove: Set<String> = ["HTTPAPI", "SQLSessions", "StoredFormats"]

    @Test func everyRoomIsThereAndSaysWhatItIs() {
        #expect(table.rooms.count > 20)
        for room in table.rooms {
            #expect(tree.targets.contains(room.name), "no Sources/\(room.name)")
            #expect(!room.sentence.isEmpty, "\(room.name) has no sentence")
            #expect(
                tree.testTargets.contains("\(room.name)Tests") || Self.testedAbove.contains(room.name),
                "no tests of \(room.name)")
        }
    }

    @Test func everyTargetStandsInTheArchitecture() throws {
        let text = try tree.text(of: "ARCHITECTURE.md")
        for target in tree.targets {
            #expect(text.contains("`\(target)`") || target == "CXXHash" || target == "CZstd", "\(target) is not in it")
        }
    }

    /// A room of the FE learns from its neighbours by closures of `MasterCore`.
    @Test func noRoomOfTheFrontendImportsItsNeighbour() {
        let neighbours: Set<String> = [
            "TableCatalog", "TabletReports", "ReplicaRepair", "DataLoading", "ColdStorage", "ClusterMembership",
        ]
        for room in table.rooms where room.name != "MasterCore" {
            #expect(room.imports.isDisjoint(with: neighbours), "\(room.name) imports one of them")
        }
    }

    @Test(arguments: [
        ("CThrift", "ThriftRPC"), ("CRocksDB", "RocksDBStore"), ("CZstd", "ZstdCompression"), ("CCurl", "CurlHTTP"),
        ("CXXHash", "Checksums"), ("CLocalFiles", "LocalFileSystem"),
    ])
    func aForeignLibraryHasOneWrapper(library: String, wrapper: String) {
        for file in tree.files where file.imports.contains(library) {
            #expect(file.target == wrapper, "\(file.path) imports \(library)")
        }
    }

    @Test func onlyExecutablesImportThriftRPC() {
        for file in tree.files where file.imports.contains("ThriftRPC") {
            #expect(file.target.hasPrefix("tabletd-"), "\(file.path) imports ThriftRPC")
        }
    }

    /// A person's tool starts fast and runs anywhere: it speaks HTTP, and shares the words of the API with the servers. Of
    /// what servers are made of it has the metadata and their store alone, for `tabletctl meta` on a folder.
    @Test func theCommandLineLinksNoServerNoEngineAndNoCxx() {
        var reached: Set<String> = []
        var ahead = ["tabletctl"]
        while let target = ahead.popLast() {
            guard reached.insert(target).inserted else { continue }
            for file in tree.files where file.target == target { ahead += file.imports }
        }
        let banned = [
            "Hummingbird", "StatusHTTP", "MasterHTTP", "BackendHTTP", "NIOCore", "ThriftRPC", "StorageEngine",
            "BackendCore", "MasterCore", "MasterServices", "AgentTasks",
        ]
        #expect(reached.contains("HTTPAPI"))
        for target in banned { #expect(!reached.contains(target), "tabletctl reaches \(target)") }
    }

    @Test func coresHaveNoClockNoThreadsAndNoTasks() {
        let banned = [
            "ContinuousClock", "SuspendingClock", "Date()", "Thread(", "pthread_", "DispatchQueue", " Task {",
            "Task.detached", "usleep(", "sleep(", "getenv", "ProcessInfo",
        ]
        for file in tree.files where table[file.target] != nil && !file.path.contains("/gen/") {
            for (number, line) in file.lines.enumerated() where !line.drop(while: { $0 == " " }).hasPrefix("//") {
                for word in banned where line.contains(word) {
                    Issue.record("\(file.path):\(number + 1) uses \(word)")
                }
            }
        }
    }

    @Test func nothingIsDetached() {
        for file in tree.files {
            for (number, line) in file.lines.enumerated() where line.contains("Task.detached") {
                Issue.record("\(file.path):\(number + 1) detaches a task")
            }
        }
    }

    /// found C10: `exit` runs C++ destructors under the threads of RocksDB and Thrift.
    @Test func daemonsEndInOnePlace() {
        for file in tree.files
        where ["DaemonRuntime", "tabletd-be", "tabletd-fe"].contains(file.target)
            && !file.path.hasSuffix("ProcessEnd.swift")
        {
            for (number, line) in file.lines.enumerated() where !line.drop(while: { $0 == " " }).hasPrefix("//") {
                if line.contains(" exit(") || line.contains("Glibc.exit(") || line.contains("_exit(") {
                    Issue.record("\(file.path):\(number + 1) ends the process by itself: use endProcess")
                }
            }
        }
    }
}
