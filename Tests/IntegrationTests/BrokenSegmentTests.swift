import CurlHTTP
import Foundation
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// Bytes of a segment that went wrong under a running BE.
    @Suite struct BrokenSegmentTests {
        /// Blocks of a few kilobytes, so that a segment has several.
        private func withSegment(_ body: (DrivenBackends, _ path: String) throws -> Void) throws {
            try DrivenBackends.run(settings: ["segment_block_bytes": "4096"]) { driven in
                try driven.create(10)
                var state: UInt64 = 7
                let rows = (0..<20_000).map { row -> String in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return "\(row),\(String(state, radix: 36))\n"
                }.joined()
                try driven.load(rows, into: 10, 7, as: 2)
                let file = try #require(try driven.backend.segmentFiles().first)
                try body(driven, "\(driven.backend.storageFolder)/data/\(file)")
            }
        }

        private func flipByte(of path: String, at part: Double) throws {
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            bytes[Int(Double(bytes.count) * part)] ^= 0x40
            try bytes.write(to: URL(fileURLWithPath: path))
        }

        @Test func aCorruptFirstBlockIsAnErrorThatNamesFileAndBlock() throws {
            try withSegment { driven, path in
                try flipByte(of: path, at: 0.001)
                let answer = try driven.backend.read(10)
                let text = String(decoding: answer.body, as: UTF8.self)
                #expect(answer.status == 500 && text.contains("block 0"), "\(text)")
                #expect(text.contains(try #require(path.split(separator: "/").last)))
            }
        }

        @Test func aCorruptLaterBlockCutsTheAnswerOffAndStandsInTheLog() throws {
            try withSegment { driven, path in
                try flipByte(of: path, at: 0.8)
                let failure = #expect(throws: HTTPTransferError.self) {
                    try driven.backend.read(10)
                }
                #expect(failure?.code == .truncated || failure?.code == .reset)
                try driven.backend.daemon.waitForLog("an answer broke off")
                let log = driven.backend.daemon.log(from: 0)
                let line = log.split(separator: "\n").first { $0.contains("an answer broke off") } ?? ""
                #expect(line.contains(path) && line.contains("block"), "\(line)")
            }
        }
    }
}
