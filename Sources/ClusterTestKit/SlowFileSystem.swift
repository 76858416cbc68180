public import Platform

/// A file system that takes its time: `pause` runs before each operation, on the caller's thread.
///
/// Not before `capacity` and `lock`, which ask the kernel and not the disk.
public struct SlowFileSystem: FileSystem {
    private let base: any FileSystem
    private let pause: @Sendable () -> Void

    public init(_ base: any FileSystem, pause: @escaping @Sendable () -> Void) {
        self.base = base
        self.pause = pause
    }

    private func slowly<Result>(_ body: () throws -> Result) rethrows -> Result {
        pause()
        return try body()
    }

    public func createDirectory(_ path: String) throws { try slowly { try base.createDirectory(path) } }
    public func list(_ path: String) throws -> [String] { try slowly { try base.list(path) } }
    public func status(_ path: String) throws -> FileStatus? { try slowly { try base.status(path) } }
    public func isSymbolicLink(_ path: String) throws -> Bool { try slowly { try base.isSymbolicLink(path) } }

    public func create(_ path: String) throws -> any WritableFile {
        SlowWritableFile(base: try slowly { try base.create(path) }, pause: pause)
    }

    public func open(_ path: String) throws -> any ReadableFile {
        SlowReadableFile(base: try slowly { try base.open(path) }, pause: pause)
    }

    public func rename(_ source: String, to target: String) throws {
        try slowly { try base.rename(source, to: target) }
    }

    public func remove(_ path: String) throws { try slowly { try base.remove(path) } }
    public func hardLink(_ source: String, to target: String) throws {
        try slowly { try base.hardLink(source, to: target) }
    }
    public func syncDirectory(_ path: String) throws { try slowly { try base.syncDirectory(path) } }
    public func capacity(_ path: String) throws -> Capacity { try base.capacity(path) }
    public func lock(_ path: String) throws -> any FileLock { try base.lock(path) }
}

private final class SlowWritableFile: WritableFile {
    private let base: any WritableFile
    private let pause: @Sendable () -> Void

    init(base: any WritableFile, pause: @escaping @Sendable () -> Void) {
        self.base = base
        self.pause = pause
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        pause()
        try base.append(bytes)
    }

    func expectSync() { base.expectSync() }

    func sync() throws {
        pause()
        try base.sync()
    }

    func close() throws { try base.close() }
}

private final class SlowReadableFile: ReadableFile {
    private let base: any ReadableFile
    private let pause: @Sendable () -> Void

    init(base: any ReadableFile, pause: @escaping @Sendable () -> Void) {
        self.base = base
        self.pause = pause
    }

    var sizeBytes: Int64 { base.sizeBytes }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        pause()
        return try base.read(into: buffer, at: offset)
    }
}
