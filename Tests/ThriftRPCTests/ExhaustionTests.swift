import Glibc
import Platform
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
    guard let file = fopen("/proc/self/statm", "r") else { throw RawConnection.Failed(what: "statm") }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, 256, file) != nil else { throw RawConnection.Failed(what: "statm") }
    return rlim_t(strtoull(line, nil, 10)) * rlim_t(sysconf(Int32(_SC_PAGESIZE)))
}
