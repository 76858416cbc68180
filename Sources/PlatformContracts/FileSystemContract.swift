public import Platform

/// What every `FileSystem` does. One case, one check; each wants a folder of its own that exists and is empty.
public enum FileSystemContract: String, CaseIterable, Sendable {
    case writesAndReadsBack
    case readsAtAnyOffset
    case refusesToCreateWhatExists
    case createNeedsItsFolder
    case makesFoldersWithParents
    case listsSortedNames
    case statusOfFileFolderAndNothing
    case renameReplacesFile
    case renameMovesFolder
    case renameRefusesFolderInTheWay
    case renameOfNothingIsNotFound
    case removesFilesAndEmptyFoldersOnly
    case hardLinkSharesBytes
    case lockIsExclusiveUntilReleased
    case capacityIsSensible
    case closedFileRefusesAppend
    case closingTwiceIsFine
    case replaceFileLeavesNoTemporary
    case removeTreeRemovesAll
    case largeFileSurvivesManyAppends
    case syncOfMissingFolderIsNotFound
    case aFileThatExpectsItsSyncIsLikeAnyOther

    public func check(_ files: any FileSystem, root: String) throws {
        switch self {
        case .writesAndReadsBack:
            try write("hello", to: root + "/a", files)
            try requireEqual(try files.readAll(root + "/a"), bytes("hello"), "content")
        case .readsAtAnyOffset:
            try write("0123456789", to: root + "/a", files)
            let file = try files.open(root + "/a")
            try requireEqual(file.sizeBytes, 10, "size")
            try requireEqual(try file.read(count: 3, at: 4), bytes("456"), "bytes at 4")
            var buffer = [UInt8](repeating: 0, count: 8)
            let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0, at: 7) }
            try requireEqual(count, 3, "bytes up to the end")
            let beyond = try buffer.withUnsafeMutableBytes { try file.read(into: $0, at: 100) }
            try requireEqual(beyond, 0, "bytes beyond the end")
        case .refusesToCreateWhatExists:
            try write("x", to: root + "/a", files)
            try fails(.alreadyExists, "create of an existing file") { _ = try files.create(root + "/a") }
        case .createNeedsItsFolder:
            try fails(.notFound, "create in a missing folder") { _ = try files.create(root + "/no/a") }
            try fails(.notFound, "open of nothing") { _ = try files.open(root + "/a") }
        case .makesFoldersWithParents:
            try files.createDirectory(root + "/a/b/c")
            try files.createDirectory(root + "/a/b/c")
            try requireEqual(try files.status(root + "/a/b/c")?.isDirectory, true, "is a folder")
            try write("x", to: root + "/f", files)
            try fails(.alreadyExists, "folder where a file is") { try files.createDirectory(root + "/f") }
        case .listsSortedNames:
            for name in ["b", "a", "c10", "c9"] { try write("", to: root + "/" + name, files) }
            try requireEqual(try files.list(root), ["a", "b", "c10", "c9"], "names")
            try fails(.notFound, "list of nothing") { _ = try files.list(root + "/no") }
        case .statusOfFileFolderAndNothing: try checkStatus(files, root)
        case .renameReplacesFile:
            try write("old", to: root + "/a", files)
            try write("new", to: root + "/b", files)
            try files.rename(root + "/b", to: root + "/a")
            try requireEqual(try files.readAll(root + "/a"), bytes("new"), "content")
            try requireEqual(try files.list(root), ["a"], "names")
        case .renameMovesFolder:
            try files.createDirectory(root + "/a/in")
            try write("x", to: root + "/a/in/f", files)
            try files.createDirectory(root + "/t")
            try files.rename(root + "/a", to: root + "/t/b")
            try requireEqual(try files.readAll(root + "/t/b/in/f"), bytes("x"), "content")
            try requireEqual(try files.list(root), ["t"], "names")
        case .renameRefusesFolderInTheWay:
            try files.createDirectory(root + "/a")
            try files.createDirectory(root + "/b")
            try write("x", to: root + "/f", files)
            try fails(.alreadyExists, "folder over folder") { try files.rename(root + "/a", to: root + "/b") }
            try fails(.alreadyExists, "file over folder") { try files.rename(root + "/f", to: root + "/b") }
            try fails(.alreadyExists, "folder over file") { try files.rename(root + "/a", to: root + "/f") }
        case .renameOfNothingIsNotFound:
            try fails(.notFound, "rename of nothing") { try files.rename(root + "/a", to: root + "/b") }
        case .removesFilesAndEmptyFoldersOnly:
            try files.createDirectory(root + "/d")
            try write("x", to: root + "/d/f", files)
            try fails(.notEmpty, "remove of a full folder") { try files.remove(root + "/d") }
            try files.remove(root + "/d/f")
            try files.remove(root + "/d")
            try fails(.notFound, "remove of nothing") { try files.remove(root + "/d") }
        case .hardLinkSharesBytes:
            try write("x", to: root + "/a", files)
            try files.hardLink(root + "/a", to: root + "/b")
            try files.remove(root + "/a")
            try requireEqual(try files.readAll(root + "/b"), bytes("x"), "content under the second name")
            try write("y", to: root + "/c", files)
            try fails(.alreadyExists, "link over a name") { try files.hardLink(root + "/b", to: root + "/c") }
            try fails(.notFound, "link of nothing") { try files.hardLink(root + "/no", to: root + "/e") }
        case .lockIsExclusiveUntilReleased: try checkLock(files, root)
        case .capacityIsSensible:
            let capacity = try files.capacity(root)
            try require(capacity.totalBytes > 0, "no total capacity")
            try require((0...capacity.totalBytes).contains(capacity.availableBytes), "available \(capacity)")
        case .closedFileRefusesAppend:
            let file = try files.create(root + "/a")
            try file.close()
            try fails(.io, "append after close") { try append("x", file) }
            try fails(.io, "sync after close") { try file.sync() }
        case .closingTwiceIsFine:
            let file = try files.create(root + "/a")
            try append("x", file)
            try file.close()
            try file.close()
            try requireEqual(try files.readAll(root + "/a"), bytes("x"), "content")
        case .replaceFileLeavesNoTemporary:
            try files.replaceFile(root + "/a", with: bytes("1"))
            try files.replaceFile(root + "/a", with: bytes("2"))
            try requireEqual(try files.readAll(root + "/a"), bytes("2"), "content")
            try requireEqual(try files.list(root), ["a"], "names")
        case .removeTreeRemovesAll:
            try files.createDirectory(root + "/d/e")
            try write("x", to: root + "/d/e/f", files)
            try files.removeTree(root + "/d")
            try files.removeTree(root + "/d")
            try requireEqual(try files.list(root), [], "names")
        case .largeFileSurvivesManyAppends: try checkManyAppends(files, root)
        case .aFileThatExpectsItsSyncIsLikeAnyOther: try checkExpectedSync(files, root)
        case .syncOfMissingFolderIsNotFound:
            try files.syncDirectory(root)
            try fails(.notFound, "sync of a missing folder") { try files.syncDirectory(root + "/no") }
        }
    }
}

