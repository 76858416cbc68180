public import Foundation

/// Finds the programs that the tests talk to.
public enum ServerBinary {
    /// The environment variable, else `.venv/bin` under the package's root, else `PATH`.
    /// - Throws: `FixtureError` that says how to install it. Tests fail then; they never skip.
    public static func find(_ name: String, variable: String) throws -> URL {
        let environment = ProcessInfo.processInfo.environment
        if let named = environment[variable], !named.isEmpty {
            guard FileManager.default.isExecutableFile(atPath: named) else {
                throw FixtureError("\(variable) names \(named), which is no program: correct it or run scripts/setup")
            }
            return URL(fileURLWithPath: named)
        }
        let folders = [packageRoot + "/.venv/bin"] + (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        for folder in folders where FileManager.default.isExecutableFile(atPath: folder + "/" + name) {
            return URL(fileURLWithPath: folder + "/" + name)
        }
        throw FixtureError("\(name) is not in .venv/bin nor in PATH: run scripts/setup (or set \(variable))")
    }

    /// Three folders above this file.
    public static var packageRoot: String {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        return root.path
    }
}
