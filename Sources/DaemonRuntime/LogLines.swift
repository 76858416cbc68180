internal import ByteText
internal import Glibc
public import Logging
public import NodeConfiguration
internal import Synchronization

/// Writes log events of a daemon: one greppable line each, `key=value` at its end, or one JSON object.
public struct LogLines: LogHandler {
    public var metadata: Logger.Metadata = [:]
    /// That of the process, unless a logger has its own.
    public var logLevel: Logger.Level {
        get { own ?? Self.level(Self.processLevel.withLock { $0 }) }
        set { own = newValue }
    }
    public var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let format: LogSettings.Format
    private let output: LogOutput
    private var own: Logger.Level?

    private static let processLevel = Mutex(LogSettings.Level.info)

    /// A logger with a level of its own.
    public init(label: String, settings: LogSettings, output: LogOutput) {
        self.init(label: label, format: settings.format, output: output, own: Self.level(settings.level))
    }

    private init(label: String, format: LogSettings.Format, output: LogOutput, own: Logger.Level?) {
        self.label = label
        self.format = format
        self.output = output
        self.own = own
    }

    /// Lines below this level are not written from now on.
    public static func change(level: LogSettings.Level) { processLevel.withLock { $0 = level } }

    /// Sends swift-log's events of this process where the settings say.
    /// - Throws: `LogOutputError` when the log file can't be opened.
    public static func bootstrap(_ settings: LogSettings) throws {
        let output = try LogOutput(path: settings.file)
        LogOutput.installed.withLock { $0 = output }
        change(level: settings.level)
        LoggingSystem.bootstrap { LogLines(label: $0, format: settings.format, output: output, own: nil) }
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let given = event.metadata { all.merge(given) { $1 } }
        let fields = all.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value.description) }
        let time = timestamp()
        let line =
            switch format {
            case .text: textLine(time, event.level, event.message.description, fields)
            case .json: jsonLine(time, event.level, event.message.description, fields)
            }
        output.write(line)
    }

    private func textLine(
        _ time: String, _ level: Logger.Level, _ message: String, _ fields: [(key: String, value: String)]
    ) -> String {
        var line = "\(time) \(level.rawValue.uppercased()) \(label): \(oneLine(message))"
        for field in fields { line += " \(field.key)=\(quoted(field.value))" }
        return line + "\n"
    }

    private func jsonLine(
        _ time: String, _ level: Logger.Level, _ message: String, _ fields: [(key: String, value: String)]
    ) -> String {
        var line = #"{"time":"\#(time)","level":"\#(level.rawValue)","logger":\#(jsonText(label))"#
        line += #","message":\#(jsonText(message))"#
        for field in fields { line += ",\(jsonText(field.key)):\(jsonText(field.value))" }
        return line + "}\n"
    }

    private static func level(_ level: LogSettings.Level) -> Logger.Level {
        switch level {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .warning: .warning
        case .error: .error
        case .fatal: .critical
        }
    }
}

/// Where lines go: standard error or a file opened for appending, so that logrotate's copytruncate works, and its moving
/// and SIGHUP as well.
public final class LogOutput: Sendable {
    /// What the process logs to, once it was set up.
    static let installed = Mutex<LogOutput?>(nil)

    private let path: String
    private let descriptor: Int32
    private let turn = Mutex<Void>(())

    /// - Parameter path: empty = standard error.
    public init(path: String) throws {
        self.path = path
        descriptor = path.isEmpty ? STDERR_FILENO : try LogOutput.openFile(path)
    }

    private static func openFile(_ path: String) throws(LogOutputError) -> Int32 {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            throw LogOutputError(description: "log_file \(path) can't be opened: \(String(cString: strerror(errno)))")
        }
        return descriptor
    }

    /// Opens the file anew under its name; lines of other threads go to the old one or the new one, whole. When it can't be
    /// opened, the old one goes on.
    func reopen() throws(LogOutputError) {
        guard !path.isEmpty else { return }
        let fresh = try LogOutput.openFile(path)
        defer { close(fresh) }
        guard dup2(fresh, descriptor) >= 0, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
            throw LogOutputError(
                description: "log_file \(path) can't be taken up: \(String(cString: strerror(errno)))")
        }
    }

    static func reopenInstalled(_ logger: Logger) {
        guard let output = installed.withLock({ $0 }) else { return }
        do {
            try output.reopen()
            logger.notice("SIGHUP: the log file was opened anew")
        } catch {
            logger.error("SIGHUP: the log goes on in the old file", metadata: ["reason": "\(error)"])
        }
    }

    func write(_ line: String) {
        var line = line
        turn.withLock { _ in
            line.withUTF8 { bytes in
                var rest = UnsafeRawBufferPointer(bytes)
                while !rest.isEmpty {
                    let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                    // A log that can't be written must not end what it tells of: the line is lost.
                    guard count > 0 else { if errno == EINTR { continue } else { return } }
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                }
            }
        }
    }
}

public struct LogOutputError: Error, Sendable, CustomStringConvertible {
    public let description: String
}

/// Local-independent: 2026-11-21T09:32:14.123Z.
private func timestamp() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    gmtime_r(&now.tv_sec, &parts)
    return padded(parts.tm_year + 1900, 4) + "-" + padded(parts.tm_mon + 1, 2) + "-" + padded(parts.tm_mday, 2) + "T"
        + padded(parts.tm_hour, 2) + ":" + padded(parts.tm_min, 2) + ":" + padded(parts.tm_sec, 2) + "."
        + padded(Int32(now.tv_nsec / 1_000_000), 3) + "Z"
}

private func padded(_ value: Int32, _ width: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
}

/// A value as one word: in quotes when it holds blanks, quotes or control characters.
func quoted(_ value: String) -> String {
    let isPlain = !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x7F }
    return isPlain ? value : jsonText(value)
}

/// No line break of a message may make a second line.
private func oneLine(_ text: String) -> String {
    text.utf8.contains { $0 < 0x20 } ? String(text.map { $0.isNewline ? " " : $0 }) : text
}

func jsonText(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case let control where control.value < 0x20:
            result += "\\u" + Hexadecimal.text(control.value, digits: 4)
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
