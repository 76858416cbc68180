import Testing

/// The house rules of ARCHITECTURE.md as tests: arrows go down, and cores are pure.
@Suite struct HouseRulesTests {
    /// What each pure target may import; everything else is a wrapper, an executable or tests' own.
    static let pureTargets: [String: Set<String>] = [
        "ByteText": [],
        "TabletModel": ["ByteText"],
        "Checksums": ["ByteText", "CChecksums", "CXXHash"],
        "NodeMetrics": ["Synchronization"],
        "Platform": ["ByteText", "Synchronization", "TabletModel"],
        "VersionTracking": ["TabletModel"],
        "ReportCodec": ["TabletModel"],
        "NodeConfiguration": ["TabletModel"],
        "HTTPAPI": ["TabletModel"],
        "StoredFormats": ["TabletModel", "Checksums", "SwiftProtobuf"],
        "StorageEngine": [
            "ByteText", "TabletModel", "Platform", "Checksums", "VersionTracking", "StoredFormats", "Logging",
            "Synchronization",
        ],
        "BackendCore": [
            "TabletModel", "Platform", "StorageEngine", "NodeMetrics", "DequeModule", "Logging", "Synchronization",
        ],
        "MasterCore": [
            "ByteText", "TabletModel", "Platform", "Checksums", "HTTPAPI", "StoredFormats", "ReportCodec",
            "NodeMetrics", "Logging", "SwiftProtobuf",
            "Synchronization",
        ],
    ]

    let tree: SourceTree

    init() throws { tree = try SourceTree() }

    @Test func pureTargetsImportOnlyWhatIsBelowThem() {
        for file in tree.files where !file.path.contains("/gen/") {
            guard let allowed = Self.pureTargets[file.target] else { continue }
            let foreign = file.imports.filter { !allowed.contains($0) }
            #expect(foreign.isEmpty, "\(file.path) imports \(foreign.joined(separator: ", "))")
        }
    }

    @Test func everyPureTargetIsThere() {
        for target in Self.pureTargets.keys { #expect(tree.targets.contains(target), "no Sources/\(target)") }
    }

    @Test(arguments: [
        ("CThrift", "ThriftRPC"), ("CRocksDB", "RocksDBStore"), ("CZstd", "ZstdCompression"), ("CCurl", "CurlHTTP"),
        ("CXXHash", "Checksums"),
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

    /// A person's tool starts fast and runs anywhere: it speaks HTTP, and shares the words of the API with the servers.
    @Test func theCommandLineLinksNoServerNoEngineAndNoCxx() {
        var reached: Set<String> = []
        var ahead = ["tabletctl"]
        while let target = ahead.popLast() {
            guard reached.insert(target).inserted else { continue }
            for file in tree.files where file.target == target { ahead += file.imports }
        }
        let banned = [
            "Hummingbird", "StatusHTTP", "MasterHTTP", "BackendHTTP", "NIOCore", "ThriftRPC", "StorageEngine",
            "BackendCore", "MasterCore", "RocksDBStore", "StoredFormats",
        ]
        #expect(reached.contains("HTTPAPI"))
        for target in banned { #expect(!reached.contains(target), "tabletctl reaches \(target)") }
    }

    @Test func coresHaveNoClockNoThreadsAndNoTasks() {
        let banned = [
            "ContinuousClock", "SuspendingClock", "Date()", "Thread(", "pthread_", "DispatchQueue", " Task {",
            "Task.detached", "usleep(", "sleep(", "getenv", "ProcessInfo",
        ]
        for file in tree.files where Self.pureTargets[file.target] != nil && !file.path.contains("/gen/") {
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
