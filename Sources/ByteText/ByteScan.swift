internal import CByteScan

/// Looks for one byte among many.
package enum ByteScan {
    /// `places` must have room for so many numbers more than there are bytes.
    package static let slack = 64

    /// Writes where the byte stands, ascending. - Returns: how often it does.
    package static func places(
        of wanted: UInt8, in bytes: UnsafeRawBufferPointer, into places: UnsafeMutablePointer<UInt32>
    ) -> Int {
        guard let start = bytes.baseAddress else { return 0 }
        return byte_scan_places(start.assumingMemoryBound(to: UInt8.self), bytes.count, wanted, places)
    }
}
