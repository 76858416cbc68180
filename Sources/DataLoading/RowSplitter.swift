internal import ByteText
internal import Checksums

/// Cuts a stream of bytes into lines and says into which bucket each goes. A struct over bytes: no I/O, no time.
///
/// A row is what stands before a newline (or before the end of the file), opaque; an empty line is no row. The bucket is
/// CRC-32 (zlib) of the distribution field modulo the number of buckets. There is no quoting: a delimiter always separates,
/// and a carriage return before the newline belongs to the last field. A byte order mark at the very start, which Windows'
/// programs write, is not part of the first row.
struct RowSplitter {
    enum Failure: Error, Hashable {
        /// The line has fewer fields than the distribution column needs. Lines count from 1, the header included.
        case missingField(line: Int64, fields: Int)
        case lineTooLong(line: Int64, limitBytes: Int)
    }

    let delimiter: UInt8
    let column: Int
    let buckets: Int
    let lineLimitBytes: Int
    private var skipsNextLine: Bool
    private var splitter = LineSplitter()
    /// Lines met so far.
    private(set) var lines: Int64 = 0

    init(delimiter: UInt8, column: Int, buckets: Int, skipHeader: Bool, lineLimitBytes: Int = 1 << 20) {
        self.delimiter = delimiter
        self.column = column
        self.buckets = buckets
        self.lineLimitBytes = lineLimitBytes
        skipsNextLine = skipHeader
    }

    /// Calls `row` for every line that is whole now. The buffer is valid during the call only.
    mutating func append(
        _ bytes: UnsafeRawBufferPointer, _ row: (_ bucket: Int, _ line: UnsafeRawBufferPointer) throws -> Void
    ) throws {
        // Taken out, so that the closure may change the rest.
        var splitter = splitter
        self.splitter = LineSplitter()
        try splitter.add(bytes) { try take($0, row) }
        guard splitter.unfinishedBytes <= lineLimitBytes else {
            throw Failure.lineTooLong(line: lines + 1, limitBytes: lineLimitBytes)
        }
        self.splitter = splitter
    }

    /// The file ended: a last line needs no newline.
    mutating func finish(_ row: (_ bucket: Int, _ line: UnsafeRawBufferPointer) throws -> Void) throws {
        var splitter = splitter
        try splitter.finish { try take($0, row) }
        self.splitter = splitter
    }

    private mutating func take(
        _ line: UnsafeRawBufferPointer, _ row: (_ bucket: Int, _ line: UnsafeRawBufferPointer) throws -> Void
    ) throws {
        lines += 1
        guard line.count < lineLimitBytes else { throw Failure.lineTooLong(line: lines, limitBytes: lineLimitBytes) }
        if skipsNextLine {
            skipsNextLine = false
            return
        }
        var line = line
        if lines == 1, line.starts(with: byteOrderMark) {
            line = UnsafeRawBufferPointer(rebasing: line[byteOrderMark.count...])
        }
        if line.isEmpty || (line.count == 1 && line[0] == carriageReturn) { return }
        try row(bucket(of: line), line)
    }

    private func bucket(of line: UnsafeRawBufferPointer) throws -> Int {
        var start = 0
        var field = 0
        let end = line.count
        while field < column {
            guard let next = line[start..<end].firstIndex(of: delimiter) else {
                throw Failure.missingField(line: lines, fields: field + 1)
            }
            start = next + 1
            field += 1
        }
        let fieldEnd = line[start..<end].firstIndex(of: delimiter) ?? end
        return Int(crc32(UnsafeRawBufferPointer(rebasing: line[start..<fieldEnd])) % UInt32(buckets))
    }
}

private let carriageReturn = UInt8(ascii: "\r")
private let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
