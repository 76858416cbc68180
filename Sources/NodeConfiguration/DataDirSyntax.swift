internal import TabletModel

/// Doris' syntax: `path[,medium:hdd|ssd][,capacity:GiB]`, several with ";". Its older forms too: a path that ends in
/// `.HDD` or `.SSD`, and a bare number for the capacity.
func parseStorageRoots(_ text: String) throws(ValueProblem) -> [DataDirSpec] {
    var roots: [DataDirSpec] = []
    for item in text.split(separator: ";") {
        let fields = item.split(separator: ",", omittingEmptySubsequences: false).map { trim($0) }
        guard let first = fields.first, !first.isEmpty else { continue }
        var root = DataDirSpec(path: try normalizedPath(first))
        if let medium = medium(ofSuffix: root.path) { root.medium = medium }
        for field in fields.dropFirst() { try apply(field, to: &root) }
        guard !roots.contains(where: { $0.path == root.path }) else {
            throw ValueProblem("\(root.path) stands there twice")
        }
        roots.append(root)
    }
    guard !roots.isEmpty else { throw ValueProblem("no data dir is named") }
    return roots
}

func showStorageRoots(_ roots: [DataDirSpec]) -> String {
    roots.map { root in
        var text = root.path + ",medium:" + (root.medium == .ssd ? "ssd" : "hdd")
        if let capacity = root.capacityBytes { text += ",capacity:\(capacity >> 30)" }
        return text
    }.joined(separator: ";")
}

private func normalizedPath(_ text: Substring) throws(ValueProblem) -> String {
    guard text.hasPrefix("/") else { throw ValueProblem("data dir \"\(text)\" is not an absolute path") }
    let parts = text.split(separator: "/")
    guard !parts.isEmpty else { throw ValueProblem("the root folder cannot be a data dir") }
    guard !parts.contains("..") else { throw ValueProblem("data dir \"\(text)\" contains \"..\"") }
    return "/" + parts.filter { $0 != "." }.joined(separator: "/")
}

private func medium(ofSuffix path: String) -> StorageMedium? {
    let upper = path.uppercased()
    if upper.hasSuffix(".SSD") { return .ssd }
    if upper.hasSuffix(".HDD") { return .hdd }
    return nil
}

private func apply(_ field: Substring, to root: inout DataDirSpec) throws(ValueProblem) {
    let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map { trim($0) }
    let (name, value) = parts.count == 2 ? (parts[0].lowercased(), parts[1]) : ("capacity", parts[0])
    switch name {
    case "medium":
        switch value.lowercased() {
        case "hdd": root.medium = .hdd
        case "ssd": root.medium = .ssd
        default: throw ValueProblem("medium \"\(value)\" of \(root.path) is neither hdd nor ssd")
        }
    case "capacity":
        guard parts.count == 2 || value.allSatisfy(\.isNumber) else {
            let hint = value.hasPrefix("/") ? "; several data dirs are separated by \";\"" : ""
            throw ValueProblem(
                "behind the comma of \(root.path) stands \"\(value)\", which is neither medium:… nor capacity:…\(hint)")
        }
        guard let gibibytes = Int64(value), (1...(1 << 30)).contains(gibibytes) else {
            throw ValueProblem("capacity \"\(value)\" of \(root.path) is not a whole number of GiB from 1 on")
        }
        root.capacityBytes = gibibytes << 30
    default:
        throw ValueProblem("\"\(name)\" of \(root.path) is not known; medium and capacity are")
    }
}
