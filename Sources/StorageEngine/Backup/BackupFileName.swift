internal import ByteText
internal import TabletModel

/// An object of a backup, as Doris names it: `{file}.{md5 in hex}`.
struct BackupFileName: Hashable, CustomStringConvertible {
    /// A segment's name or `{tablet_id}.hdr`.
    let file: String
    /// 32 lower-case digits.
    let md5: String

    init(file: String, md5: [UInt8]) {
        self.file = file
        self.md5 = Hexadecimal.text(md5)
    }

    /// nil for any other text: whatever else lies in the folder is none of ours.
    init?(_ text: some StringProtocol) {
        guard let dot = text.lastIndex(of: ".") else { return nil }
        let digits = text[text.index(after: dot)...]
        let isDigest =
            digits.utf8.count == 32
            && digits.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        guard isDigest, Self.isSnapshotFile(text[..<dot]) else { return nil }
        file = String(text[..<dot])
        md5 = String(digits)
    }

    var description: String { "\(file).\(md5)" }
    var isHeader: Bool { file.hasSuffix(Self.headerSuffix) }

    static let headerSuffix = ".hdr"

    /// What a snapshot's folder holds: segments, and the header of some tablet.
    static func isSnapshotFile(_ name: some StringProtocol) -> Bool {
        if name.hasSuffix(headerSuffix) {
            let id = name.dropLast(headerSuffix.count)
            return TabletID(text: id).map { $0.description == id } ?? false
        }
        return DataDirLayout.rowset(ofSegmentName: name) != nil
    }
}
