/// A refusal as MySQL's clients know it: a number, five characters of SQLSTATE, and a sentence.
public struct SQLError: Error, Hashable, Sendable, CustomStringConvertible {
    public var number: UInt16
    public var state: String
    public var message: String

    public init(_ number: UInt16, _ state: String, _ message: String) {
        self.number = number
        self.state = state
        self.message = message
    }

    public var description: String { "ERROR \(number) (\(state)): \(message)" }

    // Numbers and states are MySQL's, those that Doris answers with.
    public static func syntax(_ message: String) -> Self { .init(1064, "42000", message) }
    public static func notSupported(_ message: String) -> Self { .init(1235, "42000", message) }
    public static func accessDenied(_ message: String) -> Self { .init(1045, "28000", message) }
    public static func missingRight(_ message: String) -> Self { .init(1227, "42000", message) }
    public static func unknownDatabase(_ message: String) -> Self { .init(1049, "42000", message) }
    public static func noDatabase(_ message: String) -> Self { .init(1046, "3D000", message) }
    public static func unknownTable(_ message: String) -> Self { .init(1051, "42S02", message) }
    public static func unknown(_ message: String) -> Self { .init(1105, "HY000", message) }
    public static func unavailable(_ message: String) -> Self { .init(1053, "08S01", message) }
    public static func interrupted(_ message: String) -> Self { .init(1317, "70100", message) }
    public static func tooManyConnections(_ message: String) -> Self { .init(1040, "08004", message) }
    public static func tooLarge(_ message: String) -> Self { .init(1153, "08S01", message) }
}
