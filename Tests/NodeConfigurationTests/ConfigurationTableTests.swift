import NodeConfiguration
import Testing

struct ConfigurationTableTests {
    @Test func namesAreUniqueAndNotIgnoredAtTheSameTime() {
        check(BackendConfiguration.self)
        check(FrontendConfiguration.self)
    }

    @Test func everyDefaultIsAllowed() throws {
        try checkDefaults(BackendConfiguration.self)
        try checkDefaults(FrontendConfiguration.self)
    }

    @Test func everyKeyIsReadBackAsItWasWritten() throws {
        for key in FrontendConfiguration.keys where !key.unit.isEmpty {
            let fe = try FrontendConfiguration.load(
                text: "\(key.name) = \(key.defaultText)", file: "fe.conf", home: "/h", environment: { _ in nil }
            ).configuration
            #expect(fe.entries().first { $0.key.name == key.name }?.value == key.defaultText)
        }
    }

    @Test func everyKeyReachesAValueOfItsOwn() throws {
        // Setting one key changes exactly that key's value: no two keys share a place, none is lost.
        let before = try load("", BackendConfiguration.self).entries()
        for key in BackendConfiguration.keys {
            guard let changed = otherValue(key.defaultText, allowed: key.allowed) else { continue }
            let text = "\(key.name) = \(changed)"
            guard let after = try? load(text, BackendConfiguration.self).entries() else { continue }
            let different = zip(before, after).filter { $0.value != $1.value }.map { $0.0.key.name }
            #expect(different == [key.name])
        }
    }

    private func otherValue(_ text: String, allowed: String) -> String? {
        switch text {
        case "true": return "false"
        case "false": return "true"
        default:
            guard let number = Int(text) else { return nil }
            let limits = allowed.split(separator: " ").compactMap { Int($0) }
            return limits.last == number ? String(number - 1) : String(number + 1)
        }
    }

    private func check<Schema: ConfigurationSchema>(_ type: Schema.Type) {
        let names = Schema.keys.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(Schema.unusedDorisKeys.keys.allSatisfy { !names.contains($0) })
        #expect(Schema.keys.allSatisfy { $0.summary.hasSuffix(".") && !$0.allowed.isEmpty })
    }

    private func checkDefaults<Schema: ConfigurationSchema>(_ type: Schema.Type) throws {
        let lines = Schema.keys.map { "\($0.name) = \($0.defaultText)" }
        let (written, notices) = try Schema.load(
            text: lines.joined(separator: "\n"), file: "all.conf", home: "/h", environment: { _ in nil })
        #expect(notices.isEmpty)
        let implied = try load("", type)
        #expect(written.entries().map(\.value) == implied.entries().map(\.value))
    }

    private func load<Schema: ConfigurationSchema>(_ text: String, _ type: Schema.Type) throws -> Schema {
        try Schema.load(text: text, file: "x.conf", home: "/h", environment: { _ in nil }).configuration
    }
}
