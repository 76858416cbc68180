internal import Glibc
internal import NodeConfiguration

/// What is wrong with the folders that a daemon wants for itself, links followed. Two paths that lead to one folder are: the
/// second would find the lock of the first, and say that another process has it.
///
/// A link that leads nowhere is one only for who asks to have the configuration checked. At a start it is a disk that is not
/// mounted, which does not keep the others from working.
func problems(with folders: [NamedFile], checksOnly: Bool) -> [(key: String, message: String)] {
    var found: [(key: String, message: String)] = []
    var pathByFolder: [String: String] = [:]
    for folder in folders {
        guard let buffer = realpath(folder.path, nil) else {
            if checksOnly, let message = brokenLink(on: folder.path) { found.append((folder.key, message)) }
            continue
        }
        defer { free(buffer) }
        let real = String(cString: buffer)
        if let other = pathByFolder[real] {
            found.append((folder.key, "\(other) and \(folder.path) are one folder, \(real): name it once"))
        } else {
            pathByFolder[real] = folder.path
        }
    }
    return found
}

/// What the path says when one of its parts is a link that leads nowhere; nil when none is.
private func brokenLink(on path: String) -> String? {
    var part = ""
    for name in path.split(separator: "/") {
        part += "/" + name
        var own = stat()
        var target = stat()
        guard lstat(part, &own) == 0 else { return nil }
        guard own.st_mode & S_IFMT == S_IFLNK, stat(part, &target) != 0 else { continue }
        let reason = String(cString: strerror(errno))
        let way = part == path ? "\(path) is a link" : "\(path) leads over the link \(part)"
        return "\(way) to \(destination(of: part)): \(reason); mount its disk, or mend the link"
    }
    return nil
}

private func destination(of link: String) -> String {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes { bytes in
        bytes.withMemoryRebound(to: CChar.self) { readlink(link, $0.baseAddress!, $0.count) }
    }
    let text = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
    return text.isEmpty ? "nowhere" : text
}
