internal import Glibc
internal import Synchronization

/// TCP on 127.0.0.1.
public enum LoopbackSocket {
    /// A port that was free a moment ago. Somebody may take it before it is used: try another then.
    public static func freePort() throws -> UInt16 {
        let listener = try listen(port: 0)
        defer { close(listener.socket) }
        return listener.port
    }

    /// What `quietPort` gave in this process.
    private static let given = Mutex<Set<UInt16>>([])

    /// The same, and the kernel gives it to no connection by itself, nor this to another test beside: for a server that others know
    /// before it runs.
    public static func quietPort() throws -> UInt16 {
        for _ in 0..<1000 {
            let port = UInt16.random(in: 15_000..<32_000)
            guard given.withLock({ $0.insert(port).inserted }), let listener = try? listen(port: port) else { continue }
            close(listener.socket)
            return port
        }
        throw FixtureError("no port of 15000 to 31999 is free")
    }

    static func listen(port: UInt16) throws -> (socket: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw FixtureError("socket: errno \(errno)") }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = address(port: port)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withSockaddr(&address) { bind(descriptor, $0, length) == 0 && Glibc.listen(descriptor, 128) == 0 }
        guard bound, withSockaddr(&address, { getsockname(descriptor, $0, &length) }) == 0 else {
            let code = errno
            close(descriptor)
            throw FixtureError("can't listen on 127.0.0.1:\(port): errno \(code)")
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    /// True when somebody accepts connections on the port.
    static func accepts(port: UInt16) -> Bool {
        guard let descriptor = connect(port: port) else { return false }
        close(descriptor)
        return true
    }

    /// nil when nobody accepts it. The caller closes it.
    static func connect(port: UInt16) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = address(port: port)
        if withSockaddr(&address, { Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }) == 0 {
            return descriptor
        }
        close(descriptor)
        return nil
    }

    private static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func withSockaddr<R>(
        _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> R
    ) -> R {
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
        }
    }
}
