internal import Platform
internal import Synchronization

/// Idle zstd contexts. A call takes one or makes one; at most `idleLimit` stay.
final class ContextPool: Sendable {
    /// `@unchecked Sendable`: a context is used by the call that took it out of the pool, and by no other.
    private struct Context: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private static let idleLimit = 16

    private let idle = Mutex<[Context]>([])
    private let create: @Sendable () -> OpaquePointer?
    private let free: @Sendable (OpaquePointer) -> Void

    init(create: @escaping @Sendable () -> OpaquePointer?, free: @escaping @Sendable (OpaquePointer) -> Void) {
        self.create = create
        self.free = free
    }

    deinit {
        for context in idle.withLock({ $0 }) { free(context.pointer) }
    }

    func withContext<Result>(_ body: (OpaquePointer) throws -> Result) throws -> Result {
        let context = try take()
        defer { giveBack(context) }
        return try body(context.pointer)
    }

    private func take() throws -> Context {
        if let context = idle.withLock({ $0.popLast() }) { return context }
        guard let made = create() else { throw CompressionError(message: "no memory for a zstd context") }
        return Context(pointer: made)
    }

    private func giveBack(_ context: Context) {
        let isKept = idle.withLock { idle in
            guard idle.count < Self.idleLimit else { return false }
            idle.append(context)
            return true
        }
        if !isKept { free(context.pointer) }
    }
}
