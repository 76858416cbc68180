import Foundation
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// A master that was stopped while a real BE was at work for it, and the one after it.
    @Suite struct HungMasterTests {
        /// The files of its loads are where nothing answers any more. Every worker waits there, and more tasks want one.
        @Test func theLoadsOfTheNextMasterDoNotWaitForTheFilesOfTheOneBefore() throws {
            let few = ["push_worker_count_normal_priority": "2", "push_worker_count_high_priority": "1"]
            try DrivenBackends.run(2, settings: few) { driven in
                let (backend, holder) = (driven.backends[0], driven.backends[1])
                try driven.create(10)
                let first = driven.frontend
                try first.heartbeat(backend, first.master(httpPort: holder.httpAddress.port))
                holder.daemon.freeze()
                defer { holder.daemon.thaw() }
                for transaction in 1...6 {
                    let push = PushRequest(
                        tabletID: 10, schemaHash: DrivenBackends.schemaHash, timeoutSeconds: 600,
                        url: "http://\(holder.httpAddress)/api/_load_file/\(transaction)/10",
                        transactionID: TransactionID(Int64(transaction)), partitionID: 5)
                    try first.submit(
                        [AgentTask(type: .realtimePush, signature: Int64(transaction), payload: .push(push))],
                        to: backend)
                }
                try eventually("all workers at it") { try backend.running("push") == 2 }

                let second = try FakeFrontend()
                defer { second.stop() }
                try second.heartbeat(backend, second.master(epoch: 2))
                driven.serve("/rows", rows: "a\n")
                let began = Date()
                let ended = try second.run(
                    .realtimePush, driven.push(10, 100, path: "/rows", sizeBytes: 2), on: backend)
                #expect(ended.status.isOK, "\(ended.status)")
                let taken = Date().timeIntervalSince(began)
                #expect(taken < 10, "the worker was free after \(taken) s")
                #expect((1...6).allSatisfy { first.finishes(.realtimePush, $0).isEmpty })
            }
        }
    }
}
