import CurlHTTP
import Platform

@testable import S3Store

extension S3ObjectStore {
    /// Creates the resource's bucket unless it is there. For setting up a server of one's own.
    func createBucketIfMissing() throws {
        do {
            try perform(S3Call(operation: "CreateBucket", method: .put, key: nil))
        } catch let error as ObjectStoreError where error.httpStatus == 409 {
            noteBucket()
        }
    }
}
