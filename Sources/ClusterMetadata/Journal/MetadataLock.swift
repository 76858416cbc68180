public import Platform

/// The lock on a meta dir: one FE, or one tool, at a time. Beside the lock of the journal's store, which an FE lets go for a
/// moment when it opens the store anew.
public enum MetadataLock {
    /// Takes it, to be held for as long as the folder is used.
    /// - Returns: nil when the disk takes no writes and the folder was never locked: there is nothing to lock then.
    /// - Throws: `FileSystemError`; `.locked` names the folder and the process that holds it.
    public static func take(_ metaDir: String, _ files: any FileSystem) throws -> (any FileLock)? {
        do {
            return try files.lock(metaDir + "/lock")
        } catch let error as FileSystemError where error.trouble.leavesDataReadable {
            return nil
        }
    }
}