private func checkStatus(_ files: any FileSystem, _ root: String) throws {
    try requireEqual(try files.status(root + "/a") == nil, true, "status of nothing")
    try write("abc", to: root + "/a", files)
    let file = try requireValue(try files.status(root + "/a"), "status of a file")
    try requireEqual(file.sizeBytes, 3, "size")
    try requireEqual(file.isDirectory, false, "is a folder")
    let folder = try requireValue(try files.status(root), "status of a folder")
    try requireEqual(folder.isDirectory, true, "is a folder")
    try requireEqual(try files.status(root + "/a/b") == nil, true, "status below a file")
}

private func checkLock(_ files: any FileSystem, _ root: String) throws {
    var held: (any FileLock)? = try files.lock(root + "/lock")
    try fails(.locked, "second lock") { _ = try files.lock(root + "/lock") }
    _ = held
    held = nil
    let again = try files.lock(root + "/lock")
    withExtendedLifetime(again) {}
}

/// Appends of every size around the buffers implementations have.
private func checkManyAppends(_ files: any FileSystem, _ root: String) throws {
    let file = try files.create(root + "/a")
    var expected: [UInt8] = []
    for size in [1, 0, 100, 65_535, 65_536, 65_537, 3, 200_000, 7] {
        let piece = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ size) }
        expected += piece
        try piece.withUnsafeBytes { try file.append($0) }
    }
    try file.sync()
    try requireEqual(try files.status(root + "/a")?.sizeBytes, Int64(expected.count), "size after sync")
    try append("end", file)
    try file.close()
    try require(try files.readAll(root + "/a") == expected + bytes("end"), "content differs")
}

/// Beyond what implementations gather before they hand it to the disk, in pieces that end in the middle of pages.
private func checkExpectedSync(_ files: any FileSystem, _ root: String) throws {
    let piece = (0..<1_000_003).map { UInt8(truncatingIfNeeded: $0 &* 131 >> 3) }
    let file = try files.create(root + "/a")
    file.expectSync()
    for _ in 0..<10 { try piece.withUnsafeBytes { try file.append($0) } }
    file.expectSync()
    try file.sync()
    try append("end", file)
    try file.close()
    file.expectSync()
    let expected = Array(repeatElement(piece, count: 10).joined()) + bytes("end")
    try require(try files.readAll(root + "/a") == expected, "content differs")
    try fails(.io, "append after close") { try append("x", file) }
}

private func append(_ text: String, _ file: any WritableFile) throws {
    try bytes(text).withUnsafeBytes { try file.append($0) }
}

private func write(_ text: String, to path: String, _ files: any FileSystem) throws {
    let file = try files.create(path)
    try append(text, file)
    try file.close()
}

private func fails(
    _ code: FileSystemError.Code, _ what: String, line: UInt = #line, _ body: () throws -> Void
) throws {
    try requireThrows(FileSystemError.self, what, line: line, where: { $0.code == code }, body)
}
