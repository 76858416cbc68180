internal import Platform
public import TabletModel

/// The cluster's secret, as far as others may use it.
extension BackendNode {
    /// As heartbeats taught it; nil before the first. For requests to other backends of the cluster, and for nothing else.
    public var clusterToken: String? { heartbeats.state.token }

    /// By this machine's clock: the ends of tokens are compared with it.
    public var wallNow: UnixTime { time.wallNow }

    /// Where its master answers HTTP; nil before the first heartbeat, and of a master that did not tell.
    public var masterHTTPAddress: NetworkAddress? { heartbeats.state.masterHTTPAddress }

    /// Whether a peer's token is the cluster's. Takes as long for a wrong token as for the right one. nil while this node has
    /// not learnt the token.
    public func accepts(token: String) -> Bool? { clusterToken.map { constantTimeEqual($0, token) } }
}

/// Compares every byte, whatever the first ones were. Only the lengths may show.
func constantTimeEqual(_ left: String, _ right: String) -> Bool {
    let (left, right) = (Array(left.utf8), Array(right.utf8))
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for index in left.indices { difference |= left[index] ^ right[index] }
    return difference == 0
}
