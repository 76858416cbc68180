internal import Platform

/// What is here of an image that another frontend has.
public struct ImagePart: Hashable, Sendable {
    /// Names the image's bytes, as their owner does: other bytes have another one.
    public var tag: String
    public var sizeBytes: Int64
}

/// What comes: the bytes behind those that are here already, or all of them.
public struct ImageHead: Hashable, Sendable {
    /// Place of the first byte that comes; 0: they come from the first.
    public var offset: Int64
    /// nil: their owner names them not, so that they can't be gone on with.
    public var tag: String?

    public init(offset: Int64, tag: String?) {
        self.offset = offset
        self.tag = tag
    }
}

/// An image did not come to its end, and may when its owner is asked again: what is here of it is kept.
public struct ImageBreak: Error, CustomStringConvertible {
    public var description: String
    public init(_ reason: String) { description = reason }
}

/// An image on its way from elsewhere. Until it is whole it lies in `image.{log id}.{tag}.part`, by which it is gone on with when
/// the connection breaks, or this process ends; without a tag in `image.{log id}.part`, which is of no use later. One thread.
final class IncomingImage {
    private static let suffix = ".part"

    private let images: ImageStore
    private let logID: Int64
    private let limitBytes: Int64
    private var file: (any WritableFile)?
    private var path: String?
    private var tag: String?
    private(set) var sizeBytes: Int64 = 0
    /// Some of it was written by an earlier receipt, which may have ended in a crash.
    private(set) var isOld = false

    /// Takes up what is left of this image, and removes what is left of others.
    init(_ logID: Int64, limitBytes: Int64, in images: ImageStore) throws {
        self.images = images
        self.logID = logID
        self.limitBytes = limitBytes
        for name in try images.files.list(images.folder) where name.hasSuffix(Self.suffix) {
            let path = "\(images.folder)/\(name)"
            if tag == nil, let found = Self.tag(of: name, logID: logID) {
                (tag, self.path, isOld) = (found, path, true)
                sizeBytes = try images.files.status(path)?.sizeBytes ?? 0
            } else {
                try images.files.remove(path)
            }
        }
    }

    /// Removes what is left of images that are no newer than this one.
    static func removeLeft(upTo logID: Int64, in images: ImageStore) throws {
        for name in try images.files.list(images.folder) where name.hasSuffix(suffix) {
            let number = name.split(separator: ".").dropFirst().first.flatMap { Int64($0) }
            if number.map({ $0 <= logID }) ?? true { try images.files.remove("\(images.folder)/\(name)") }
        }
    }

    /// What the owner need not send again.
    var part: ImagePart? {
        guard let tag, sizeBytes > 0 else { return nil }
        return ImagePart(tag: tag, sizeBytes: sizeBytes)
    }

    /// An answer begins.
    /// - Throws: `PeerRefusal.badImage`: what comes does not go on where this ends.
    func begin(_ head: ImageHead) throws {
        guard head.offset > 0 else { return try beginAnew(head.tag) }
        guard head == part.map({ ImageHead(offset: $0.sizeBytes, tag: $0.tag) }) else {
            throw PeerRefusal.badImage(
                "the answer begins at byte \(head.offset) of \(head.tag ?? "something"), which was not asked for")
        }
        if file == nil { try reopen() }
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        guard sizeBytes + Int64(bytes.count) <= limitBytes else {
            throw PeerRefusal.badImage(
                "it is longer than \(limitBytes) bytes, which is more than an image of ours can have")
        }
        guard let file else { throw PeerRefusal.badImage("nobody said what comes") }
        try file.append(bytes)
        sizeBytes += Int64(bytes.count)
    }

    /// Everything came. - Returns: where it lies; its bytes are durable, its name is not.
    func finish() throws -> String {
        guard let path else { throw PeerRefusal.badImage("nothing came") }
        try close()
        return path
    }

    /// No more comes now: what is here is kept for a later receipt, if that can go on with it.
    func suspend() throws {
        guard tag != nil else { return try discard() }
        try close()
        try images.files.syncDirectory(images.folder)
    }

    /// Nothing of it is left.
    func discard() throws {
        try file?.close()
        let left = path
        (file, path, tag, sizeBytes, isOld) = (nil, nil, nil, 0, false)
        if let left, try images.files.exists(left) { try images.files.remove(left) }
    }

    private func close() throws {
        try file?.sync()
        try file?.close()
        file = nil
    }

    private func beginAnew(_ told: String?) throws {
        try discard()
        let tag = told.flatMap { Self.isUsable($0) ? $0 : nil }
        let path = images.path(logID) + (tag.map { "." + $0 } ?? "") + Self.suffix
        file = try images.files.create(path)
        (self.path, self.tag) = (path, tag)
    }

    /// A file is written once, front to back: what an earlier receipt wrote is copied.
    private func reopen() throws {
        guard let path else { return }
        let old = path + ".old" + Self.suffix
        try images.files.rename(path, to: old)
        let (source, copy) = (try images.files.open(old), try images.files.create(path))
        file = copy
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var copied: Int64 = 0
        while copied < sizeBytes {
            let count = try source.read(into: buffer, at: copied)
            guard count > 0 else { throw PeerRefusal.failed("\(old) became shorter") }
            try copy.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            copied += Int64(count)
        }
        try images.files.remove(old)
    }

    // MARK: Names

    /// `image.{log id}.{tag}.part` → tag
    private static func tag(of name: String, logID: Int64) -> String? {
        let prefix = "image.\(logID)."
        let isNamedSo = name.hasPrefix(prefix) && name.hasSuffix(suffix) && name.count > prefix.count + suffix.count
        guard isNamedSo else { return nil }
        let tag = String(name.dropFirst(prefix.count).dropLast(suffix.count))
        return isUsable(tag) ? tag : nil
    }

    private static let tagLimit = 100

    /// It comes from elsewhere, and becomes part of a file's name.
    private static func isUsable(_ tag: String) -> Bool {
        !tag.isEmpty && tag.utf8.count <= tagLimit
            && tag.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) || $0 == UInt8(ascii: "-") }
    }
}
