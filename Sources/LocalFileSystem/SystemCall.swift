internal import Glibc
internal import Platform

/// Calls again while a signal interrupts. Returns the call's result, -1 with `errno` set on failure.
@inline(__always)
func retryingInterrupts<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result != -1 || errno != EINTR { return result }
    }
}

/// The error for the current `errno`.
func systemError(_ operation: String, _ path: String, errno number: Int32 = errno) -> FileSystemError {
    FileSystemError(
        errorCode(number), operation: operation, path: path, systemError: number,
        message: String(cString: strerror(number)))
}

/// `DiskTrouble` has the table of what each means for the data.
private func errorCode(_ number: Int32) -> FileSystemError.Code {
    switch number {
    case ENOENT: .notFound
    case EEXIST: .alreadyExists
    case ENOSPC, EDQUOT: .noSpace
    case EROFS: .readOnly
    case EACCES, EPERM: .permissionDenied
    case ENOTEMPTY: .notEmpty
    case EMFILE, ENFILE, ENOMEM, EAGAIN: .exhausted
    default: .io
    }
}
