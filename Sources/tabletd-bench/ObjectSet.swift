internal import Foundation

/// One set of equal files to upload.
struct ObjectSet: Hashable, Sendable {
    let name: String
    let objectBytes: Int
    let count: Int

    static let large = ObjectSet(name: "1g", objectBytes: 1 << 30, count: 1)
    static let middle = ObjectSet(name: "4m", objectBytes: 4 << 20, count: 200)
    static let small = ObjectSet(name: "16k", objectBytes: 16 << 10, count: 2000)
    /// The order of a round: small ones first, since some servers slow down on them the longer they run.
    static let all = [small, middle, large]

    var totalMiB: Double { Double(objectBytes) * Double(count) / 1_048_576 }

    func path(of index: Int, in folder: String) -> String { "\(folder)/\(name)/\(index).bin" }

    /// Makes the files that are not there. Afterwards they are in the page cache, as a fresh segment is.
    func makeFiles(in folder: String) throws {
        try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        for index in 0..<count {
            let path = path(of: index, in: folder)
            guard try !isComplete(path) else { continue }
            try write(path, seed: UInt64(index))
        }
    }

    private func isComplete(_ path: String) throws -> Bool {
        guard FileManager.default.fileExists(atPath: path) else { return false }
        return try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int == objectBytes
    }

    /// Bytes that do not compress, other ones in each file.
    private func write(_ path: String, seed: UInt64) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw BenchError("can't create \(path)") }
        defer { handle.closeFile() }
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        var block = [UInt64](repeating: 0, count: 2048)
        for _ in 0..<objectBytes / (block.count * 8) {
            for index in block.indices {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                block[index] = state
            }
            try block.withUnsafeBytes { try handle.write(contentsOf: Data($0)) }
        }
    }
}
