internal import LocalFileSystem
internal import Platform

/// Tells others the ports that this process bound, when the configuration left the choice to the system (port 0):
/// a JSON object of configuration keys and ports, complete from the moment the file is there.
public struct PortsFile: Sendable {
    private let path: String

    /// - Parameter path: empty = write none.
    public init(path: String) { self.path = path }

    public func write(_ ports: [(key: String, port: Int)]) throws {
        guard !path.isEmpty else { return }
        let fields = ports.map { "\(jsonText($0.key)): \($0.port)" }.joined(separator: ", ")
        try LocalFileSystem().replaceFile(path, with: Array("{\(fields)}\n".utf8))
    }
}
