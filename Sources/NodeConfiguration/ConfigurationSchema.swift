/// Keys that belong together, with the heading they have in the documents.
public struct ConfigurationSection<Root: ConfigurationValues>: Sendable {
    public let title: String
    public let keys: [ConfigurationKey<Root>]
}

/// A component's configuration: a plain struct of values, and the table of keys that fills it.
public protocol ConfigurationSchema: ConfigurationValues {
    static var sections: [ConfigurationSection<Self>] { get }
    /// Doris' keys that have nothing to do here, with the reason. Accepted, so that a Doris file can be used as it is.
    static var unusedDorisKeys: [String: String] { get }
    /// What keys must hold together.
    func conflicts() -> [(key: String, message: String)]
    /// Files and folders that the configuration names, for whoever can look whether they are there.
    var namedFiles: [NamedFile] { get }
}

/// A file or folder that a configuration names.
public struct NamedFile: Hashable, Sendable {
    public enum Use: Hashable, Sendable {
        /// Read: certificates as PEM.
        case certificates
        /// Made in a folder that must be there.
        case written
        /// A folder, which no other path may lead to. It may be away for a while.
        case dataDir
    }
    public var key: String
    public var path: String
    public var use: Use

    public init(key: String, path: String, use: Use) {
        self.key = key
        self.path = path
        self.use = use
    }
}

extension ConfigurationSchema {
    public static var keys: [ConfigurationKey<Self>] { sections.flatMap(\.keys) }

    public static func key(named name: String) -> ConfigurationKey<Self>? { keys.first { $0.name == name } }

    /// Reads a file, the changes that were kept beside it, and `key=value` overrides, of which each wins over those before,
    /// and checks everything.
    ///
    /// - Parameters:
    ///   - file: how the file is called in problems.
    ///   - kept: text and name of the file of changes (`ChangedKeys`); nil: there is none.
    ///   - home: what `${DORIS_HOME}` stands for when the environment has none: see `defaultHome`.
    ///   - environment: looks a variable up.
    /// - Returns: the configuration, and notices about keys that were accepted and ignored.
    /// - Throws: `ConfigurationError` with every problem found, not only the first.
    public static func load(
        text: String, file: String, kept: (text: String, file: String)? = nil, overrides: [String] = [], home: String,
        environment: @escaping (String) -> String?
    ) throws(ConfigurationError) -> (configuration: Self, notices: [ConfigurationProblem]) {
        let variable = { (name: String) in environment(name) ?? (name == "DORIS_HOME" ? home : nil) }
        var reader = ConfigurationText(variable: variable, ignores: { ignoreReason($0) != nil })
        reader.readFile(text, named: file)
        if let kept { reader.readFile(kept.text, named: kept.file) }
        for override in overrides where !override.isEmpty {
            reader.readLine(trim(override[...]), source: "command line", number: nil)
        }
        var loading = ConfigurationLoading<Self>(file: file, problems: reader.problems)
        for assignment in reader.assignments { loading.apply(assignment) }
        loading.applyDefaults(variable)
        loading.checkTogether()
        guard loading.problems.isEmpty else {
            let sorted = loading.problems.enumerated().sorted { left, right in
                (left.element.line ?? .max, left.offset) < (right.element.line ?? .max, right.offset)
            }
            throw ConfigurationError(problems: sorted.map(\.element))
        }
        return (loading.result, loading.notices)
    }

    /// Every key with its value as text, in table order.
    public func entries() -> [(key: ConfigurationKey<Self>, value: String)] {
        Self.keys.map { (key: $0, value: $0.read(self)) }
    }

    /// Why a key is accepted and not used; nil when it is used, or unknown.
    static func ignoreReason(_ name: String) -> String? {
        if let reason = unusedDorisKeys[name] { return reason }
        // JAVA_OPTS, LOG_DIR, PPROF_TMPDIR …: Doris' start script reads them, its daemons do not.
        let isVariable = name.utf8.allSatisfy { (65...90).contains($0) || (48...57).contains($0) || $0 == 95 }
        return isVariable && !name.isEmpty ? "a variable of Doris' start script" : nil
    }

    static func suggestion(for name: String) -> String {
        let nearest = keys.map { (name: $0.name, distance: editDistance($0.name, name)) }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        guard let nearest, nearest.distance <= max(3, name.utf8.count / 3) else { return "" }
        return "; did you mean \(nearest.name)?"
    }
}

/// The folder above the one that holds the configuration file, as in Doris' layout (`conf/be.conf`, `storage/`, `log/`).
/// - Parameter configurationPath: absolute.
public func defaultHome(configurationPath: String) -> String {
    let parts = configurationPath.split(separator: "/").dropLast(2)
    return parts.isEmpty ? "/" : "/" + parts.joined(separator: "/")
}

/// The state of one `load`.
private struct ConfigurationLoading<Schema: ConfigurationSchema> {
    let file: String
    var result = Schema()
    var problems: [ConfigurationProblem]
    var notices: [ConfigurationProblem] = []
    private var keys: [String: ConfigurationKey<Schema>]
    /// Where each key was set.
    private var places: [String: ConfigurationAssignment] = [:]

    init(file: String, problems: [ConfigurationProblem]) {
        self.file = file
        self.problems = problems
        keys = Dictionary(Schema.keys.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    mutating func apply(_ assignment: ConfigurationAssignment) {
        guard let key = keys[assignment.key] else { return applyUnknown(assignment) }
        if let earlier = places[key.name], earlier.source == assignment.source {
            let place = earlier.line.map { "line \($0)" } ?? "the command line"
            return report(assignment, "is set twice, first in \(place); keep one")
        }
        places[key.name] = assignment
        do {
            try key.write(&result, assignment.value)
        } catch {
            report(assignment, "\(error.message) (allowed: \(key.allowed)\(key.unit.isEmpty ? "" : " " + key.unit))")
        }
    }

    private mutating func applyUnknown(_ assignment: ConfigurationAssignment) {
        if let reason = Schema.ignoreReason(assignment.key) { return notice(assignment, "ignored: \(reason)") }
        report(assignment, "unknown key\(Schema.suggestion(for: assignment.key))")
    }

    mutating func applyDefaults(_ variable: (String) -> String?) {
        for key in Schema.keys where places[key.name] == nil {
            do {
                try key.write(&result, replaceVariables(key.defaultText, variable))
            } catch {
                problems.append(
                    ConfigurationProblem(
                        source: file, line: nil, key: key.name,
                        message: "is not set, and its default \(key.defaultText) cannot be used: \(error.message)"))
            }
        }
    }

    mutating func checkTogether() {
        guard problems.isEmpty else { return }
        for conflict in result.conflicts() {
            let place = places[conflict.key]
            problems.append(
                ConfigurationProblem(
                    source: place?.source ?? file, line: place?.line, key: conflict.key, message: conflict.message))
        }
    }

    private mutating func report(_ assignment: ConfigurationAssignment, _ message: String) {
        problems.append(
            ConfigurationProblem(
                source: assignment.source, line: assignment.line, key: assignment.key, message: message))
    }

    private mutating func notice(_ assignment: ConfigurationAssignment, _ message: String) {
        notices.append(
            ConfigurationProblem(
                source: assignment.source, line: assignment.line, key: assignment.key, message: message))
    }
}
