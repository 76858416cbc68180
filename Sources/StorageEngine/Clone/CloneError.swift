public import TabletModel

/// Why a clone, or one of its sources, failed. Each says which source and file; none says the cluster's token.
public enum CloneError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No heartbeat has told the cluster's token yet.
    case noToken(TabletID)
    /// The source refused the snapshot.
    case refused(source: String, status: String)
    case badHeader(source: String, reason: String)
    case fileMissing(source: String, file: String)
    case download(source: String, file: String, offset: Int64, reason: String)
    case truncated(source: String, file: String, expected: Int64, got: Int64)
    case tooLong(source: String, file: String, expected: Int64)
    case checksum(source: String, file: String, expected: UInt32, got: UInt32)
    case deadline(TabletID, source: String, file: String, offset: Int64)
    /// What all sources together could not give; each with why.
    case incomplete(TabletID, upTo: Version, missing: VersionSet, reasons: [String])
    case noVersions(TabletID, reasons: [String])
    /// Cold rowsets of the source name a storage resource that is not known here: they could not be read.
    case unknownResource(TabletID, name: String)

    public var description: String {
        switch self {
        case .noToken(let id):
            "clone of tablet \(id): the cluster's token is not known before the first heartbeat: try again"
        case .refused(let source, let status): "source \(source) makes no snapshot: \(status)"
        case .badHeader(let source, let reason): "source \(source): \(reason)"
        case .fileMissing(let source, let file): "source \(source) does not list file \(file)"
        case .download(let source, let file, let offset, let reason):
            "source \(source), file \(file) at byte \(offset): \(reason)"
        case .truncated(let source, let file, let expected, let got):
            "source \(source), file \(file): it ended after \(got) of \(expected) bytes"
        case .tooLong(let source, let file, let expected):
            "source \(source), file \(file): it is longer than its \(expected) bytes"
        case .checksum(let source, let file, let expected, let got):
            "source \(source), file \(file): its checksum is \(String(got, radix: 16)), not "
                + "\(String(expected, radix: 16))"
        case .deadline(let id, let source, let file, let offset):
            "clone of tablet \(id) ran out of time: source \(source), file \(file) at byte \(offset)"
        case .incomplete(let id, let version, let missing, let reasons):
            "clone of tablet \(id) up to version \(version): still missing \(missing)" + Self.list(reasons)
        case .noVersions(let id, let reasons):
            "clone of tablet \(id): no source has a version of it" + Self.list(reasons)
        case .unknownResource(let id, let name):
            "clone of tablet \(id): its cold rows are in storage resource \(name), which this backend does not know: it "
                + "waits until the master has sent it"
        }
    }

    private static func list(_ reasons: [String]) -> String {
        reasons.isEmpty ? "" : " (" + reasons.joined(separator: "; ") + ")"
    }

    public var statusCode: StatusCode {
        switch self {
        case .noToken, .unknownResource: .serviceUnavailable
        case .refused, .download, .truncated, .fileMissing: .networkError
        case .badHeader, .tooLong, .checksum: .corruption
        case .deadline: .timeout
        case .incomplete, .noVersions: .internalError
        }
    }
}
