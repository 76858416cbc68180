import Glibc
import NodeConfiguration
import Testing

/// The committed documents are what the key tables make. `TABLETD_WRITE_DOCUMENTS=1` writes them instead of comparing.
struct ConfigurationDocumentTests {
    @Test(arguments: ["etc/be.conf", "etc/fe.conf", "docs/config.md"])
    func committedDocumentIsInStepWithTheTable(_ name: String) throws {
        let wanted =
            switch name {
            case "etc/be.conf": ConfigurationDocuments.backendFile
            case "etc/fe.conf": ConfigurationDocuments.frontendFile
            default: ConfigurationDocuments.reference
            }
        let path = repositoryRoot() + "/" + name
        if getenv("TABLETD_WRITE_DOCUMENTS") != nil { try write(wanted, path) }
        let isSame = try readText(path) == wanted
        #expect(isSame, "\(name) is not what the table makes: run the tests with TABLETD_WRITE_DOCUMENTS=1")
    }

    @Test func theCommittedFilesLoad() throws {
        let be = try readText(repositoryRoot() + "/etc/be.conf")
        let fe = try readText(repositoryRoot() + "/etc/fe.conf")
        _ = try BackendConfiguration.load(text: be, file: "etc/be.conf", home: "/h", environment: { _ in nil })
        _ = try FrontendConfiguration.load(text: fe, file: "etc/fe.conf", home: "/h", environment: { _ in nil })
        // With every key taken out of its comment they still load.
        for (text, isBackend) in [(be, true), (fe, false)] {
            let open = text.split(separator: "\n").map { line in
                line.hasPrefix("# ") && isAssignment(line.dropFirst(2))
                    ? String(line.dropFirst(2)) : String(line)
            }.joined(separator: "\n")
            if isBackend {
                _ = try BackendConfiguration.load(text: open, file: "be", home: "/h", environment: { _ in nil })
            } else {
                _ = try FrontendConfiguration.load(text: open, file: "fe", home: "/h", environment: { _ in nil })
            }
        }
    }

    /// `some_key = …`: a comment's text has blanks before its "=".
    private func isAssignment(_ line: Substring) -> Bool {
        guard let blank = line.firstIndex(of: " ") else { return false }
        return line[blank...].hasPrefix(" =")
    }

    private func write(_ text: String, _ path: String) throws {
        let file = try #require(fopen(path, "w"), "\(path) cannot be written")
        let bytes = Array(text.utf8)
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
        #expect(fclose(file) == 0)
    }
}
