/// Makes rows in new columns of rows in old ones, by a plan. No row allocates: the buffers are used again. Used by one
/// thread at a time.
///
/// Rows go by here by the million, so the loop works on plain pointers: each is within what `reserve` made room for, and
/// within the row.
final class RowReshaper {
    /// One piece of the new row: fields `first..<end`, or (`end` is 0) bytes of `texts`.
    private struct Step {
        var first = 0
        var end = 0
        var textStart = 0
        var textCount = 0
    }

    private let delimiter: UInt8
    /// The delimiter in each byte.
    private let pattern: UInt64
    private let fieldCount: Int
    private let steps: UnsafeMutableBufferPointer<Step>
    private let texts: UnsafeMutableRawBufferPointer
    /// How often a byte of the old row may come up in the new one.
    private let copies: Int
    /// Where the fields of the row begin; behind them where the next one would.
    private let starts: UnsafeMutablePointer<Int>
    private var made = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    init(_ plan: ReshapePlan) {
        delimiter = plan.delimiter
        pattern = UInt64(plan.delimiter) &* 0x0101_0101_0101_0101
        fieldCount = plan.fieldCount
        var (steps, texts): ([Step], [UInt8]) = ([], [])
        var uses = [Int](repeating: 0, count: plan.fieldCount)
        for piece in plan.pieces {
            switch piece {
            case .fields(let fields):
                steps.append(Step(first: fields.lowerBound, end: fields.upperBound))
                for field in fields { uses[field] += 1 }
            case .text(let text):
                steps.append(Step(textStart: texts.count, textCount: text.count))
                texts += text
            }
        }
        self.steps = .allocate(capacity: steps.count)
        _ = self.steps.initialize(from: steps)
        self.texts = .allocate(byteCount: max(1, texts.count), alignment: 1)
        self.texts.copyBytes(from: texts)
        copies = max(1, uses.max() ?? 1)
        starts = .allocate(capacity: plan.fieldCount + 1)
    }

    deinit {
        steps.deallocate()
        texts.deallocate()
        starts.deallocate()
        made.deallocate()
    }

    /// Calls `body` with the new row; the buffer is valid during the call only.
    func reshape(_ row: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        let found = split(row)
        // Sixteen bytes behind the end may be written, too.
        let out = reserve(row.count * copies + texts.count + steps.count + fieldCount * copies + 16)
        var end = 0
        for index in 0..<steps.count {
            let step = steps[index]
            if index > 0 { put(delimiter, out, &end) }
            guard step.end > 0 else {
                (out + end).copyMemory(from: texts.baseAddress! + step.textStart, byteCount: step.textCount)
                end += step.textCount
                continue
            }
            let present = min(step.end, found)
            if present > step.first {
                put(row, from: starts[step.first], to: starts[present] - 1, out, &end)
            }
            // Fields that the row has not are empty; the first of a piece has its delimiter already.
            for _ in 0..<(step.end - max(present, step.first + 1)) { put(delimiter, out, &end) }
        }
        if starts[found] - 1 < row.count { put(row, from: starts[found] - 1, to: row.count, out, &end) }
        try body(UnsafeRawBufferPointer(start: out, count: end))
    }

    /// - Returns: fields of the row, at most as many as there are columns.
    private func split(_ row: UnsafeRawBufferPointer) -> Int {
        let (limit, length, starts) = (fieldCount, row.count, starts)
        var (count, place) = (0, 0)
        starts[0] = 0
        while place < length {
            var hits = delimiters(in: row, from: place)
            // As many turns as there are fields: rows are alike, so the processor guesses right.
            while hits != 0 {
                count += 1
                starts[count] = place + hits.trailingZeroBitCount + 1
                if count == limit { return count }
                hits &= hits &- 1
            }
            place += 64
        }
        count += 1
        starts[count] = length + 1
        return count
    }

    /// A bit for each of the next 64 bytes that is the delimiter.
    @inline(__always)
    private func delimiters(in row: UnsafeRawBufferPointer, from start: Int) -> UInt64 {
        let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        let end = min(start + 64, row.count)
        var (place, shift) = (start, UInt64(0))
        var found: UInt64 = 0
        while place + 8 <= end {
            let bytes = UInt64(littleEndian: row.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            let others = bytes ^ pattern
            // The highest bit of each byte that is the delimiter; then these eight side by side.
            let hits = ~(((others & low) &+ low) | others | low)
            found |= (((hits >> 7) &* 0x0102_0408_1020_4080) >> 56) << shift
            place += 8
            shift += 8
        }
        while place < end {
            if row[place] == delimiter { found |= 1 << shift }
            place += 1
            shift += 1
        }
        return found
    }

    @inline(__always)
    private func put(_ byte: UInt8, _ out: UnsafeMutableRawPointer, _ end: inout Int) {
        out.storeBytes(of: byte, toByteOffset: end, as: UInt8.self)
        end += 1
    }

    /// Short pieces are most: sixteen bytes at a time, as far as the row goes; what is too much is written over by what
    /// comes next, or stands behind the new row.
    @inline(__always)
    private func put(
        _ row: UnsafeRawBufferPointer, from: Int, to: Int, _ out: UnsafeMutableRawPointer, _ end: inout Int
    ) {
        guard to > from, let base = row.baseAddress else { return }
        let count = to - from
        if count <= 64, from + (count + 15) & ~15 <= row.count {
            var offset = 0
            repeat {
                let bytes = base.loadUnaligned(fromByteOffset: from + offset, as: SIMD16<UInt8>.self)
                out.storeBytes(of: bytes, toByteOffset: end + offset, as: SIMD16<UInt8>.self)
                offset += 16
            } while offset < count
        } else {
            (out + end).copyMemory(from: base + from, byteCount: count)
        }
        end += count
    }

    private func reserve(_ count: Int) -> UnsafeMutableRawPointer {
        if let base = made.baseAddress, made.count >= count { return base }
        made.deallocate()
        made = .allocate(byteCount: max(4096, count * 2), alignment: 1)
        return made.baseAddress!
    }
}
