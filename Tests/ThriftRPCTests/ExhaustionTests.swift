import Glibc
import Platform
import ServerFixtures
import TabletModel
import Testing

@testable import ThriftRPC

/// A process that runs out of something; each in a process of its own.
@Suite struct ExhaustionTests {
    @Test func outOfDescriptorsTheServerGoesOn() async {
        await #expect(processExitsWith: .success) {
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            limit.rlim_cur = 64
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            try withHeartbeatServer { server throws in
                // Both ends are of this process: somewhere on the way the server's accept fails.
                var flood: [RawConnection] = []
                while let next = try? RawConnection(port: server.boundPort), flood.count < 200 { flood.append(next) }
                while server.statistics.shed + server.statistics.refusedConnections == 0 { usleep(1000) }
                flood.removeAll()
                for _ in 0..<10 { #expect(try heartbeat(server.boundPort).status == .ok) }
            }
        }
    }

    @Test func withoutMoreThreadsTheServerRunsOnFewerWorkers() async {
        await #expect(processExitsWith: .success) {
            // The heap must find its space within what is reserved here: at the limit it can't grow, and a small allocation
            // would end the process before the server is asked anything.
            let symbol = try #require(dlsym(nil, "mallopt"))
            let mallopt = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
            _ = mallopt(-8, 1)  // M_ARENA_MAX
            _ = mallopt(-1, Int32.max)  // M_TRIM_THRESHOLD
            _ = mallopt(-2, 128 << 20)  // M_TOP_PAD
            for _ in 0..<1024 { free(malloc(100_000)) }
            let held = (0..<4).map { _ in malloc(100_000) }
            defer { for block in held { free(block) } }
            // Stacks are a megabyte of address space each; what is left holds only some of these.
            let inUse = try addressSpaceInUse()
            var limit = rlimit(rlim_cur: inUse + (600 << 20), rlim_max: rlim_t.max)
            setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
            try withHeartbeatServer(limits: .small { $0.workers = 2000 }) { server throws in
                for _ in 0..<10 { #expect(try heartbeat(server.boundPort).status == .ok) }
            }
        }
    }
}

private func addressSpaceInUse() throws -> rlim_t {
    guard let file = fopen("/proc/self/statm", "r") else { throw FixtureError("statm") }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, 256, file) != nil else { throw FixtureError("statm") }
    return rlim_t(strtoull(line, nil, 10)) * rlim_t(sysconf(Int32(_SC_PAGESIZE)))
}
