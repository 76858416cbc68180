internal import Glibc
internal import LocalFileSystem
public import NodeConfiguration
internal import Platform

/// Loads a daemon's configuration file and overrides of the command line.
/// - Parameter checksOnly: nothing is started: what a start can live with is a problem, too.
/// - Throws: `ConfigurationError` with every problem, each with file, line, key and what is allowed.
public func loadConfiguration<Schema: ConfigurationSchema>(
    _ schema: Schema.Type, path: String, overrides: [String], checksOnly: Bool = false
) throws -> (configuration: Schema, notices: [ConfigurationProblem]) {
    let absolute = absolutePath(path)
    let bytes: [UInt8]
    do {
        bytes = try LocalFileSystem().readAll(absolute, limit: 1 << 20)
    } catch {
        throw ConfigurationError(problems: [
            ConfigurationProblem(source: path, line: nil, key: "", message: "can't be read: \(error)")
        ])
    }
    let kept = ChangedKeysFile(besideConfiguration: absolute)
    let changes: String
    do {
        changes = try kept.read()
    } catch {
        throw ConfigurationError(problems: [
            ConfigurationProblem(source: kept.path, line: nil, key: "", message: "can't be read: \(error)")
        ])
    }
    let loaded = try Schema.load(
        text: String(decoding: bytes, as: UTF8.self), file: path,
        kept: changes.isEmpty ? nil : (changes, kept.path), overrides: overrides,
        home: defaultHome(configurationPath: absolute), environment: { getenv($0).map { String(cString: $0) } })
    let named = loaded.configuration.namedFiles
    let found =
        named.compactMap { named in problem(with: named).map { (key: named.key, message: $0) } }
        + problems(with: named.filter { $0.use == .dataDir }, checksOnly: checksOnly)
    guard found.isEmpty else {
        throw ConfigurationError(
            problems: found.map { ConfigurationProblem(source: path, line: nil, key: $0.key, message: $0.message) })
    }
    return loaded
}

/// Why a file that the configuration names can't do; nil when it can.
private func problem(with named: NamedFile) -> String? {
    let files = LocalFileSystem()
    switch named.use {
    case .certificates:
        let text: String
        do {
            text = String(decoding: try files.readAll(named.path, limit: 16 << 20), as: UTF8.self)
        } catch {
            return "\(named.path) can't be read: \(error)"
        }
        return text.contains("-----BEGIN CERTIFICATE-----")
            ? nil : "\(named.path) holds no certificate in PEM (-----BEGIN CERTIFICATE-----)"
    case .written:
        var found = stat()
        let folder = parentDirectory(of: named.path)
        guard stat(folder, &found) == 0 else {
            return
                "the folder \(folder) is not there: \(String(cString: strerror(errno))); make it, or name another file"
        }
        return found.st_mode & S_IFMT == S_IFDIR ? nil : "\(folder) is no folder"
    case .dataDir: return nil
    }
}

func absolutePath(_ path: String) -> String { path.hasPrefix("/") ? path : currentDirectory() + "/" + path }

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
