/// How an object is cut into parts.
struct MultipartPlan: Hashable, Sendable {
    static let maximumParts: Int64 = 10_000
    static let maximumObjectBytes: Int64 = 5 << 40

    let objectBytes: Int64
    let partBytes: Int64

    /// - Parameter partBytes: the wanted size; doubled until `maximumParts` are enough.
    init(objectBytes: Int64, partBytes: Int64) {
        var size = partBytes
        while (objectBytes + size - 1) / size > MultipartPlan.maximumParts { size *= 2 }
        self.objectBytes = objectBytes
        self.partBytes = size
    }

    var partCount: Int { Int((objectBytes + partBytes - 1) / partBytes) }

    /// - Parameter index: from 0; S3 counts from 1.
    func range(of index: Int) -> Range<Int64> {
        let start = Int64(index) * partBytes
        return start..<min(start + partBytes, objectBytes)
    }
}
