internal import CChecksums

/// How this machine computes CRC-32C: with the processor's instruction where there is one (some 15 GB/s), else by tables
/// (some 1.5 GB/s).
///
/// `@unchecked Sendable`: nothing writes to the table after `init`, and it is never freed.
struct Castagnoli: @unchecked Sendable {
    private let tables: SlicedCRC
    /// nil: by tables.
    private let laneShift: UnsafePointer<UInt32>?

    init(usesInstruction: Bool = true) {
        tables = SlicedCRC(reflectedPolynomial: 0x82F6_3B78)
        laneShift = usesInstruction ? Self.makeLaneShift() : nil
    }

    private static func makeLaneShift() -> UnsafePointer<UInt32>? {
        guard cchecksums_has_crc32c() else { return nil }
        let table = UnsafeMutablePointer<UInt32>.allocate(capacity: 4 * 256)
        cchecksums_make_lane_shift(table)
        return UnsafePointer(table)
    }

    /// The register (inverted value) after the bytes.
    func advance(_ state: UInt32, over bytes: UnsafeRawBufferPointer) -> UInt32 {
        if let laneShift, let start = bytes.baseAddress {
            return cchecksums_crc32c(state, start, bytes.count, laneShift)
        }
        return tables.advance(state, over: bytes)
    }
}
