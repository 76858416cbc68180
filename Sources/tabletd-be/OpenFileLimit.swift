import Glibc
import Logging

/// Raises this process' limit of open files to `wanted`, or as far as the system lets it; a lower limit is warned of and
/// does not keep the daemon from starting. (Doris refuses to start.)
func raiseOpenFileLimit(to wanted: Int, _ logger: Logger) {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
        return logger.warning(
            "the limit of open files is not known", metadata: ["reason": "\(String(cString: strerror(errno)))"])
    }
    let needed = rlim_t(wanted)
    guard limit.rlim_cur < needed else { return }
    limit.rlim_cur = min(needed, limit.rlim_max)
    let isRaised = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
    guard !isRaised || limit.rlim_cur < needed else { return }
    logger.warning(
        "fewer files may be open than min_file_descriptor_number; raise LimitNOFILE of the unit, or ulimit -n",
        metadata: ["limit": "\(limit.rlim_max)", "wanted": "\(wanted)"])
}

/// Processors that are online; 1 when the system does not say.
func processorCount() -> Int32 { Int32(clamping: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
