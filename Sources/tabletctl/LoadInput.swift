import CurlHTTP
import Foundation
import Glibc
import LocalFileSystem
import Platform
import Synchronization

/// What `tabletctl load` sends: a file, whose size is known, or what a pipe or standard input gives.
struct LoadInput {
    let body: HTTPBody
    let finish: @Sendable () -> Void

    /// - Throws: `CLIError` when the file can't be opened.
    init(file: String, json: Bool) throws {
        let bar = ProgressBar("send \(file)", json: json)
        let path = URL(fileURLWithPath: file).path
        if file != "-", try LoadInput.isRegular(path) {
            let source: any ReadableFile
            do {
                source = try LocalFileSystem().open(path)
            } catch {
                throw CLIError.usage("can't open the file to load: \(error)")
            }
            let sent = SentSource(FileSource(source), bar: bar)
            body = .source(sent, range: 0..<sent.sizeBytes)
            finish = { sent.finish() }
        } else {
            // Open until the program ends: it loads one file.
            let descriptor = file == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw LoadInput.cannotOpen(path) }
            let sent = SentStream(descriptor, bar: bar)
            body = .stream(sent)
            finish = { sent.finish() }
        }
    }

    private static func isRegular(_ path: String) throws -> Bool {
        var found = stat()
        guard stat(path, &found) == 0 else { throw cannotOpen(path) }
        guard found.st_mode & S_IFMT != S_IFDIR else {
            throw CLIError.usage("\(path) is a folder; load one file at a time")
        }
        return found.st_mode & S_IFMT == S_IFREG
    }

    private static func cannotOpen(_ path: String) -> CLIError {
        .usage("can't open the file to load: \(path): \(String(cString: strerror(errno)))")
    }
}

/// A source that draws how much of it was read.
private final class SentSource: ObjectSource {
    private let base: any ObjectSource
    private let bar: Mutex<(bar: ProgressBar, furthest: Int64)>

    init(_ base: any ObjectSource, bar: ProgressBar) {
        self.base = base
        self.bar = Mutex((bar, 0))
    }

    var sizeBytes: Int64 { base.sizeBytes }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws {
        try base.read(into: buffer, at: offset)
        let size = sizeBytes
        bar.withLock { state in
            state.furthest = max(state.furthest, offset + Int64(buffer.count))
            state.bar.update(
                done: state.furthest, total: size, note: "\(formatBytes(state.furthest)) of \(formatBytes(size))")
        }
    }

    func finish() { bar.withLock { $0.bar.finish() } }
}

/// What a descriptor gives, as it comes; draws how much of it was read.
private final class SentStream: HTTPBodyStream {
    private let descriptor: Int32
    private let state: Mutex<(bar: ProgressBar, bytes: Int64)>

    init(_ descriptor: Int32, bar: ProgressBar) {
        self.descriptor = descriptor
        state = Mutex((bar, 0))
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw CLIError.failed("reading what to load: \(String(cString: strerror(errno)))") }
            state.withLock { state in
                state.bytes += Int64(count)
                state.bar.update(done: 0, total: 0, note: formatBytes(state.bytes))
            }
            return count
        }
    }

    func finish() { state.withLock { $0.bar.finish() } }
}
