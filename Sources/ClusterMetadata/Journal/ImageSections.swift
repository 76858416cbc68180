internal import Checksums
internal import Platform

/// The sections of an image, read one at a time, each verified. Throws `MetadataError.imageCorrupt` or `.imageNewerFormat`,
/// which name the file; a `FileSystemError` goes through.
struct ImageSections {
    let path: String
    private let file: any ReadableFile
    private var offset: Int64 = 0
    /// Where the section begins that was read last, or that could not be.
    private(set) var sectionStart: Int64 = 0
    /// Of the sections that were read.
    private(set) var digest = ImageDigest()

    var sizeBytes: Int64 { file.sizeBytes }

    init(_ path: String, from files: any FileSystem) throws {
        self.path = path
        file = try files.open(path)
        let head = try bytes(ImageFormat.fileHeadBytes)
        guard head.starts(with: ImageFormat.magic) else { throw corrupt("it does not begin as an image") }
        let version = head.withUnsafeBytes { $0.loadBigEndian(at: ImageFormat.magic.count, as: UInt32.self) }
        guard version <= ImageFormat.version else {
            throw MetadataError.imageNewerFormat(path: path, found: version, supported: ImageFormat.version)
        }
    }

    /// What the whole file holds. Memory: one section.
    static func digest(of path: String, from files: any FileSystem) throws -> ImageDigest {
        var sections = try ImageSections(path, from: files)
        while try sections.next() != nil {}
        return sections.digest
    }

    /// Names the bytes of an image by what its end says that they are, without reading them; nil: it does not say.
    static func tag(of file: any ReadableFile) throws -> String? {
        let digestBytes = ImageDigest().bytes.count
        let count = ImageFormat.sectionHeadBytes + digestBytes + ImageFormat.checksumBytes
        guard file.sizeBytes >= Int64(count) else { return nil }
        let end = try file.read(count: count, at: file.sizeBytes - Int64(count))
        let digest = Array(end.dropFirst(ImageFormat.sectionHeadBytes).prefix(digestBytes))
        guard end == ImageFormat.frame(.end, digest) else { return nil }
        let (sections, hash) = digest.withUnsafeBytes {
            ($0.loadBigEndian(at: 0, as: UInt64.self), $0.loadBigEndian(at: 8, as: UInt64.self))
        }
        return "\(String(hash, radix: 16))-\(sections)-\(file.sizeBytes)"
    }

    /// The next section; nil behind the last one, once the end was found to be what was written.
    mutating func next() throws -> (section: ImageFormat.Section, payload: [UInt8])? {
        let start = offset
        sectionStart = start
        let head = try bytes(ImageFormat.sectionHeadBytes)
        let (kind, length) = head.withUnsafeBytes {
            ($0.loadBigEndian(at: 0, as: UInt32.self), $0.loadBigEndian(at: 4, as: UInt64.self))
        }
        // The length is not checked yet: it must not make us allocate more than the file has.
        guard length <= UInt64(file.sizeBytes - offset) else { throw corrupt("it is torn at byte \(start)") }
        let payload = try bytes(Int(length))
        let stored = try bytes(ImageFormat.checksumBytes).withUnsafeBytes { $0.loadBigEndian(at: 0, as: UInt32.self) }
        var crc = CRC32C()
        head.withUnsafeBytes { crc.update($0) }
        payload.withUnsafeBytes { crc.update($0) }
        guard crc.value == stored else {
            throw corrupt(
                "the section at byte \(start) has the checksum \(String(crc.value, radix: 16)), "
                    + "\(String(stored, radix: 16)) is stored")
        }
        guard let section = ImageFormat.Section(rawValue: kind) else {
            throw corrupt("the section at byte \(start) is of the unknown kind \(kind)")
        }
        guard section != .end else {
            try checkEnd(payload)
            return nil
        }
        digest.add(section, payload)
        return (section, payload)
    }

    private func checkEnd(_ payload: [UInt8]) throws {
        guard offset == file.sizeBytes else { throw corrupt("\(file.sizeBytes - offset) bytes follow its end") }
        // Images of older builds end without a digest.
        guard payload.isEmpty || payload == digest.bytes else {
            throw corrupt(
                "its sections are not those that its end tells of: one is missing, doubled or in another's place")
        }
    }

    private mutating func bytes(_ count: Int) throws -> [UInt8] {
        guard Int64(count) <= file.sizeBytes - offset else { throw corrupt("it is torn at byte \(offset)") }
        let bytes = try file.read(count: count, at: offset)
        offset += Int64(count)
        return bytes
    }

    func corrupt(_ reason: String) -> MetadataError { .imageCorrupt(path: path, reason: reason) }
}
