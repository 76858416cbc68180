internal import Glibc
public import Logging

/// From now on, whatever this process makes is its user's alone: also what libraries make, such as RocksDB's files, which
/// hold the keys of object stores.
/// A crash writes no memory: passwords and keys are in it.
public func keepFilesPrivate() {
    _ = umask(0o077)
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
}

/// Warns when a folder that holds tablets or metadata is open to other users. A folder that is not there yet will be
/// made private.
public func warnIfOpenToOthers(_ folder: String, _ logger: Logger) {
    var found = stat()
    guard stat(folder, &found) == 0, found.st_mode & 0o077 != 0 else { return }
    logger.warning(
        "other users may look into this folder: chmod 700 it, its files hold rows and the keys of object stores",
        metadata: ["folder": "\(folder)", "mode": "\(String(found.st_mode & 0o777, radix: 8))"])
}
