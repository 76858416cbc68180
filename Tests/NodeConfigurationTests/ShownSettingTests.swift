import Testing

@testable import NodeConfiguration

struct ShownSettingTests {
    /// A configuration with a secret.
    private struct Guarded: ConfigurationSchema {
        var phrase = ""
        var port = 1
        static let sections = [
            ConfigurationSection<Self>(
                title: "All",
                keys: [
                    .secret(.ours, "phrase", \.phrase, allowed: "any text", "What opens the door."),
                    .port(.ours, "a_port", \.port, "Where the door is."),
                ])
        ]
        static let unusedDorisKeys: [String: String] = [:]
        var namedFiles: [NamedFile] { [] }
        func conflicts() -> [(key: String, message: String)] { [] }
    }

    @Test func ofASecretOnlyWhetherItIsSetIsShown() throws {
        let set = try load("phrase = open sesame\na_port = 7", Guarded.self)
        #expect(set.phrase == "open sesame")
        #expect(set.shownSettings.map(\.value) == ["7", ShownSetting.hidden])
        #expect(!String(describing: set.shownSettings).contains("sesame"))
        #expect(try load("", Guarded.self).shownSettings.map(\.value) == ["1", ""])
    }

    @Test func aSecretStaysOneInsideALargerConfiguration() {
        struct Whole: ConfigurationValues { var part = Guarded() }
        #expect(Guarded.keys.map { $0.within(\Whole.part).isSecret } == [true, false])
    }

    /// Files that hold a secret may be named; the secret itself may not.
    @Test func everyKeyThatSoundsLikeASecretIsOne() {
        let all =
            BackendConfiguration.keys.map { ($0.name, $0.isSecret) }
            + FrontendConfiguration.keys.map { ($0.name, $0.isSecret) }
        for (name, isSecret) in all where !name.hasSuffix("_file") {
            let words = name.split(separator: "_")
            let sounds = !Set(words).isDisjoint(with: ["password", "passphrase", "secret", "token", "credential"])
            #expect(isSecret == sounds, "\(name)")
        }
    }

    @Test func everyKeyIsShownByNameWithTypeAndValue() throws {
        let configuration = try load(
            "webserver_port = 18040\ndisable_auto_compaction = true\nsys_log_level = warning",
            BackendConfiguration.self)
        let shown = configuration.shownSettings
        #expect(shown.map(\.name) == BackendConfiguration.keys.map(\.name).sorted())
        let expected: [ShownSetting] = [
            ShownSetting(name: "webserver_port", type: .int32, value: "18040", isRuntime: false),
            ShownSetting(name: "disable_auto_compaction", type: .boolean, value: "true", isRuntime: true),
            ShownSetting(name: "sys_log_level", type: .text, value: "warning", isRuntime: true),
            ShownSetting(name: "thrift_max_in_flight_bytes", type: .int64, value: "536870912", isRuntime: false),
            ShownSetting(name: "compaction_promotion_ratio", type: .real, value: "0.05", isRuntime: false),
            ShownSetting(name: "report_tablet_interval_seconds", type: .int32, value: "60", isRuntime: true),
        ]
        for setting in expected { #expect(shown.contains(setting), "\(setting.name)") }
    }

    private func load<Schema: ConfigurationSchema>(_ text: String, _ type: Schema.Type) throws -> Schema {
        try Schema.load(text: text, file: "x.conf", home: "/h", environment: { _ in nil }).configuration
    }
}
