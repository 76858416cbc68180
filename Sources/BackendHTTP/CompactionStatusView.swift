internal import StorageEngine
internal import TabletModel

/// `/api/compaction/show`: what compaction has done of a tablet and what it would find. Keys and lines are Doris'; a time is
/// empty when it is not known (`CompactionLog`).
struct CompactionStatusView: Encodable, Sendable {
    struct Path: Encodable, Sendable {
        var pathID: String
        var lastCreateTime: String
        var pathList: String

        private enum CodingKeys: String, CodingKey {
            case pathID = "path id"
            case lastCreateTime = "last create time"
            case pathList = "path list"
        }
    }

    var policy: String
    var cumulativePoint: Int64
    var lastCumulativeFailure: String
    var lastBaseFailure: String
    var lastCumulativeSuccess: String
    var lastBaseSuccess: String
    var rowsets: [String]
    var missingRowsets: [String]
    var staleRowsets: [String]
    var stalePaths: [Path]

    private enum CodingKeys: String, CodingKey {
        case policy = "cumulative policy type"
        case cumulativePoint = "cumulative point"
        case lastCumulativeFailure = "last cumulative failure time"
        case lastBaseFailure = "last base failure time"
        case lastCumulativeSuccess = "last cumulative success time"
        case lastBaseSuccess = "last base success time"
        case rowsets
        case missingRowsets = "missing_rowsets"
        case staleRowsets = "stale_rowsets"
        case stalePaths = "stale version path"
    }

    init(_ tablet: Tablet, _ times: CompactionLog.Times) {
        let header = tablet.header
        let graph = tablet.versionGraph
        policy = header.options.compactionPolicy ?? "size_based"
        cumulativePoint = header.cumulativePoint.rawValue
        lastCumulativeFailure = dorisTime(times.failure[.cumulative])
        lastBaseFailure = dorisTime(times.failure[.base])
        lastCumulativeSuccess = dorisTime(times.success[.cumulative])
        lastBaseSuccess = dorisTime(times.success[.base])
        rowsets = tablet.rowsets.map { Self.line($0.meta) }
        staleRowsets = tablet.staleRowsets.map { Self.line($0.meta) }
        missingRowsets = graph.missing.map(Self.text)
        stalePaths = graph.stalePaths.map { path in
            let steps = path.edges.map { " -> " + Self.text($0.versions) }
            return Path(
                pathID: String(path.id), lastCreateTime: dorisTime(path.staleAt) + " +0000",
                pathList: "\(path.id)" + steps.joined())
        }
    }

    private static func line(_ meta: RowsetMeta) -> String {
        let kind = meta.deletePredicate == nil ? "DATA" : "DELETE"
        let overlap = meta.segments.count > 1 ? "OVERLAPPING" : "NONOVERLAPPING"
        return
            "\(text(meta.versions)) \(meta.segments.count) \(kind) \(overlap) \(meta.id) \(dorisSize(meta.sizeBytes))"
    }

    private static func text(_ versions: VersionRange) -> String {
        "[\(versions.start.rawValue)-\(versions.end.rawValue)]"
    }
}

/// `2026-01-31 18:13:43.224` in UTC; empty for none.
func dorisTime(_ time: UnixTime?) -> String {
    guard let time else { return "" }
    let (days, ofDay) = time.milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
    let (year, month, day) = civilDate(days)
    let (hour, minute, second) = (ofDay / 3_600_000, ofDay / 60_000 % 60, ofDay / 1000 % 60)
    let date = "\(year)-\(padded(month, 2))-\(padded(day, 2))"
    return "\(date) \(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2)).\(padded(ofDay % 1000, 3))"
}

/// The Gregorian date of a day counted from 1970, which is not before it.
private func civilDate(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    // Years that begin in March, in eras of 400, have their leap day last.
    let shifted = days + 719_468
    let era = shifted / 146_097
    let ofEra = shifted % 146_097
    let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * ofYear + 2) / 153
    let day = ofYear - (153 * month + 2) / 5 + 1
    let number = month < 10 ? month + 3 : month - 9
    return (yearOfEra + era * 400 + (number <= 2 ? 1 : 0), number, day)
}

private func padded(_ number: Int64, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
}

/// `574.00 MB`.
func dorisSize(_ bytes: Int64) -> String {
    let units = ["B", "KB", "MB", "GB", "TB"]
    var (value, unit) = (Double(bytes), 0)
    while value >= 1024, unit + 1 < units.count { (value, unit) = (value / 1024, unit + 1) }
    let hundredths = Int64((value * 100).rounded())
    return "\(hundredths / 100).\(padded(hundredths % 100, 2)) \(units[unit])"
}
