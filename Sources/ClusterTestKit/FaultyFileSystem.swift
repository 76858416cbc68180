public import Platform

/// A file system whose every operation goes through a `FaultPlan`.
public struct FaultyFileSystem: FileSystem {
    private let base: any FileSystem
    private let plan: FaultPlan

    public init(_ base: any FileSystem, plan: FaultPlan) {
        self.base = base
        self.plan = plan
    }

    public func createDirectory(_ path: String) throws {
        try change("mkdir", path) { try base.createDirectory(path) }
    }

    public func list(_ path: String) throws -> [String] { try read("list", path) { try base.list(path) } }

    public func status(_ path: String) throws -> FileStatus? { try read("status", path) { try base.status(path) } }

    public func create(_ path: String) throws -> any WritableFile {
        let file = try change("create", path) { try base.create(path) }
        return FaultyWritableFile(file, path: path, plan: plan)
    }

    public func open(_ path: String) throws -> any ReadableFile {
        let file = try read("open", path) { try base.open(path) }
        return FaultyReadableFile(file, path: path, plan: plan)
    }

    public func rename(_ source: String, to target: String) throws {
        try change("rename", target) { try base.rename(source, to: target) }
    }

    public func remove(_ path: String) throws { try change("remove", path) { try base.remove(path) } }

    public func hardLink(_ source: String, to target: String) throws {
        try change("link", target) { try base.hardLink(source, to: target) }
    }

    public func syncDirectory(_ path: String) throws {
        try change("sync folder", path) { try base.syncDirectory(path) }
    }

    public func capacity(_ path: String) throws -> Capacity { try read("capacity", path) { try base.capacity(path) } }

    public func lock(_ path: String) throws -> any FileLock { try read("lock", path) { try base.lock(path) } }

    private func change<Result>(_ name: String, _ path: String, _ body: () throws -> Result) throws -> Result {
        try plan.performFile(name, path, isChange: true, body)
    }

    private func read<Result>(_ name: String, _ path: String, _ body: () throws -> Result) throws -> Result {
        try plan.performFile(name, path, isChange: false, body)
    }
}

extension FaultPlan {
    fileprivate func performFile<Result>(
        _ name: String, _ path: String, isChange: Bool, _ body: () throws -> Result
    ) throws -> Result {
        try perform(
            FaultOperation(.file, name, path, isChange: isChange),
            failure: { FileSystemError(.io, operation: name, path: path, systemError: 5, message: "injected fault") },
            body)
    }
}

private final class FaultyWritableFile: WritableFile {
    private let base: any WritableFile
    private let path: String
    private let plan: FaultPlan

    init(_ base: any WritableFile, path: String, plan: FaultPlan) {
        self.base = base
        self.path = path
        self.plan = plan
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        try plan.performFile("append", path, isChange: true) { try base.append(bytes) }
    }

    func expectSync() { base.expectSync() }

    func sync() throws { try plan.performFile("sync", path, isChange: true) { try base.sync() } }

    func close() throws { try plan.performFile("close", path, isChange: false) { try base.close() } }
}

private final class FaultyReadableFile: ReadableFile {
    private let base: any ReadableFile
    private let path: String
    private let plan: FaultPlan

    init(_ base: any ReadableFile, path: String, plan: FaultPlan) {
        self.base = base
        self.path = path
        self.plan = plan
    }

    var sizeBytes: Int64 { base.sizeBytes }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        try plan.performFile("read", path, isChange: false) { try base.read(into: buffer, at: offset) }
    }
}
