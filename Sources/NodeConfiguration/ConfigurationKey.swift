/// A part of a configuration, or the whole: values that start at their defaults.
public protocol ConfigurationValues: Sendable {
    init()
}

/// One key of a configuration: its name and rules for people, and how its value gets into `Root` and out of it.
public struct ConfigurationKey<Root: ConfigurationValues>: Sendable {
    public let name: String
    /// "seconds", "bytes" …; empty when the value has none.
    public let unit: String
    /// What is allowed, for people: "1 to 86400", "true or false".
    public let allowed: String
    /// As it would stand in the file, variables not replaced.
    public let defaultText: String
    /// What it does, in one or two sentences.
    public let summary: String
    /// Doris has the key, with this meaning and default; else it is ours.
    public let isFromDoris: Bool
    public let type: ConfigurationValueType
    /// Shown to nobody: `ConfigurationSchema.shownSettings`.
    public let isSecret: Bool
    /// A running daemon takes another value: `LiveConfiguration`.
    public private(set) var isRuntime = false

    let write: @Sendable (inout Root, String) throws(ValueProblem) -> Void
    let read: @Sendable (Root) -> String

    /// The same key for a configuration that holds `Root` as a part.
    func within<Whole: ConfigurationValues>(
        _ part: ValuePath<Whole, Root>
    ) -> ConfigurationKey<Whole> {
        let write = self.write
        let read = self.read
        return ConfigurationKey<Whole>(
            name: name, unit: unit, allowed: allowed, defaultText: defaultText, summary: summary,
            isFromDoris: isFromDoris, type: type, isSecret: isSecret, isRuntime: isRuntime,
            write: { (whole: inout Whole, text: String) throws(ValueProblem) in try write(&whole[keyPath: part], text)
            },
            read: { read($0[keyPath: part]) })
    }
}

extension ConfigurationKey {
    /// The same key, which a running daemon lets change.
    var atRuntime: Self {
        var key = self
        key.isRuntime = true
        return key
    }
}

/// Where in a configuration a value is kept.
typealias ValuePath<Root, Value> = any WritableKeyPath<Root, Value> & Sendable

/// Where a key comes from. Doris' own keep their name, default and meaning.
enum KeyOrigin { case doris, ours }

/// The kinds of keys.
extension ConfigurationKey {
    typealias Path<Value> = ValuePath<Root, Value>

    static func integer(
        _ origin: KeyOrigin, _ name: String, _ path: Path<Int>, _ range: ClosedRange<Int>,
        unit: String = "", _ summary: String
    ) -> Self {
        ConfigurationKey(
            name: name, unit: unit, allowed: describe(range), defaultText: String(Root()[keyPath: path]),
            summary: summary,
            isFromDoris: origin == .doris, type: ConfigurationValueType(holding: range), isSecret: false,
            write: { (root: inout Root, text: String) throws(ValueProblem) in
                root[keyPath: path] = try parseInteger(text, range, unit: unit)
            },
            read: { String($0[keyPath: path]) })
    }

    static func port(_ origin: KeyOrigin, _ name: String, _ path: Path<Int>, _ summary: String) -> Self {
        integer(origin, name, path, 0...65535, summary + " 0 takes a free port.")
    }

    static func bytes(
        _ origin: KeyOrigin, _ name: String, _ path: Path<Int>, _ range: ClosedRange<Int>,
        _ summary: String
    ) -> Self {
        integer(origin, name, path, range, unit: "bytes", summary)
    }

    static func seconds(
        _ origin: KeyOrigin, _ name: String, _ path: Path<Duration>, _ range: ClosedRange<Int>,
        _ summary: String
    ) -> Self {
        duration(origin, name, path, range, unit: "seconds", { .seconds($0) }, { $0 / .seconds(1) }, summary)
    }

    static func milliseconds(
        _ origin: KeyOrigin, _ name: String, _ path: Path<Duration>, _ range: ClosedRange<Int>,
        _ summary: String
    ) -> Self {
        duration(
            origin, name, path, range, unit: "milliseconds", { .milliseconds($0) },
            { $0 / .milliseconds(1) }, summary)
    }

