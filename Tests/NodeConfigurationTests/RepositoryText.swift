import Glibc
import Testing

/// The folder of Package.swift, from this file's place in it; the path may go through a link.
func repositoryRoot() -> String {
    var path = #filePath
    if let real = realpath(path, nil) {
        path = String(cString: real)
        free(real)
    }
    return path.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
}

func readText(_ path: String) throws -> String {
    let file = try #require(fopen(path, "r"), "\(path) cannot be read")
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    return String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
}
