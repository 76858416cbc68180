import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import StatusHTTP
import Testing

@Suite struct HTTPServiceTests {
    @Test func aProblemCarriesStatusCodeAndSentence() throws {
        let problem = HTTPProblem.notFound("no table 'x'; `tabletctl tables` lists them")
        #expect(problem.status == .notFound)
        #expect(problem.description.contains("no table 'x'"))
    }

    @Test func thePoolRefusesMoreThanItsLimit() async throws {
        let pool = BlockingPool(threads: 1, queueLimit: 0)
        let (entered, enteredSignal) = AsyncStream<Void>.makeStream()
        let release = Gate()
        async let first: Int = pool.run {
            enteredSignal.yield()
            release.wait()
            return 1
        }
        for await _ in entered { break }
        await #expect(throws: HTTPProblem.self) { try await pool.run { 2 } }
        release.open()
        #expect(try await first == 1)
        try await pool.shutDown()
    }
}
