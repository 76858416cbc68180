/// Tables of plain values that stay where they are until it goes away, so that those who read them a million times a second
/// count no references.
final class FlatMemory {
    private var blocks: [UnsafeMutableRawPointer] = []

    deinit {
        for block in blocks { block.deallocate() }
    }

    func copy<Value: BitwiseCopyable>(_ values: [Value]) -> UnsafeBufferPointer<Value> {
        guard !values.isEmpty else { return UnsafeBufferPointer(start: nil, count: 0) }
        let place: UnsafeMutablePointer<Value> = allocate(values.count)
        place.initialize(from: values, count: values.count)
        return UnsafeBufferPointer(start: place, count: values.count)
    }

    /// Not initialized.
    func allocate<Value: BitwiseCopyable>(_ count: Int) -> UnsafeMutablePointer<Value> {
        let place = UnsafeMutablePointer<Value>.allocate(capacity: count)
        blocks.append(UnsafeMutableRawPointer(place))
        return place
    }
}
