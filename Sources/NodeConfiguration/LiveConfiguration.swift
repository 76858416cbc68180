internal import Synchronization

/// The configuration of a running daemon, some keys of which change.
public final class LiveConfiguration<Schema: ConfigurationSchema>: Sendable {
    private let values: Mutex<Schema>
    /// Held across the writing of a change, and nothing else: changes take turns, readers never wait for one.
    private let turn = Mutex<Void>(())
    private let keep: @Sendable ([(name: String, value: String)]) throws -> Void
    private let apply: @Sendable (Schema) -> Void

    /// - Parameters:
    ///   - keep: writes keys and values down for the next start, durably on return.
    ///   - apply: makes the daemon work by the values; called after each change.
    public init(
        _ values: Schema, keep: @escaping @Sendable ([(name: String, value: String)]) throws -> Void,
        apply: @escaping @Sendable (Schema) -> Void
    ) {
        self.values = Mutex(values)
        self.keep = keep
        self.apply = apply
    }

    public var current: Schema { values.withLock { $0 } }

    /// Takes all of the changes, or none. On return they are in force and, with `persists`, survive a restart.
    public func change(
        _ changes: [(name: String, value: String)], persists: Bool = false
    ) throws(ConfigurationChangeRefusal) {
        let refusal = turn.withLock { _ -> ConfigurationChangeRefusal? in
            do throws(ConfigurationChangeRefusal) {
                let changed = try current.changed(changes)
                if persists {
                    try persist(changes.map { change in (change.name, Schema.key(named: change.name)!.read(changed)) })
                }
                values.withLock { $0 = changed }
                apply(changed)
                return nil
            } catch {
                return error
            }
        }
        if let refusal { throw refusal }
    }

    private func persist(_ changes: [(name: String, value: String)]) throws(ConfigurationChangeRefusal) {
        // A value is put in as it is read back, and these two can't be.
        for change in changes where change.value.contains("${") || change.value.contains(where: \.isNewline) {
            throw ConfigurationChangeRefusal([change.name: "a value with \"${\" or a line end can't be kept"])
        }
        do {
            try keep(changes)
        } catch {
            let reason = "not changed, since it can't be kept: \(error)"
            throw ConfigurationChangeRefusal(Dictionary(changes.map { ($0.name, reason) }) { first, _ in first })
        }
    }
}

/// Why keys keep their values, by key: those that can't be changed so, and not those that could.
public struct ConfigurationChangeRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    public let reasons: [String: String]

    init(_ reasons: [String: String]) { self.reasons = reasons }

    public var description: String {
        reasons.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
    }
}

extension ConfigurationSchema {
    /// These values with those of a running daemon's keys changed.
    func changed(_ changes: [(name: String, value: String)]) throws(ConfigurationChangeRefusal) -> Self {
        var result = self
        var reasons: [String: String] = [:]
        for change in changes {
            guard let key = Self.key(named: change.name) else {
                reasons[change.name] = "there is no such key" + Self.suggestion(for: change.name)
                continue
            }
            guard key.isRuntime else {
                reasons[change.name] = "it can't be changed while the daemon runs; set it in the file, and restart"
                continue
            }
            do {
                try key.write(&result, change.value)
            } catch {
                let unit = key.unit.isEmpty ? "" : " " + key.unit
                reasons[change.name] = "\(error.message) (allowed: \(key.allowed)\(unit))"
            }
        }
        guard reasons.isEmpty else { throw ConfigurationChangeRefusal(reasons) }
        let conflicts = result.conflicts()
        guard conflicts.isEmpty else {
            throw ConfigurationChangeRefusal(
                Dictionary(conflicts.map { ($0.key, $0.message) }) { first, _ in first })
        }
        return result
    }
}