    private static func duration(
        _ origin: KeyOrigin, _ name: String, _ path: Path<Duration>, _ range: ClosedRange<Int>,
        unit: String, _ make: @escaping @Sendable (Int) -> Duration, _ count: @escaping @Sendable (Duration) -> Double,
        _ summary: String
    ) -> Self {
        let show = { @Sendable (value: Duration) in String(Int(count(value).rounded())) }
        return ConfigurationKey(
            name: name, unit: unit, allowed: describe(range), defaultText: show(Root()[keyPath: path]),
            summary: summary,
            isFromDoris: origin == .doris, type: ConfigurationValueType(holding: range), isSecret: false,
            write: { (root: inout Root, text: String) throws(ValueProblem) in
                root[keyPath: path] = make(try parseInteger(text, range, unit: unit))
            },
            read: { show($0[keyPath: path]) })
    }

    static func boolean(
        _ origin: KeyOrigin, _ name: String, _ path: Path<Bool>, _ summary: String
    ) -> Self {
        ConfigurationKey(
            name: name, unit: "", allowed: "true or false", defaultText: String(Root()[keyPath: path]),
            summary: summary,
            isFromDoris: origin == .doris, type: .boolean, isSecret: false,
            write: { (root: inout Root, text: String) throws(ValueProblem) in
                root[keyPath: path] = try parseBoolean(text)
            },
            read: { String($0[keyPath: path]) })
    }

    /// Any value that `parse` takes and `show` writes back.
    static func custom<Value>(
        _ origin: KeyOrigin, _ name: String, _ path: Path<Value>, default text: String? = nil, allowed: String,
        type: ConfigurationValueType = .text, isSecret: Bool = false, _ summary: String,
        parse: @escaping @Sendable (String) throws(ValueProblem) -> Value, show: @escaping @Sendable (Value) -> String
    ) -> Self {
        ConfigurationKey(
            name: name, unit: "", allowed: allowed, defaultText: text ?? show(Root()[keyPath: path]), summary: summary,
            isFromDoris: origin == .doris, type: type, isSecret: isSecret,
            write: { (root: inout Root, text: String) throws(ValueProblem) in root[keyPath: path] = try parse(text) },
            read: { show($0[keyPath: path]) })
    }

    static func choice<Value: RawRepresentable<String> & CaseIterable & Sendable>(
        _ origin: KeyOrigin, _ name: String, _ path: Path<Value>, _ summary: String
    ) -> Self {
        let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return custom(
            origin, name, path, allowed: "one of " + names, summary,
            parse: { (text: String) throws(ValueProblem) in
                for known in Value.allCases where known.rawValue.lowercased() == text.lowercased() { return known }
                throw ValueProblem("\"\(text)\" is not one of \(names)")
            }, show: { $0.rawValue })
    }

    static func text(
        _ origin: KeyOrigin, _ name: String, _ path: Path<String>, allowed: String,
        _ summary: String
    ) -> Self {
        custom(
            origin, name, path, allowed: allowed, summary, parse: { (text: String) throws(ValueProblem) in text },
            show: { $0 })
    }

    /// Text that is shown to nobody.
    static func secret(
        _ origin: KeyOrigin, _ name: String, _ path: Path<String>, allowed: String, _ summary: String
    ) -> Self {
        custom(
            origin, name, path, allowed: allowed, isSecret: true, summary,
            parse: { (text: String) throws(ValueProblem) in text }, show: { $0 })
    }

    /// An absolute path; empty only when no default is given.
    static func path(
        _ origin: KeyOrigin, _ name: String, _ path: Path<String>, default value: String = "", _ summary: String
    ) -> Self {
        custom(
            origin, name, path, default: value,
            allowed: value.isEmpty ? "an absolute path, or empty" : "an absolute path",
            summary,
            parse: { (text: String) throws(ValueProblem) in
                if text.isEmpty && value.isEmpty { return text }
                guard text.hasPrefix("/") else { throw ValueProblem("\"\(text)\" is not an absolute path") }
                return text
            }, show: { $0 })
    }
}

private func describe(_ range: ClosedRange<Int>) -> String {
    range.upperBound == .max ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
}
