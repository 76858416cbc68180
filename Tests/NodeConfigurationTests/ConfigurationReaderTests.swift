import NodeConfiguration
import Testing

/// A key that nothing reads is a lie: every stored value is named where the daemons use their configuration.
struct ConfigurationReaderTests {
    /// Who reads the parts that both daemons share, and under which name.
    private static let sharedReaders: [(part: String, name: String, file: String)] = [
        ("address", "settings", "DaemonRuntime/AdvertisedHost.swift"),
        ("log", "settings", "DaemonRuntime/LogLines.swift"),
        ("access", "access", "DaemonRuntime/DaemonDoors.swift"),
        ("tls", "tls", "DaemonRuntime/DaemonDoors.swift"),
    ]

    @Test func everyKeyOfTheBackendHasAReader() throws {
        try check(BackendConfiguration(), daemon: "tabletd-be", main: "BackendDaemon.swift")
    }

    @Test func everyKeyOfTheFrontendHasAReader() throws {
        try check(FrontendConfiguration(), daemon: "tabletd-fe", main: "FrontendDaemon.swift")
    }

    @Test func aNameIsFoundAsAWholeWordOnly() {
        #expect(mentions("x = sweep.trashExpiry", "sweep.trashExpiry"))
        #expect(mentions("(sweep.trashExpiry.wholeSeconds)", "sweep.trashExpiry"))
        #expect(!mentions("sweep.trashExpiryLimit", "sweep.trashExpiry"))
        #expect(!mentions("mySweep.trashExpiry", "Sweep.trashExpiry"))
    }

    private func check(_ configuration: Any, daemon: String, main: String) throws {
        let sources = repositoryRoot() + "/Sources/"
        let mapping = try readText(sources + daemon + "/ConfigurationMapping.swift")
        let text = mapping + (try readText(sources + daemon + "/" + main))
        for (name, value) in children(configuration) {
            let parts = Mirror(reflecting: value).displayStyle == .struct && !(value is Duration) ? children(value) : []
            if parts.isEmpty {
                // A value of its own: plain in the mapping, which extends the configuration.
                #expect(mentions(mapping, name) || mentions(text, "configuration.\(name)"), "nothing reads \(name)")
            }
            for (part, _) in parts {
                var isRead = mentions(text, "\(name).\(part)")
                for shared in Self.sharedReaders where shared.part == name && !isRead {
                    isRead = mentions(try readText(sources + shared.file), "\(shared.name).\(part)")
                }
                #expect(isRead, "nothing in Sources/\(daemon) reads \(name).\(part)")
            }
        }
    }

    private func children(_ value: Any) -> [(name: String, value: Any)] {
        Mirror(reflecting: value).children.compactMap { child in child.label.map { ($0, child.value) } }
    }

    private func mentions(_ text: String, _ name: String) -> Bool {
        text.ranges(of: name).contains { range in
            let before = text[..<range.lowerBound].last
            let after = text[range.upperBound...].first
            return !isWord(before) && !isWord(after)
        }
    }

    private func isWord(_ character: Character?) -> Bool {
        character.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
    }
}
