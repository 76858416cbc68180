internal import Glibc
internal import LocalFileSystem
public import NodeConfiguration
internal import Platform

/// Loads a daemon's configuration file and overrides of the command line.
/// - Throws: `ConfigurationError` with every problem, each with file, line, key and what is allowed.
public func loadConfiguration<Schema: ConfigurationSchema>(
    _ schema: Schema.Type, path: String, overrides: [String]
) throws -> (configuration: Schema, notices: [ConfigurationProblem]) {
    let absolute = path.hasPrefix("/") ? path : currentDirectory() + "/" + path
    let bytes: [UInt8]
    do {
        bytes = try LocalFileSystem().readAll(absolute, limit: 1 << 20)
    } catch {
        throw ConfigurationError(problems: [
            ConfigurationProblem(source: path, line: nil, key: "", message: "can't be read: \(error)")
        ])
    }
    return try Schema.load(
        text: String(decoding: bytes, as: UTF8.self), file: path, overrides: overrides,
        home: defaultHome(configurationPath: absolute), environment: { getenv($0).map { String(cString: $0) } })
}

private func currentDirectory() -> String {
    guard let buffer = getcwd(nil, 0) else { return "" }
    defer { free(buffer) }
    return String(cString: buffer)
}

/// Prints to standard error, for what must be seen before logging is set up.
public func complain(_ text: String) {
    var text = text + "\n"
    text.withUTF8 { bytes in
        // Nobody is left to tell when standard error is gone.
        _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count)
    }
}
