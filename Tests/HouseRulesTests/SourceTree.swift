import Foundation

/// The package's own Swift files, as text.
struct SourceTree {
    struct File {
        var target: String
        var path: String
        var lines: [Substring]

        /// Module names of the file's imports.
        var imports: [String] {
            lines.compactMap { line in
                var words = line.split(separator: " ")
                let levels: Set<Substring> = ["public", "package", "internal"]
                while let first = words.first, levels.contains(first) || first.hasPrefix("@") {
                    words.removeFirst()
                }
                guard words.first == "import", words.count >= 2 else { return nil }
                let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
                let name = kinds.contains(words[1]) ? words[2] : words[1]
                return String(name.split(separator: ".")[0])
            }
        }
    }

    private let root: URL
    let files: [File]
    let targets: Set<String>
    let testTargets: Set<String>

    init() throws {
        root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let sources = root.appendingPathComponent("Sources")
        var files: [File] = []
        var targets: Set<String> = []
        for target in try FileManager.default.contentsOfDirectory(atPath: sources.path) {
            targets.insert(target)
            let folder = sources.appendingPathComponent(target)
            for case let path as String in FileManager.default.enumerator(atPath: folder.path) ?? .init()
            where path.hasSuffix(".swift") {
                let text = try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                files.append(File(target: target, path: "\(target)/\(path)", lines: lines))
            }
        }
        self.files = files
        self.targets = targets
        testTargets = Set(
            try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("Tests").path))
    }

    /// - Parameter path: below the package's folder.
    func text(of path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }
}
