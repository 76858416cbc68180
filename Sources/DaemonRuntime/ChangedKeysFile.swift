internal import LocalFileSystem
internal import NodeConfiguration
internal import Platform

/// The file that keeps keys which were changed while a daemon ran: `be_custom.conf` beside `be.conf`, as in Doris.
public struct ChangedKeysFile: Sendable {
    public let path: String

    /// - Parameter configuration: the daemon's configuration file, as its command line names it.
    public init(besideConfiguration configuration: String) {
        let absolute = absolutePath(configuration)
        let folder = parentDirectory(of: absolute)
        let name = absolute.split(separator: "/").last.map(String.init) ?? ""
        let stem = name.hasSuffix(".conf") ? String(name.dropLast(5)) : name
        path = (folder == "/" ? "" : folder) + "/\(stem)_custom.conf"
    }

    /// Empty when there is none.
    func read() throws -> String {
        let files = LocalFileSystem()
        guard try files.exists(path) else { return "" }
        return String(decoding: try files.readAll(path, limit: 1 << 20), as: UTF8.self)
    }

    /// Durable on return; a crash leaves the file before or the file after.
    public func set(_ changes: [(name: String, value: String)]) throws {
        var keys = ChangedKeys(try read())
        keys.set(changes)
        try LocalFileSystem().replaceFile(path, with: Array(keys.text.utf8))
    }
}
