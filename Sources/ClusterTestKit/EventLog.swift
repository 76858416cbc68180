public import Logging
internal import Platform
internal import Synchronization
internal import TabletModel

/// Collects log lines of a simulated cluster, one a line, with simulated time in front and metadata in key order, so
/// that the same seed gives the same bytes. Any thread.
public final class EventLog: Sendable {
    private let entries = Mutex<[String]>([])
    private let scheduler: ManualScheduler?
    private let echo: (@Sendable (String) -> Void)?

    /// - Parameters:
    ///   - scheduler: whose time goes in front of each line; without it lines have none.
    ///   - echo: also called with each line, for watching a run.
    public init(scheduler: ManualScheduler? = nil, echo: (@Sendable (String) -> Void)? = nil) {
        self.scheduler = scheduler
        self.echo = echo
    }

    /// A logger for one node; its label stands in each line.
    public func logger(_ label: String, level: Logger.Level = .debug) -> Logger {
        Logger(label: label) { label in EventLogHandler(label: label, log: self, logLevel: level) }
    }

    /// Adds a line of the harness itself: "crash be1", "restart be1".
    public func note(_ text: String) { add("harness notice " + text) }

    public var lines: [String] { entries.withLock { $0 } }
    public var text: String { lines.joined(separator: "\n") + "\n" }
    public func lines(containing part: String) -> [String] { lines.filter { $0.contains(part) } }
    public func clear() { entries.withLock { $0 = [] } }

    fileprivate func add(_ text: String) {
        var line = text
        if let scheduler {
            let milliseconds = scheduler.monotonicNow.nanoseconds / 1_000_000
            line = "\(milliseconds)ms " + text
        }
        entries.withLock { $0.append(line) }
        echo?(line)
    }
}

private struct EventLogHandler: LogHandler {
    let label: String
    let log: EventLog
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        var line = "\(label) \(event.level.rawValue) \(event.message)"
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(value)" }
        if let error = event.error { line += " error=\(error)" }
        log.add(line)
    }
}
