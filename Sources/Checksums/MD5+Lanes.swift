internal import CChecksums

extension MD5 {
    /// This machine hashes `lanes` bodies in one pass; else it is two.
    static let hasLanes = cchecksums_has_md5_lanes()
    static let lanes = Int(CCHECKSUMS_MD5_LANES)

    /// Goes on with several different bodies at once, by so many whole blocks of each. None is in the middle of a block.
    /// - Parameter bodies: `lanes` of them at most, or two without lanes.
    static func advance(
        _ bodies: [(body: GroupedMD5.Body, bytes: UnsafeRawPointer)], _ blocks: Int, usesLanes: Bool
    ) {
        switch bodies.count {
        case 1: advance(bodies[0].body, bodies[0].bytes, blocks)
        case 2 where !usesLanes: advancePair(bodies, blocks)
        default: advanceLanes(bodies, blocks)
        }
        for (body, _) in bodies { body.md5.count += UInt64(blocks * blockBytes) }
    }

    private static func advance(_ body: GroupedMD5.Body, _ bytes: UnsafeRawPointer, _ blocks: Int) {
        var registers = body.md5.state
        var span = registers.mutableSpan
        span.withUnsafeMutableBufferPointer { cchecksums_md5($0.baseAddress, bytes, blocks) }
        body.md5.state = registers
    }

    private static func advancePair(
        _ bodies: [(body: GroupedMD5.Body, bytes: UnsafeRawPointer)], _ blocks: Int
    ) {
        var first = bodies[0].body.md5.state
        var second = bodies[1].body.md5.state
        var registers = first.mutableSpan
        var others = second.mutableSpan
        registers.withUnsafeMutableBufferPointer { registers in
            others.withUnsafeMutableBufferPointer { others in
                cchecksums_md5_pair(registers.baseAddress, bodies[0].bytes, others.baseAddress, bodies[1].bytes, blocks)
            }
        }
        bodies[0].body.md5.state = first
        bodies[1].body.md5.state = second
    }

    /// Lanes that are left over hash the first body's bytes once more, for nobody.
    private static func advanceLanes(
        _ bodies: [(body: GroupedMD5.Body, bytes: UnsafeRawPointer)], _ blocks: Int
    ) {
        let filled = (0..<lanes).map { bodies[$0 < bodies.count ? $0 : 0] }
        var registers = filled.flatMap { lane in (0..<4).map { lane.body.md5.state[$0] } }
        let starts = filled.map { Optional($0.bytes) }
        cchecksums_md5_lanes(&registers, starts, blocks)
        for (lane, body) in bodies.map(\.body).enumerated() {
            for register in 0..<4 { body.md5.state[register] = registers[4 * lane + register] }
        }
    }
}
