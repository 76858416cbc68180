internal import Foundation

/// Runs two sides by turns, and who goes first changes: what the machine does meanwhile meets both.
func takingTurns<First, Second>(
    runs: Int, _ first: () throws -> First, _ second: () throws -> Second
) rethrows -> (first: [First], second: [Second]) {
    var (firsts, seconds): ([First], [Second]) = ([], [])
    for run in 0..<max(1, runs) {
        if run % 2 == 1 { seconds.append(try second()) }
        firsts.append(try first())
        if run % 2 == 0 { seconds.append(try second()) }
    }
    return (firsts, seconds)
}

/// Runs `body` in a folder of its own, and removes it.
/// - Parameter parent: nil: the temporary folder.
func inWorkFolder<Value>(for bench: String, in parent: String?, _ body: (String) throws -> Value) throws -> Value {
    let parent = parent ?? FileManager.default.temporaryDirectory.path
    let work = parent + "/tabletd-bench-\(bench)-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
    defer {
        do {
            try FileManager.default.removeItem(atPath: work)
        } catch {
            FileHandle.standardError.write(Data("could not remove \(work): \(error)\n".utf8))
        }
    }
    return try body(work)
}
