public import ClusterMetadata
public import HTTPAPI
internal import TabletModel

extension AlterStorageResourceRequest {
    /// - Throws: `MasterError` for what can't be, or when nothing would change.
    public func applied(to old: StorageResource) throws(MasterError) -> StorageResource {
        try ResourceCheck.role(roleARN)
        var new = old
        if let endpoint { new.s3.endpoint = endpoint }
        if let region { new.s3.region = region }
        if let usePathStyle { new.s3.usePathStyle = usePathStyle }
        if let maxConnections { new.s3.maxConnections = maxConnections }
        if let requestTimeoutMs { new.s3.requestTimeoutMs = requestTimeoutMs }
        if let connectTimeoutMs { new.s3.connectTimeoutMs = connectTimeoutMs }
        try takeKeys(&new.s3)
        try ResourceCheck.check(new.s3)
        if new.s3 == old.s3 {
            throw MasterError(
                .invalidArgument, "that is how storage resource \(old.name) is already",
                nextStep: "give what is to change")
        }
        // Rowsets of a backend that was told no id name the place.
        if new.s3.placeName != old.s3.placeName { new.addName(old.s3.placeName) }
        new.version = old.version + 1
        return new
    }

    /// Keys change together: a token belongs to the keys it came with (found B10).
    private func takeKeys(_ s3: inout S3Resource) throws(MasterError) {
        guard accessKey != nil || secretKey != nil || sessionToken != nil else { return }
        guard let secretKey else {
            throw MasterError(
                .invalidArgument, "new keys need a secret key",
                nextStep: "give the access key and its secret key together")
        }
        s3.accessKey = accessKey ?? s3.accessKey
        s3.secretKey = secretKey
        s3.sessionToken = sessionToken
    }
}
