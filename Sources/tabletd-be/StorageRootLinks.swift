import Glibc
import NodeConfiguration
import TabletModel

/// One folder under two paths, by way of links: the second would find the lock of the first, and say that another process
/// has it. A path that does not lead anywhere is told of when it is opened.
///
/// - Throws: `ConfigurationProblem` that names both paths.
func checkThatRootsDiffer(_ roots: [DataDirSpec], source: String) throws {
    var pathByFolder: [String: String] = [:]
    for root in roots {
        guard let buffer = realpath(root.path, nil) else { continue }
        defer { free(buffer) }
        let folder = String(cString: buffer)
        if let other = pathByFolder[folder] {
            throw ConfigurationProblem(
                source: source, line: nil, key: "storage_root_path",
                message: "\(other) and \(root.path) are one folder, \(folder): name it once")
        }
        pathByFolder[folder] = root.path
    }
}
