/// One key of `be.conf` as anybody may see it: whoever makes it has hidden what is secret.
public struct BackendSetting: Sendable {
    let name: String
    let type: String
    let value: String

    /// - Parameter type: as Doris names it: `int32_t`, `bool`, `std::string` …
    public init(name: String, type: String, value: String) {
        self.name = name
        self.type = type
        self.value = value
    }

    /// Doris' row of four. The last cell tells whether the key can be changed while the backend runs: none can.
    var row: [String] { [name, type, value, "false"] }
}
