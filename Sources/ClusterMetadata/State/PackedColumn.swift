/// One column of whole numbers in a packed chunk: at the width that its values need.
///
/// Where all are equal the value is kept once and a row takes nothing. Otherwise a row takes a code of 1 to 64 bits: what it is
/// above the column's least value, or, where that is less, its place in the list of the column's distinct values. So a version,
/// a term or an id that few rows have costs those few, and sizes take the bits that they have.
///
/// Two words say where and how: the least value, or the word where the list begins; and from the lowest bit on the bit where
/// the codes begin (32), their width (8), and how many distinct values are listed (24), 0 without a list. The list is right
/// before the codes, which begin with a word. Reading a code takes in the word after it: a chunk ends with one to spare.
package struct PackedColumn {
    /// Of the whole, before the heads of the columns.
    package static let leadWords = 2
    static let headWords = 2

    let base: Int64
    let place: UInt64

    @inline(__always)
    package init(_ column: Int, in words: UnsafePointer<UInt64>) {
        let head = words + Self.leadWords + column * Self.headWords
        base = Int64(bitPattern: head[0])
        place = head[1]
    }

    @inline(__always) var width: Int { Int(place >> 32 & 0xFF) }
    @inline(__always) var listed: Int { Int(place >> 40) }
    /// The word where the column begins.
    var start: Int { Int(place & 0xFFFF_FFFF) / 64 - listed }
    @inline(__always) private func bit(of row: Int) -> Int { Int(place & 0xFFFF_FFFF) &+ row &* width }

    @inline(__always)
    package func value(_ row: Int, in words: UnsafePointer<UInt64>) -> Int64 {
        let width = width
        if width == 0 { return base }
        let bit = bit(of: row)
        let (word, shift) = (bit >> 6, UInt64(bit & 63))
        let code = (words[word] &>> shift | (words[word + 1] &<< 1) &<< (63 - shift)) & (~0 &>> UInt64(64 - width))
        return listed == 0
            ? base &+ Int64(bitPattern: code) : Int64(bitPattern: words[Int(base) + Int(truncatingIfNeeded: code)])
    }

    /// Words that the column takes besides its head, for so many rows.
    func wordCount(rows: Int) -> Int { listed + (rows * width + 63) / 64 }

    /// What stands for the value in the column as it is; nil where it would have to be wider.
    func code(of value: Int64, in words: UnsafePointer<UInt64>) -> UInt64? {
        if width == 0 { return value == base ? 0 : nil }
        if listed == 0 {
            let code = UInt64(bitPattern: value &- base)
            return value >= base && code <= ~0 >> UInt64(64 - width) ? code : nil
        }
        let list = UnsafeBufferPointer(start: words + Int(base), count: listed)
        return list.firstIndex(of: UInt64(bitPattern: value)).map(UInt64.init)
    }

    func put(_ code: UInt64, row: Int, in words: UnsafeMutablePointer<UInt64>) {
        guard width > 0 else { return }
        let bit = bit(of: row)
        let (word, shift, mask) = (bit >> 6, bit & 63, ~UInt64(0) >> UInt64(64 - width))
        words[word] = words[word] & ~(mask << shift) | code << shift
        if shift + width > 64 {
            let moved = 64 - shift
            words[word + 1] = words[word + 1] & ~(mask >> moved) | code >> moved
        }
    }
}
