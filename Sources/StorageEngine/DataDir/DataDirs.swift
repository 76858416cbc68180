extension [DataDir] {
    /// Writes what each dir keeps a copy of. A dir that can't take it says so itself.
    /// - Returns: how many took it.
    /// - Throws: `.noUsableDataDir` when none could.
    @discardableResult
    func writeInEach(_ write: (DataDir) throws -> Void) throws(EngineError) -> Int {
        var failures: [String] = []
        var written = 0
        for dir in self where dir.isUsable {
            do {
                try write(dir)
                written += 1
            } catch {
                failures.append("\(error)")
            }
        }
        guard written > 0 else { throw .noUsableDataDir(failures) }
        return written
    }
}
