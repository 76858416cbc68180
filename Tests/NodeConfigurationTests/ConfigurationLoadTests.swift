import NodeConfiguration
import TabletModel
import Testing

struct ConfigurationLoadTests {
    @Test func anEmptyFileGivesDefaults() throws {
        let be = try backend("")
        #expect(be.bePort == 9060 && be.heartbeatPort == 9050 && be.httpPort == 8040)
        #expect(be.workers.publishVersion == 8 && be.workers.pushHigh == 3)
        #expect(be.reports.tabletInterval == .seconds(60) && be.cooldown.interval == .seconds(20))
        #expect(be.storage.roots == [DataDirSpec(path: "/opt/tabletd/storage")])
        let fe = try frontend("")
        #expect(fe.httpPort == 8030 && fe.rpcPort == 9020)
        #expect(fe.heartbeats.interval == .seconds(5) && fe.tasks.reportQueueLimit == 100)
        #expect(fe.journal.metaDir == "/opt/tabletd/doris-meta" && fe.journal.rollCount == 50_000)
    }

    @Test func frontendsThatMayReadImagesAreAddresses() throws {
        let fe = try frontend("frontend_peers = 10.10.10.7; fe80::1\nedit_log_roll_bytes = 2000000\n")
        #expect(fe.peers.addresses == ["10.10.10.7", "fe80::1"] && fe.peers.imageBytesPerSecond == 100 << 20)
        #expect(fe.journal.rollBytes == 2_000_000)
        for wrong in ["fe2", "10.0.0.0/8", "10.0.0.256", "10.0.0"] {
            let error = #expect(throws: (any Error).self) { try frontend("frontend_peers = \(wrong)") }
            #expect("\(try #require(error))".contains("is not an IP address"), "\(wrong)")
        }
    }

    @Test func linesAreReadAsDorisReadsThem() throws {
        let be = try backend(
            """
            # a comment

               be_port   =  9061
            \theartbeat_service_port=9051\t
            priority_networks = 10.10.10.0/24;192.168.0.0/16
            advertised_host = "be 1 \\"x\\""
            sys_log_level = INFO
            log_file = /var/log/a=b#c
            """)
        #expect(be.bePort == 9061 && be.heartbeatPort == 9051)
        #expect(be.address.priorityNetworks == ["10.10.10.0/24", "192.168.0.0/16"])
        #expect(be.address.advertisedHost == "be 1 \"x\"")
        #expect(be.log.level == .info && be.log.file == "/var/log/a=b#c")
    }

    @Test func linesMayEndAsOnWindows() throws {
        #expect(try backend("be_port = 1\r\nwebserver_port = 2\r\n").httpPort == 2)
    }

    @Test func variablesAreReplaced() throws {
        let be = try backend(
            "storage_root_path = ${DISK}/a;${DORIS_HOME}/b", environment: ["DISK": "/disk1", "DORIS_HOME": "/home"])
        #expect(be.storage.roots.map(\.path) == ["/disk1/a", "/home/b"])
    }

    @Test func whatAVariableHoldsIsNotReplacedAgain() throws {
        let be = try backend("log_file = ${A}", environment: ["A": "/${B}", "B": "no"])
        #expect(be.log.file == "/${B}")
    }

    @Test func overridesWinOverTheFile() throws {
        let be = try BackendConfiguration.load(
            text: "be_port = 1", file: "be.conf", overrides: ["be_port=0", "webserver_port = 0"], home: "/h",
            environment: { _ in nil }
        ).configuration
        #expect(be.bePort == 0 && be.httpPort == 0)
    }

