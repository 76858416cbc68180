/// `/api/be_version_info`. What a build does not know of itself is empty.
struct BuildVersionView: Encodable, Sendable {
    var dorisBuildVersionPrefix: String
    var dorisBuildVersionMajor: Int
    var dorisBuildVersionMinor: Int
    var dorisBuildVersionPatch: Int
    var dorisBuildVersionRcVersion = ""
    var dorisBuildVersion: String
    var dorisBuildHash = ""
    var dorisBuildShortHash = ""
    var dorisBuildTime = ""
    var dorisBuildInfo = ""

    /// - Parameter version: a name and up to three numbers: `tabletd-0.1.0`.
    init(_ version: String) {
        let parts = version.split(separator: "-", maxSplits: 1)
        let numbers = parts.count == 2 ? parts[1].split(separator: ".").map { Int($0) ?? 0 } : []
        dorisBuildVersionPrefix = parts.first.map(String.init) ?? ""
        dorisBuildVersionMajor = numbers.first ?? 0
        dorisBuildVersionMinor = numbers.dropFirst().first ?? 0
        dorisBuildVersionPatch = numbers.dropFirst(2).first ?? 0
        dorisBuildVersion = version
    }
}
