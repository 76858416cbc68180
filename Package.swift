// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours: Swift 6, warnings are errors, imports say what they are for.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]
/// Only ThriftRPC and its tests see C++.
let houseWithCxx = house + [.interoperabilityMode(.Cxx)]

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let hashTrees = Target.Dependency.product(name: "HashTreeCollections", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let tls = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let http: [Target.Dependency] = [
    .product(name: "HTTPTypes", package: "swift-http-types"),
    .product(name: "Hummingbird", package: "hummingbird"),
    .product(name: "NIOCore", package: "swift-nio"),
]

func library(
    _ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = house,
    linked: [LinkerSetting] = []
) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings, linkerSettings: linked)
}

/// A room of the FE's core.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    library(
        name,
        dependencies + [
            "AgentTasks", "ClusterMetadata", "HTTPAPI", "MasterServices", "Platform", "TabletModel", logging,
        ])
}

func program(_ name: String, _ dependencies: [Target.Dependency], settings: [SwiftSetting] = house) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = house,
    exclude: [String] = []
) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

let package = Package(
    name: "tabletd",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.2.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.34.1"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.30.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.20.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
    ],
    targets: [
        // Vocabulary and seams.
        .target(name: "CByteScan"),
        library("ByteText", ["CByteScan"]),
        library("TabletModel", ["ByteText"]),
        library("Platform", ["ByteText", "TabletModel"]),
        .target(name: "CChecksums"),
        .systemLibrary(name: "CXXHash"),
        library("Checksums", ["ByteText", "CChecksums", "CXXHash"]),
        library("NodeMetrics"),

        // Cores: no C, no sockets, no clock, no threads.
        library("VersionTracking", ["TabletModel"]),
        library("ReportCodec", ["TabletModel"]),
        library("NodeConfiguration", ["AccessControl", "TabletModel"]),
        library("HTTPAPI", ["TabletModel"]),
        library("RowConditions", ["ByteText", "TabletModel"]),
        library("AccessControl", ["ByteText", "Platform", "TabletModel", crypto]),
        library("SQLSessions", ["AccessControl"]),
        library("SQLGrammar", ["AccessControl", "ByteText", "TabletModel"]),
        library("MySQLProtocol", ["AccessControl", "SQLSessions"]),
        library("FrontendElection", ["Platform", "TabletModel"]),
        library("StoredFormats", ["Checksums", "TabletModel", protobuf]),
        library(
            "StorageEngine",
            [
                "ByteText", "Checksums", "Platform", "RowConditions", "StoredFormats", "TabletModel", "VersionTracking",
                logging,
            ]),
        library("BackendCore", ["NodeMetrics", "Platform", "StorageEngine", "TabletModel", deque, logging]),

        // The FE's core, a room each: metadata at the bottom, control on top, and no room imports its neighbour.
        library(
            "ClusterMetadata",
            [
                "AccessControl", "Checksums", "HTTPAPI", "Platform", "StoredFormats", "TabletModel", hashTrees, logging,
                protobuf,
            ]),
        library(
            "FrontendRoles", ["ClusterMetadata", "FrontendElection", "Platform", "TabletModel", logging]),
        library("AgentTasks", ["Platform", "TabletModel", logging]),
        library(
            "MasterServices",
            [
                "AccessControl", "AgentTasks", "Checksums", "ClusterMetadata", "HTTPAPI", "Platform", "TabletModel",
                logging,
            ]),
        room("TableCatalog"),
        room("SchemaChange"),
        room("TabletReports", ["ReportCodec"]),
        room("ReplicaRepair"),
        room("DataLoading", ["ByteText", "Checksums", "RowConditions"]),
        room("ColdStorage", ["ByteText", "Checksums"]),
        room("ClusterMembership"),
        room("BackupRestore"),
        library(
            "MasterCore",
            [
                "AccessControl", "AgentTasks", "BackupRestore", "ClusterMembership", "ClusterMetadata", "ColdStorage",
                "DataLoading",
                "HTTPAPI", "MasterServices", "Platform", "ReplicaRepair", "SchemaChange", "TableCatalog", "TabletModel",
                "TabletReports", logging,
            ]),

        library(
            "SQLExecution",
            [
                "AccessControl", "ByteText", "ClusterMetadata", "HTTPAPI", "MasterCore", "MasterServices", "Platform",
                "RowConditions", "SQLGrammar", "SQLSessions", "TabletModel", logging,
            ]),

        // One wrapper a foreign library.
        .target(
            name: "CThrift",
            linkerSettings: [.linkedLibrary("thrift"), .linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        library(
            "ThriftRPC", ["CThrift", "NodeMetrics", "Platform", "ReportCodec", "TabletModel", logging],
            settings: houseWithCxx),
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        library("NativeThreads", ["TabletModel"]),
        library("CurlHTTP", ["CCurl", "NativeThreads", "Platform", "TabletModel"]),
        library(
            "S3Store",
            ["ByteText", "Checksums", "CurlHTTP", "NativeThreads", "Platform", "TabletModel", crypto, logging]),
        library("EtcdClient", ["ByteText", "CurlHTTP", "NativeThreads", "Platform", "TabletModel"]),
        library(
            "EtcdMetadata",
            [
                "ByteText", "Checksums", "ClusterMetadata", "EtcdClient", "FrontendElection", "FrontendRoles",
                "NativeThreads", "Platform", "TabletModel", logging,
            ]),
        .target(name: "CRocksDB", linkerSettings: [.linkedLibrary("rocksdb")]),
        library("RocksDBStore", ["CRocksDB", "Checksums", "Platform", logging]),
        .systemLibrary(name: "CZstd"),
        library("ZstdCompression", ["CZstd", "Platform"]),
        .target(name: "CLocalFiles"),
        library("LocalFileSystem", ["CLocalFiles", "Platform"]),
        library("ThreadRuntime", ["NativeThreads", "Platform", "TabletModel", deque, heap]),
        library(
            "StatusHTTP",
            ["AccessControl", "ByteText", "Platform"] + http + [
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"), logging, lifecycle, tls,
            ]),
        library("TransportSecurity", [tls]),
        library(
            "MySQLServer",
            [
                "AccessControl", "MySQLProtocol", "SQLSessions", logging, lifecycle, tls,
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ]),
        library(
            "MasterHTTP",
            [
                "AccessControl", "ClusterMetadata", "HTTPAPI", "MasterCore", "MasterServices", "Platform",
                "SQLExecution",
                "SQLSessions", "StatusHTTP", "TabletModel", lifecycle,
            ] + http),
        library(
            "BackendHTTP",
            [
                "AccessControl", "BackendCore", "HTTPAPI", "Platform", "StatusHTTP", "StorageEngine", "TabletModel",
            ] + http),
        .target(name: "CChildProcess"),
        library(
            "DaemonRuntime",
            [
                "AccessControl", "ByteText", "CChildProcess", "LocalFileSystem", "NativeThreads", "NodeConfiguration",
                "NodeMetrics", "Platform",
                "StatusHTTP", "TabletModel", "TransportSecurity", lifecycle, logging, signals, tls,
            ]),

        // Programs: parse configuration, wire, run.
        program(
            "tabletd-be",
            [
                "AccessControl", "BackendCore", "BackendHTTP", "ByteText", "CurlHTTP", "DaemonRuntime", "HTTPAPI",
                "LocalFileSystem",
                "NodeConfiguration", "NodeMetrics", "Platform", "RocksDBStore", "S3Store", "StatusHTTP",
                "StorageEngine", "TabletModel",
                "ThreadRuntime", "ThriftRPC", "ZstdCompression", arguments, logging,
            ], settings: houseWithCxx),
        program(
            "tabletd-fe",
            [
                "AccessControl", "ClusterMembership", "ClusterMetadata", "CurlHTTP", "DaemonRuntime", "EtcdClient",
                "EtcdMetadata",
                "FrontendElection", "FrontendRoles", "HTTPAPI", "LocalFileSystem", "MasterCore", "MasterHTTP",
                "MasterServices", "MySQLProtocol", "MySQLServer", "NodeConfiguration", "NodeMetrics", "Platform",
                "RocksDBStore", "S3Store", "SQLExecution", "SQLSessions", "StatusHTTP", "TabletModel", "ThreadRuntime",
                "ThriftRPC", arguments,
                logging,
            ], settings: houseWithCxx),
        program(
            "tabletctl",
            [
                "ByteText", "Checksums", "ClusterMetadata", "CurlHTTP", "EtcdClient", "EtcdMetadata", "HTTPAPI",
                "LocalFileSystem", "Platform", "RocksDBStore", "TabletModel", "ThreadRuntime", arguments, logging,
            ]),

        program(
            "tabletd-bench",
            [
                "BackendCore", "BackendHTTP", "ClusterMetadata", "CurlHTTP", "EtcdClient", "EtcdMetadata",
                "FrontendElection", "FrontendRoles", "LocalFileSystem", "MySQLServer", "NodeMetrics", "Platform",
                "ReportCodec", "RocksDBStore", "S3Store", "SQLSessions", "ServerFixtures", "StatusHTTP",
                "StorageEngine", "TabletModel", "TabletReports", "ThreadRuntime", "ThriftRPC", "VersionTracking",
                "ZstdCompression", arguments, lifecycle, logging,
            ], settings: houseWithCxx),

        // Tests' own.
        library("ClusterTestKit", ["ByteText", "Platform", "ReportCodec", "TabletModel", logging]),
        library(
            "ClusterSimulation",
            [
                "BackendCore", "Checksums", "ClusterMembership", "ClusterMetadata", "ClusterTestKit",
                "ElectionTestKit", "FrontendElection", "FrontendRoles", "HTTPAPI", "MasterCore", "MasterServices",
                "NodeMetrics", "Platform", "StorageEngine", "StoredFormats", "TabletModel", logging,
            ]),
        library(
            "MetadataTestKit",
            ["ClusterMetadata", "ClusterTestKit", "Platform", "PlatformContracts", "TabletModel", logging]),
        library(
            "ElectionTestKit",
            ["ClusterMetadata", "ClusterTestKit", "FrontendElection", "FrontendRoles", "Platform", "TabletModel"]),
        .target(name: "CLibcStandIns"),
        library("PlatformContracts", ["FrontendElection", "Platform", "TabletModel"]),
        library("ServerFixtures", ["ByteText", crypto]),
        library("PeerKit"),

        tests("HouseRulesTests"),
        tests("PeerKitTests", ["PeerKit"]),
        tests("ByteTextTests", ["ByteText"]),
        tests("TabletModelTests", ["TabletModel"]),
        tests("PlatformTests", ["Platform", "TabletModel"]),
        tests("ChecksumsTests", ["ByteText", "Checksums", crypto]),
        tests("NodeMetricsTests", ["NodeMetrics"]),
        tests("VersionTrackingTests", ["ClusterTestKit", "TabletModel", "VersionTracking"]),
        tests("ReportCodecTests", ["ReportCodec", "TabletModel"]),
        tests("RowConditionsTests", ["ClusterTestKit", "RowConditions", "TabletModel"]),
        tests("AccessControlTests", ["AccessControl", "ClusterTestKit", "Platform", "TabletModel", crypto]),
        tests("SQLSessionsTests", ["SQLSessions"]),
        tests("SQLGrammarTests", ["AccessControl", "ClusterTestKit", "SQLGrammar", "SQLSessions", "TabletModel"]),
        tests(
            "MySQLProtocolTests",
            ["AccessControl", "ClusterTestKit", "MySQLProtocol", "SQLSessions", "ServerFixtures"]),
        tests(
            "MySQLServerTests",
            [
                "AccessControl", "ClusterTestKit", "MySQLProtocol", "MySQLServer", "SQLSessions", "ServerFixtures",
                logging, lifecycle, tls,
            ]),
        tests(
            "SQLExecutionTests",
            [
                "AccessControl", "ClusterMetadata", "ClusterTestKit", "HTTPAPI", "MasterCore", "MasterServices",
                "Platform", "SQLExecution", "SQLGrammar", "SQLSessions", "TabletModel",
            ]),
        tests(
            "FrontendElectionTests",
            ["ClusterTestKit", "ElectionTestKit", "FrontendElection", "PlatformContracts", "TabletModel"]),
        tests(
            "FrontendRolesTests",
            [
                "ClusterMetadata", "ClusterTestKit", "ElectionTestKit", "FrontendElection", "FrontendRoles",
                "MetadataTestKit", "Platform", "TabletModel", logging,
            ]),
        tests("NodeConfigurationTests", ["NodeConfiguration", "TabletModel"]),
        tests(
            "StorageEngineTests",
            [
                "Checksums", "ClusterTestKit", "Platform", "RowConditions", "StorageEngine", "StoredFormats",
                "TabletModel", "VersionTracking", logging,
            ], exclude: ["Fixtures"]),
        tests(
            "BackendCoreTests",
            ["BackendCore", "ClusterTestKit", "NodeMetrics", "Platform", "StorageEngine", "TabletModel", logging]),
        tests(
            "ClusterMetadataTests",
            [
                "AccessControl", "ClusterMembership", "ClusterMetadata", "ClusterTestKit", "HTTPAPI", "MetadataTestKit",
                "Platform",
                "StoredFormats", "TabletModel", protobuf,
            ]),
        tests("AgentTasksTests", ["AgentTasks", "ClusterTestKit", "TabletModel"]),
        tests("MasterServicesTests", ["ClusterMetadata", "HTTPAPI", "MasterServices", "TabletModel"]),
        tests("TableCatalogTests", ["TableCatalog", "TabletModel"]),
        tests(
            "SchemaChangeTests",
            [
                "ClusterMetadata", "ClusterTestKit", "HTTPAPI", "MasterServices", "Platform", "SchemaChange",
                "TabletModel",
            ]),
        tests(
            "TabletReportsTests",
            ["ClusterMetadata", "ClusterTestKit", "Platform", "ReportCodec", "TabletModel", "TabletReports"]),
        tests(
            "ReplicaRepairTests",
            ["ClusterMetadata", "ClusterTestKit", "MasterServices", "Platform", "ReplicaRepair", "TabletModel"]),
        tests("DataLoadingTests", ["Checksums", "ClusterMetadata", "DataLoading", "TabletModel"]),
        tests("ColdStorageTests", ["ClusterMetadata", "ColdStorage", "TabletModel"]),
        tests(
            "ClusterMembershipTests",
            [
                "ClusterMembership", "ClusterMetadata", "ClusterTestKit", "HTTPAPI", "MasterServices",
                "MetadataTestKit", "Platform", "TabletModel", logging,
            ]),
        tests(
            "BackupRestoreTests",
            [
                "AgentTasks", "BackupRestore", "ClusterMetadata", "ClusterTestKit", "HTTPAPI", "MasterServices",
                "Platform", "TabletModel",
            ]),
        tests(
            "MasterCoreTests",
            [
                "AgentTasks", "Checksums", "ClusterMembership", "ClusterMetadata", "ClusterTestKit", "ColdStorage",
                "DataLoading", "HTTPAPI", "MasterCore", "MasterServices", "Platform", "ReplicaRepair", "ReportCodec",
                "TableCatalog", "TabletModel", "TabletReports", hashTrees, logging,
            ]),
        tests(
            "ThriftRPCTests",
            [
                "CLibcStandIns", "CThrift", "ClusterTestKit", "Platform", "ReportCodec", "ServerFixtures",
                "TabletModel",
                "ThriftRPC", logging,
            ],
            settings: houseWithCxx),
        tests("CurlHTTPTests", ["CLibcStandIns", "CurlHTTP", "NativeThreads", "Platform", "ServerFixtures"]),
        tests(
            "S3StoreTests",
            [
                "ByteText", "Checksums", "CurlHTTP", "Platform", "PlatformContracts", "S3Store", "ServerFixtures",
                "TabletModel", logging,
            ]),
        tests("EtcdClientTests", ["CurlHTTP", "EtcdClient", "ServerFixtures", "TabletModel"]),
        tests(
            "EtcdMetadataTests",
            [
                "Checksums", "ClusterMetadata", "ClusterTestKit", "CurlHTTP", "EtcdClient", "EtcdMetadata",
                "FrontendElection", "LocalFileSystem", "MetadataTestKit", "NativeThreads", "Platform",
                "PlatformContracts", "RocksDBStore", "ServerFixtures", "TabletModel", logging,
            ]),
        tests(
            "RocksDBStoreTests",
            [
                "CLibcStandIns", "ClusterTestKit", "LocalFileSystem", "Platform", "PlatformContracts", "RocksDBStore",
                "ServerFixtures",
            ]),
        tests("ZstdCompressionTests", ["Platform", "ZstdCompression"]),
        tests(
            "LocalFileSystemTests",
            ["CLibcStandIns", "LocalFileSystem", "Platform", "PlatformContracts", "ServerFixtures"]),
        tests("ThreadRuntimeTests", ["Platform", "PlatformContracts", "TabletModel", "ThreadRuntime"]),
        tests(
            "StatusHTTPTests",
            [
                "AccessControl", "CurlHTTP", "Platform", "ServerFixtures", "StatusHTTP", "TransportSecurity", logging,
                lifecycle,
            ] + http),
        tests("DaemonRuntimeTests", ["DaemonRuntime", "NodeConfiguration", "ServerFixtures", logging, lifecycle]),
        tests(
            "tabletctlTests",
            [
                "ClusterMetadata", "HTTPAPI", "LocalFileSystem", "Platform", "RocksDBStore", "ServerFixtures",
                "TabletModel", "tabletctl", arguments, logging,
            ]),
        tests(
            "ClusterTestKitTests",
            ["ClusterTestKit", "Platform", "PlatformContracts", "ReportCodec", "TabletModel", logging]),
        tests(
            "SimulationTests",
            [
                "BackendCore", "Checksums", "ClusterMetadata", "ClusterSimulation", "ClusterTestKit",
                "FrontendElection", "HTTPAPI", "MasterCore", "MasterServices", "Platform", "StorageEngine",
                "TabletModel",
            ]),
        tests(
            "FaultTests",
            [
                "BackendCore", "Checksums", "ClusterMetadata", "ClusterSimulation", "ClusterTestKit", "HTTPAPI",
                "MasterCore", "MasterServices", "Platform", "StorageEngine", "TabletModel", logging,
            ]),
        tests(
            "IntegrationTests",
            [
                "AccessControl", "BackendHTTP", "CurlHTTP", "HTTPAPI", "MasterHTTP", "PeerKit", "Platform",
                "RocksDBStore",
                "ServerFixtures", "StatusHTTP", "TabletModel", "ThriftRPC", "tabletctl", "tabletd-be", "tabletd-fe",
                logging,
            ], settings: houseWithCxx),
    ],
    cxxLanguageStandard: .cxx20
)

// Builds some targets alone, with what they need: TABLETD_ONLY=StorageEngineTests,BackendCoreTests. `scripts/simulate` does.
if let only = Context.environment["TABLETD_ONLY"] {
    var needed: Set<String> = []
    func need(_ name: String) {
        guard let target = package.targets.first(where: { $0.name == name }), needed.insert(name).inserted else {
            return
        }
        for case .byNameItem(let dependency, _) in target.dependencies { need(dependency) }
    }
    for name in only.split(separator: ",") { need(String(name)) }
    package.targets.removeAll { !needed.contains($0.name) }
}
