/// What part of a file a `Range` header asks for.
enum RequestedRange: Equatable {
    case whole
    case part(Range<Int64>)
    /// Nothing of it is in the file: 416.
    case unsatisfiable

    /// One range of bytes is served. Anything else that the header may say is ignored, as HTTP allows.
    init(_ header: String?, sizeBytes: Int64) {
        self = .whole
        guard let header, header.hasPrefix("bytes="), !header.contains(",") else { return }
        let ends = header.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else { return }
        switch (Int64(ends[0]), Int64(ends[1])) {
        case (let first?, let last?):
            guard first <= last else { return }
            self = first < sizeBytes ? .part(first..<(min(last, sizeBytes - 1) + 1)) : .unsatisfiable
        case (let first?, nil) where ends[1].isEmpty:
            self = first < sizeBytes ? .part(first..<sizeBytes) : .unsatisfiable
        case (nil, let count?) where ends[0].isEmpty:
            self = count > 0 && sizeBytes > 0 ? .part(max(0, sizeBytes - count)..<sizeBytes) : .unsatisfiable
        default: return
        }
    }
}