    @Test(arguments: [
        ("be_port = 70000", "be.conf:1: be_port: 70000 is outside what is allowed: 0 to 65535"),
        ("be_port = 9060 # agent", "a comment needs a line of its own"),
        ("be_port = ", "\"\" is not a whole number"),
        ("be_port = 9_060", "is not a whole number"),
        ("\nbe_prot = 1", "be.conf:2: be_prot: unknown key; did you mean be_port?"),
        ("be_port", "be.conf:1: \"be_port\" is not of the form key = value"),
        ("= 1", "no key before"),
        ("be_port = 1\n\nbe_port = 2", "be.conf:3: be_port: is set twice, first in line 1"),
        ("sys_log_level = loud", "one of trace, debug, info, warning, error, fatal"),
        ("log_file = be.log", "\"be.log\" is not an absolute path"),
        ("log_file = ${NOPE}/x", "the environment has no variable NOPE"),
        ("log_file = ${NOPE", "\"${\" without \"}\""),
        ("advertised_host = \"a", "the closing quote is missing"),
        ("priority_networks = 10.0.0.0/33", "is not a network"),
        ("be_port = 9050", "be.conf: heartbeat_service_port: 9050 is also the port of be_port"),
        ("min_garbage_sweep_interval = 4000", "be.conf:1: min_garbage_sweep_interval: is larger than max_garbage"),
        ("storage_root_path = a/b", "is not an absolute path"),
        ("storage_root_path = /a;/b;/a/", "/a stands there twice"),
        ("storage_root_path = /a,medium:tape", "neither hdd nor ssd"),
        ("storage_root_path = /a,capacity:none", "is not a whole number of GiB"),
        ("storage_root_path = /a,colour:red", "\"colour\" of /a is not known"),
        ("storage_root_path = ;", "no data dir is named"),
        ("storage_root_path = /", "the root folder cannot be a data dir"),
        ("storage_root_path = /a/../b", "contains \"..\""),
    ])
    func aMistakeNamesPlaceKeyAndRule(_ text: String, _ expected: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try backend(text) }
        #expect(error?.problems.count == 1)
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
    }

    @Test func everyMistakeIsReportedInLineOrder() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try backend("be_port = x\nnonsense_key_here = 1\nno equals\nwebserver_port = -1")
        }
        #expect(error?.problems.map(\.line) == [1, 2, 3, 4])
    }

    @Test func anUnknownKeyFarFromAllOthersGetsNoSuggestion() throws {
        let error = #expect(throws: ConfigurationError.self) { try backend("zzzz = 1") }
        #expect(error?.description == "be.conf:1: zzzz: unknown key")
    }

    @Test func keysOfDorisThatDoNothingHereAreNoticed() throws {
        let loaded = try BackendConfiguration.load(
            text: "brpc_port = 8060\nJAVA_OPTS=\"-Xmx1024m\"\nLOG_DIR = x", file: "be.conf", home: "/h",
            environment: { _ in nil })
        #expect(loaded.notices.map(\.line) == [1, 2, 3])
        #expect(loaded.notices[0].description == "be.conf:1: brpc_port: ignored: there is no brpc service")
    }

    // found C3: what the conf files of Doris 1.2 to 4.x set, and what they show in comments.
    @Test func theConfFilesThatDorisShipsAreAccepted() throws {
        let shared = """
            CUR_DATE=`date +%Y%m%d-%H%M%S`
            LOG_DIR="${DORIS_HOME}/log/"
            JAVA_OPTS="-Xmx2048m -DlogPath=$LOG_DIR/jni.log -Xloggc:${LOG_DIR}/gc.log.$CUR_DATE -Dx=${NOT_SET"
            JAVA_OPTS_FOR_JDK_9="-Xlog:gc:${LOG_DIR}/gc.log"
            JAVA_OPTS_FOR_JDK_17="-Xlog:gc:${LOG_DIR}/gc.log --add-opens=java.base/java.net=ALL-UNNAMED"
            JEMALLOC_CONF="percpu_arena:percpu,prof:true"
            JEMALLOC_PROF_PRFIX=""
            AWS_EC2_METADATA_DISABLED=true
            arrow_flight_sql_port = -1
            enable_https = false
            ssl_certificate_path = "$DORIS_HOME/conf/cert.pem"
            ssl_private_key_path = "${NOT_SET}/conf/key.pem"
            jdbc_drivers_dir = ${NOT_SET}/jdbc_drivers
            sys_log_level = INFO
            sys_log_mode = ASYNC
            sys_log_roll_num = 10
            sys_log_verbose_modules = *

            """
        let be = """
            be_port = 9060
            webserver_port = 8040
            heartbeat_service_port = 9050
            brpc_port = 8060
            storage_root_path = ${DORIS_HOME}/storage
            sys_log_roll_mode = SIZE-MB-1024
            log_buffer_level = -1
            palo_cgroups = x
            aws_log_level=0
            """
        let fe = """
            meta_dir = ${DORIS_HOME}/doris-meta
            http_port = 8030
            rpc_port = 9020
            query_port = 9030
            edit_log_port = 9010
            mysql_service_nio_enabled = true
            log_roll_size_mb = 1024
            audit_log_dir = $LOG_DIR
            audit_log_modules = slow_query, query
            audit_log_roll_num = 10
            meta_delay_toleration_second = 10
            qe_max_connection = 1024
            qe_query_timeout_second = 300
            qe_slow_log_ms = 5000
            """
        #expect(try backend(shared + be).bePort == 9060)
        #expect(try frontend(shared + fe).httpPort == 8030)
    }

    @Test func noKeyIsBothUsedAndIgnored() {
        for key in BackendConfiguration.keys { #expect(BackendConfiguration.unusedDorisKeys[key.name] == nil) }
        for key in FrontendConfiguration.keys { #expect(FrontendConfiguration.unusedDorisKeys[key.name] == nil) }
    }

    // found C4
    @Test func aByteOrderMarkIsSkippedAndWhatCannotBeSeenIsWrittenOut() throws {
        #expect(try backend("\u{FEFF}be_port = 9061\r\n").bePort == 9061)
        let error = #expect(throws: ConfigurationError.self) {
            try backend("be_port = 9061\u{200B}\n\u{FEFF}webserver_port = 1\n")
        }
        #expect(error?.problems.count == 2)
        #expect(error?.description.contains("\"9061\\u{200b}\" is not a whole number") == true)
        #expect(error?.description.contains("\\u{feff}webserver_port: unknown key") == true)
    }

    // found C4
    @Test(arguments: [
        ("/a,b", "\"b\", which is neither medium:… nor capacity:…"),
        ("/a,/b", "several data dirs are separated by \";\""),
    ])
    func whatStandsBehindACommaIsToldAsItIs(_ text: String, _ part: String) {
        let error = #expect(throws: ConfigurationError.self) { try backend("storage_root_path = \(text)") }
        #expect(error?.description.contains(part) == true)
    }

    @Test(arguments: [
        ("/a", [DataDirSpec(path: "/a")]),
        ("/a/;/b//c;", [DataDirSpec(path: "/a"), DataDirSpec(path: "/b/c")]),
        ("/a,medium:ssd,capacity:50", [DataDirSpec(path: "/a", medium: .ssd, capacityBytes: 50 << 30)]),
        (" /a , CAPACITY:1 , medium:HDD ", [DataDirSpec(path: "/a", capacityBytes: 1 << 30)]),
        (
            "/a.SSD,10;/b.hdd",
            [DataDirSpec(path: "/a.SSD", medium: .ssd, capacityBytes: 10 << 30), DataDirSpec(path: "/b.hdd")]
        ),
        ("/a.ssd,medium:hdd", [DataDirSpec(path: "/a.ssd", medium: .hdd)]),
    ])
    func storageRootsAreReadInEveryForm(_ text: String, _ expected: [DataDirSpec]) throws {
        #expect(try backend("storage_root_path = \(text)").storage.roots == expected)
    }

    @Test func homeIsTheFolderAboveTheOneOfTheFile() {
        #expect(defaultHome(configurationPath: "/opt/tabletd/conf/be.conf") == "/opt/tabletd")
        #expect(defaultHome(configurationPath: "/etc/be.conf") == "/")
        #expect(defaultHome(configurationPath: "/be.conf") == "/")
    }

    @Test func aSwitchIsTrueOrFalse() throws {
        #expect(try frontend("allow_replica_on_same_host = TRUE").placement.allowsSameHost)
        let error = #expect(throws: ConfigurationError.self) { try frontend("allow_replica_on_same_host = yes") }
        #expect(error?.description.contains("neither true nor false") == true)
    }

    private func backend(_ text: String, environment: [String: String] = [:]) throws -> BackendConfiguration {
        try BackendConfiguration.load(
            text: text, file: "be.conf", home: "/opt/tabletd", environment: { environment[$0] }
        ).configuration
    }

    private func frontend(_ text: String) throws -> FrontendConfiguration {
        try FrontendConfiguration.load(
            text: text, file: "fe.conf", home: "/opt/tabletd", environment: { _ in nil }
        ).configuration
    }
}
