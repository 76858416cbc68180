/// What a value is, in the words of Doris' BE.
public enum ConfigurationValueType: String, Sendable {
    case int32 = "int32_t"
    case int64 = "int64_t"
    case real = "double"
    case boolean = "bool"
    case text = "std::string"

    /// The smallest one that holds every allowed number.
    init(holding range: ClosedRange<Int>) {
        let small = Int(Int32.min)...Int(Int32.max)
        self = small.contains(range.lowerBound) && small.contains(range.upperBound) ? .int32 : .int64
    }
}

/// One key of a running configuration, as anybody may see it.
public struct ShownSetting: Hashable, Sendable {
    /// What stands for a secret that is set.
    public static let hidden = "********"

    public let name: String
    public let type: ConfigurationValueType
    public let value: String
    public let isRuntime: Bool
}

extension ConfigurationSchema {
    /// Every key by name, with its value as text; of a secret only whether it is set.
    public var shownSettings: [ShownSetting] {
        entries().map { key, value in
            let shown = key.isSecret && !value.isEmpty ? ShownSetting.hidden : value
            return ShownSetting(name: key.name, type: key.type, value: shown, isRuntime: key.isRuntime)
        }
        .sorted { $0.name < $1.name }
    }
}
