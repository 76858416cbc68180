import Foundation
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// Data dirs that can't be used: what the daemon does, and what it says.
    @Suite struct DataDirTests {
        /// The output of a BE that must not start.
        private func failure(_ storage: String, in folder: TemporaryFolder, code: Int32 = 1) throws -> String {
            let backend = try BackendProcess("be", in: folder.path, storage: storage)
            #expect(try backend.daemon.runToEnd() == code)
            return backend.daemon.log(from: 0)
        }

        @Test func aMissingDirIsNamed() throws {
            let folder = try TemporaryFolder()
            let said = try failure(folder.path + "/nowhere", in: folder)
            #expect(said.contains(folder.path + "/nowhere") && said.contains("does not exist"))
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/nowhere"))
        }

        @Test func aFileInPlaceOfADirIsNamed() throws {
            let folder = try TemporaryFolder()
            try "x".write(toFile: folder.path + "/file", atomically: false, encoding: .utf8)
            #expect(try failure(folder.path + "/file", in: folder).contains("is not a folder"))
        }

        /// /proc takes no new file from anybody, root included.
        @Test func aReadOnlyDirIsNamed() throws {
            let folder = try TemporaryFolder()
            let said = try failure("/proc/self", in: folder)
            #expect(said.contains("/proc/self") && said.contains("no data dir can be used"))
        }

        @Test func aDirThatAnotherProcessHasIsNotShared() throws {
            try DrivenBackends.run { driven in
                let second = try BackendProcess("second", in: driven.folder.path, storage: driven.backend.storageFolder)
                #expect(try second.daemon.runToEnd() == 1)
                #expect(second.daemon.log(from: 0).contains(driven.backend.storageFolder))
                #expect(try driven.frontend.heartbeat(driven.backend).status.isOK)
            }
        }

        @Test func dirsOfTwoClustersAreRefused() throws {
            let folder = try TemporaryFolder()
            for (name, id) in [("a", "1"), ("b", "2")] {
                let path = try folder.makeDirectory(name)
                try id.write(toFile: path + "/cluster_id", atomically: false, encoding: .utf8)
            }
            let said = try failure("\(folder.path)/a;\(folder.path)/b", in: folder)
            #expect(
                said.contains("\(folder.path)/a") && said.contains("different clusters") && said.contains("cluster_id"))
        }

        // found A4: identity as typed
        @Test func oneFolderUnderTwoPathsIsNamed() throws {
            let folder = try TemporaryFolder()
            let real = try folder.makeDirectory("real")
            let link = folder.path + "/link"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: real)
            let said = try failure("\(real);\(link)", in: folder, code: 2)
            #expect(said.contains("storage_root_path") && said.contains("\(real) and \(link) are one folder"))
        }

        @Test func anUnreadableClusterIDIsNamed() throws {
            let folder = try TemporaryFolder()
            let path = try folder.makeDirectory("a")
            try "twelve".write(toFile: path + "/cluster_id", atomically: false, encoding: .utf8)
            let said = try failure(path, in: folder)
            #expect(said.contains(path + "/cluster_id") && said.contains("twelve"))
        }

        @Test func oneBadDirOfTwoIsReportedAndTheOtherWorks() throws {
            let folder = try TemporaryFolder()
            let good = try folder.makeDirectory("good")
            let bad = folder.path + "/missing"
            let frontend = try FakeFrontend()
            defer { frontend.stop() }
            let backend = try BackendProcess("be", in: folder.path, storage: "\(good);\(bad)")
            defer { backend.daemon.kill() }
            try backend.start()
            #expect(backend.daemon.log(from: 0).contains(bad))
            try frontend.heartbeat(backend)
            let disks = try eventually("a look at the disks") {
                let disks = try backend.status().disks
                return disks.isEmpty ? nil : disks
            }
            #expect(disks.first { $0.rootPath == good }?.isUsed == true)
            #expect(disks.first { $0.rootPath == bad }?.isUsed == false)
            let schema = TabletSchema(schemaHash: 1, columns: [])
            let request = CreateTabletRequest(tabletID: 10, schema: schema, partitionID: 5, replicaID: 1)
            #expect(try frontend.run(.create, .create(request), on: backend).status.isOK)
            #expect(try backend.daemon.stop() == 0)
        }

        @Test func aFrontendWhoseMetaDirIsAFileSaysSo() throws {
            let folder = try TemporaryFolder()
            try "x".write(toFile: folder.path + "/file", atomically: false, encoding: .utf8)
            let frontend = try DaemonProcess(
                "fe", program: "tabletd-fe", in: folder.path,
                settings: ["meta_dir": folder.path + "/file/meta", "http_port": "0", "rpc_port": "0"])
            #expect(try frontend.runToEnd() == 1)
            #expect(frontend.log(from: 0).contains(folder.path + "/file"))
        }
    }
}
