internal import Glibc

/// Objects that Swift allocates while `body` runs: instances, boxes, closure contexts, and the storage of arrays, sets,
/// dictionaries and strings, all of which come from the runtime's `swift_allocObject`. Counted by its own hook for
/// instruments, which stands before the allocator meanwhile; so what is counted is not what is timed. Raw
/// `UnsafeMutablePointer.allocate` passes it by. One thread at a time.
/// - Throws: `BenchError` when the runtime has no such hook.
@inline(never)
func allocationCount(_ body: () throws -> Void) throws -> Int {
    guard let enabled = dlsym(nil, "_swift_enableSwizzlingOfAllocationAndRefCountingFunctions_forInstrumentsOnly"),
        let hook = dlsym(nil, "_swift_allocObject")
    else { throw BenchError("this Swift runtime can't count allocations: its hook for instruments is gone") }
    let allocator = hook.assumingMemoryBound(to: AllocateObject.self)
    originalAllocator = allocator.pointee
    counter = 0
    allocator.pointee = { metadata, size, alignment in
        counter += 1
        return originalAllocator?(metadata, size, alignment)
    }
    enabled.storeBytes(of: 1, as: UInt8.self)
    defer {
        enabled.storeBytes(of: 0, as: UInt8.self)
        if let originalAllocator { allocator.pointee = originalAllocator }
    }
    try body()
    return counter
}

private typealias AllocateObject = @convention(c) (UnsafeRawPointer?, Int, Int) -> UnsafeMutableRawPointer?

// Touched by the one thread that counts.
nonisolated(unsafe) private var counter = 0
nonisolated(unsafe) private var originalAllocator: AllocateObject?
