import Synchronization
import Testing

@testable import NodeConfiguration

struct LiveConfigurationTests {
    /// What a daemon was told to work by, and to write down.
    private final class Daemon: Sendable {
        let applied = Mutex<[Duration]>([])
        let kept = Mutex<[String]>([])
        let isDiskFull: Bool

        init(isDiskFull: Bool = false) { self.isDiskFull = isDiskFull }

        func live(_ text: String = "") throws -> LiveConfiguration<BackendConfiguration> {
            LiveConfiguration(try load(text)) { [self] changes in
                if isDiskFull { throw ValueProblem("no space") }
                kept.withLock { $0 += changes.map { "\($0.name)=\($0.value)" } }
            } apply: { [self] changed in
                applied.withLock { $0.append(changed.sweep.trashExpiry) }
            }
        }
    }

    @Test func aRuntimeKeyIsInForceOnReturn() throws {
        let daemon = Daemon()
        let live = try daemon.live()
        try live.change([("trash_file_expire_time_sec", "7")])
        #expect(live.current.sweep.trashExpiry == .seconds(7))
        #expect(daemon.applied.withLock { $0 } == [.seconds(7)] && daemon.kept.withLock { $0 } == [])
        try live.change([("trash_file_expire_time_sec", "08"), ("disable_auto_compaction", "TRUE")], persists: true)
        // As they are, not as they were typed.
        let kept = daemon.kept.withLock { $0 }
        #expect(kept == ["trash_file_expire_time_sec=8", "disable_auto_compaction=true"])
        #expect(live.current.compaction.isDisabled)
    }

    @Test func eachKeyThatCannotBeChangedIsNamedAndNothingIs() throws {
        let daemon = Daemon()
        let live = try daemon.live()
        let changes = [
            ("trash_file_expire_time_sec", "7"), ("be_port", "1"), ("no_such_key", "1"),
            ("disable_auto_compaction", "perhaps"), ("trash_file_expire_time_se", "1"),
        ]
        let refusal = #expect(throws: ConfigurationChangeRefusal.self) { try live.change(changes, persists: true) }
        #expect(
            refusal?.reasons.keys.sorted() == [
                "be_port", "disable_auto_compaction", "no_such_key", "trash_file_expire_time_se",
            ])
        #expect(refusal?.reasons["be_port"]?.contains("restart") == true)
        #expect(refusal?.reasons["disable_auto_compaction"]?.contains("true or false") == true)
        #expect(refusal?.reasons["trash_file_expire_time_se"]?.contains("trash_file_expire_time_sec") == true)
        #expect(live.current.sweep.trashExpiry == .seconds(259_200))
        #expect(daemon.applied.withLock { $0 } == [] && daemon.kept.withLock { $0 } == [])
    }

    @Test func whatCannotBeKeptIsNotInForceEither() throws {
        let daemon = Daemon(isDiskFull: true)
        let live = try daemon.live()
        let refusal = #expect(throws: ConfigurationChangeRefusal.self) {
            try live.change([("trash_file_expire_time_sec", "7")], persists: true)
        }
        #expect(refusal?.description.contains("no space") == true)
        #expect(live.current.sweep.trashExpiry == .seconds(259_200) && daemon.applied.withLock { $0 } == [])
    }

    @Test func keptChangesAreReadAfterTheFileAndBeforeTheCommandLine() throws {
        let loaded = try BackendConfiguration.load(
            text: "be_port = 1\nheartbeat_service_port = 1\nwebserver_port = 1",
            file: "be.conf", kept: ("heartbeat_service_port = 2\nwebserver_port = 2", "be_custom.conf"),
            overrides: ["webserver_port=3"], home: "/h", environment: { _ in nil }
        ).configuration
        #expect([loaded.bePort, loaded.heartbeatPort, loaded.httpPort] == [1, 2, 3])
        let error = #expect(throws: ConfigurationError.self) {
            try BackendConfiguration.load(
                text: "", file: "be.conf", kept: ("\nno_such = 2", "be_custom.conf"), home: "/h",
                environment: { _ in nil })
        }
        #expect(error?.description.contains("be_custom.conf:2: no_such") == true)
    }

    @Test func aKeyIsReplacedInItsFileAndEveryOtherLineStays() {
        var keys = ChangedKeys("# mine\n\na = 1\n  b=2\n# a = 0\na_b = 3\n\n")
        keys.set([("a", "9"), ("c", " \"x\\ ")])
        #expect(keys.text == "# mine\n\n  b=2\n# a = 0\na_b = 3\na = 9\nc = \" \\\"x\\\\ \"\n")
        var new = ChangedKeys("")
        new.set([("a", "1")])
        #expect(new.text.hasPrefix("# Written by the daemon") && new.text.hasSuffix("\na = 1\n"))
        let again = new.text
        new.set([("a", "1")])
        #expect(new.text == again)
    }
}

private func load(_ text: String) throws -> BackendConfiguration {
    try BackendConfiguration.load(text: text, file: "x.conf", home: "/h", environment: { _ in nil }).configuration
}
