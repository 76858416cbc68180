import ClusterMetadata
import HTTPAPI
import TabletModel
import Testing

@testable import BackupRestore

@Suite struct BackupNamesTests {
    private func resource(root: String) -> StorageResource {
        StorageResource(
            id: 1, name: "s3",
            s3: S3Resource(
                endpoint: "http://s3", accessKey: "ak", secretKey: "hush", sessionToken: "tok", bucket: "b",
                rootPath: root))
    }

    private func job(_ phase: BackupJob.Phase = .uploading, attempt: Int32 = 2) -> BackupJob {
        var job = BackupJob(
            id: 77, kind: .backup, phase: phase, label: "monday", resource: "s3", prefix: "backups", database: "db",
            table: "t", tableID: 5, version: 9, createdAt: UnixTime(milliseconds: 1))
        job.attempt = attempt
        return job
    }

    @Test func metaAndContentLieApartBelowTheRootPath() {
        let names = BackupNames(resource(root: "/a//b/"), prefix: "x/y")
        #expect(names.meta("monday") == "a/b/x/y/meta/monday.backup")
        #expect(names.folder(12, of: job(), cluster: 3) == "a/b/x/y/content/monday/3.77.2/__12")
        #expect(names.folder(12, of: job(), cluster: 3).hasPrefix(names.content(of: job(), cluster: 3)))
        #expect(names.label(ofMeta: "a/b/x/y/meta/monday.backup") == "monday")
        for key in ["a/b/x/y/meta/.backup", "a/b/x/y/meta/m", "a/b/x/y/meta/c/d.backup", "meta/m.backup"] {
            #expect(names.label(ofMeta: key) == nil, "\(key)")
        }
        #expect(BackupNames(resource(root: ""), prefix: "p").base == "p")
    }

    @Test func aPrefixStaysInItsPlace() throws {
        #expect(try BackupNames.checked(prefix: nil) == "backups")
        for good in ["a", "a/b", "a.b-c_D/9"] { #expect(try BackupNames.checked(prefix: good) == good) }
        let bad = [
            "", "/", "/a", "a/", "a//b", "..", "a/../b", ".", "data", "data/x", "a b", "ü", "a?b",
            String(repeating: "x", count: 201),
        ]
        for prefix in bad { #expect(throws: MasterError.self, "\(prefix)") { try BackupNames.checked(prefix: prefix) } }
    }

    @Test func thePlaceHasThePropertiesOfBothYearsAndShowsNoSecret() {
        let place = BackupPlace(resource(root: "r").s3)
        #expect(place.type == .s3)
        for name in ["AWS_SECRET_KEY", "s3.secret_key"] { #expect(place.properties[name] == "hush") }
        for name in ["AWS_TOKEN", "s3.session_token"] { #expect(place.properties[name] == "tok") }
        #expect(place.properties["use_path_style"] == "true")
        #expect(!"\(place)".contains("hush") && !"\(place)".contains("tok\""))
    }
}
