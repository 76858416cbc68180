import ArgumentParser
import ClusterMetadata
import Foundation
import LocalFileSystem
import Platform
import RocksDBStore
import Synchronization

/// The meta dir that a command looks into.
struct MetaFolderOption: ParsableArguments {
    @Option(help: "The folder meta_dir of an FE that does not run, or a copy of it.")
    var metaDir: String?

    var path: String {
        get throws {
            guard let metaDir else {
                throw CLIError.usage("give --meta-dir DIR: the meta_dir of an FE that does not run, or a copy of it")
            }
            return absolutePath(metaDir)
        }
    }

    func open() throws -> MetadataFolder { try openMetaFolder(path) }
}

func absolutePath(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

/// To be called within `explainingMetadata`.
func openMetaFolder(_ path: String) throws -> MetadataFolder {
    try MetadataFolder(path, files: LocalFileSystem(), stores: RocksDBStoreOpener())
}

/// Errors of a meta dir as ends of the command.
func explainingMetadata<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as CLIError {
        throw error
    } catch let error as FileSystemError where error.code == .locked {
        throw CLIError.failed(
            "\(path) is in use (\(error.message)); ask the FE itself (`meta info`, `meta stats` without --meta-dir), stop it, or "
                + "look into a copy of the folder (docs/operations.md says how to make one)")
    } catch let error as FileSystemError where error.code == .notFound {
        throw CLIError.notFound("\(error)")
    } catch {
        throw CLIError.failed("\(error)")
    }
}

/// Bars for the stages of a long look, drawn once it has taken a second.
final class StageBar: Sendable {
    private struct State {
        var stage = ""
        var bar: ProgressBar?
    }

    private let began = monotonicSeconds()
    private let state = Mutex(State())

    var progress: InspectionProgress {
        InspectionProgress { [self] stage, done, total in
            guard monotonicSeconds() - began >= 1 else { return }
            state.withLock { state in
                if state.stage != stage {
                    state.bar?.finish()
                    state = State(stage: stage, bar: ProgressBar(stage))
                }
                state.bar?.update(done: done, total: total, note: total == 0 ? "…" : "")
            }
        }
    }

    func finish() { state.withLock { $0.bar?.finish() } }
}

/// Lines to standard output, many at a time.
final class LineOutput {
    private var buffer: [UInt8] = []

    func line(_ text: String) {
        buffer.append(contentsOf: text.utf8)
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= 1 << 16 { flush() }
    }

    func flush() {
        buffer.withUnsafeBytes { Terminal.output($0) }
        buffer.removeAll(keepingCapacity: true)
    }
}
