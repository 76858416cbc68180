/// One key of `be.conf` as anybody may see it: whoever makes it has hidden what is secret.
public struct BackendSetting: Sendable {
    let name: String
    let type: String
    let value: String
    let isMutable: Bool

    /// - Parameters:
    ///   - type: as Doris names it: `int32_t`, `bool`, `std::string` …
    ///   - isMutable: it can be changed while the backend runs.
    public init(name: String, type: String, value: String, isMutable: Bool) {
        self.name = name
        self.type = type
        self.value = value
        self.isMutable = isMutable
    }

    /// Doris' row of four.
    var row: [String] { [name, type, value, String(isMutable)] }
}

/// The configuration of the running backend: what it is, and how it changes.
public struct BackendSettings: Sendable {
    /// What a change asks for.
    public struct Change: Sendable {
        public var name: String
        public var value: String
    }

    /// Nothing was changed; why, of the keys that are at fault.
    public struct Refusal: Error {
        let reasons: [String: String]
        public init(reasons: [String: String]) { self.reasons = reasons }
    }

    /// In the order in which they are shown.
    let shown: @Sendable () -> [BackendSetting]
    let change: @Sendable (_ changes: [Change], _ persists: Bool) throws(Refusal) -> Void

    /// - Parameter change: takes all changes or none; on return they are in force, and kept for the next start if they are to
    ///   be. Blocking.
    public init(
        shown: @escaping @Sendable () -> [BackendSetting],
        change: @escaping @Sendable (_ changes: [Change], _ persists: Bool) throws(Refusal) -> Void
    ) {
        self.shown = shown
        self.change = change
    }
}
