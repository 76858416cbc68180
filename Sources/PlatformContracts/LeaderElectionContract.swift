public import FrontendElection

/// What every `LeaderElection` does. One case, one check; each wants a service, or a key, of its own that nobody leads.
public enum LeaderElectionContract: String, CaseIterable, Sendable {
    case nobodyLeadsAtFirst
    case theKeySaysWhatWasWritten
    case oneCandidateWins
    case campaigningTwiceIsAsOnce
    case aLeaseThatIsKeptAliveGoesOn
    case aLeaseThatIsNotEndsAndTheKeyWithIt
    case resigningFreesTheKeyAtOnce
    case resigningWithoutTheKeyLeavesIt
    case laterLeadersHaveHigherFences

    /// - Parameters:
    ///   - a: one FE's line to the service, and another's.
    ///   - ttl: the shortest lease that the service grants.
    ///   - pass: lets so much time pass, at least.
    public func check(
        _ a: any LeaderElection, _ b: any LeaderElection, ttl: Duration, pass: (Duration) throws -> Void
    ) throws {
        let limit = Duration.seconds(5)
        func campaign(_ line: any LeaderElection, _ name: String) throws -> (LeaseID, LeaderObservation) {
            let lease = try line.grant(ttl: ttl, within: limit).lease
            return (lease, try line.campaign(lease, as: Self.record(name), within: limit))
        }
        switch self {
        case .nobodyLeadsAtFirst:
            try requireEqual(try a.observe(within: limit).holder, nil, "leader")
            let grant = try a.grant(ttl: ttl, within: limit)
            try require(grant.ttl >= ttl, "a lease of \(grant.ttl) is shorter than \(ttl), which was asked for")
            try requireEqual(try a.observe(within: limit).holder, nil, "leader")
        case .theKeySaysWhatWasWritten:
            let (lease, won) = try campaign(a, "fe-ä \"1\"\n")
            let key = try requireValue(won.holder, "leader")
            try requireEqual(key.record, Self.record("fe-ä \"1\"\n"), "record")
            try requireEqual(key.lease, lease, "lease")
            let seen = try b.observe(within: limit)
            try requireEqual(seen.holder, key, "leader as another sees it")
            try require(seen.revision >= won.revision, "revisions went back")
            try require(key.fence.rawValue <= won.revision, "the key was created after it was seen")
        case .oneCandidateWins:
            let (_, won) = try campaign(a, "fe1")
            let (lease, lost) = try campaign(b, "fe2")
            try requireEqual(lost.holder, won.holder, "leader")
            try require(lost.holder?.lease != lease, "the second candidate has the key of the first")
        case .campaigningTwiceIsAsOnce:
            let (lease, won) = try campaign(a, "fe1")
            let again = try a.campaign(lease, as: Self.record("fe1"), within: limit)
            try requireEqual(again.holder, won.holder, "leader")
        case .aLeaseThatIsKeptAliveGoesOn:
            let (lease, won) = try campaign(a, "fe1")
            for _ in 0..<4 {
                try pass(ttl / 2)
                let left = try requireValue(try a.keepAlive(lease, within: limit), "the lease")
                try require(left >= ttl, "a lease that was kept alive has only \(left) of \(ttl)")
            }
            try requireEqual(try b.observe(within: limit).holder, won.holder, "leader")
        case .aLeaseThatIsNotEndsAndTheKeyWithIt:
            let (lease, _) = try campaign(a, "fe1")
            // A service may look at its leases only now and then.
            try pass(ttl * 2 + .seconds(1))
            try requireEqual(try b.observe(within: limit).holder, nil, "leader")
            try requireEqual(try a.keepAlive(lease, within: limit), nil, "lease")
            try requireThrows(ElectionError.self, "campaigning under a lease that has ended") { error in
                if case .refused = error { true } else { false }
            } _: {
                _ = try a.campaign(lease, as: Self.record("fe1"), within: limit)
            }
        case .resigningFreesTheKeyAtOnce:
            let (lease, _) = try campaign(a, "fe1")
            try a.resign(lease, within: limit)
            try requireEqual(try b.observe(within: limit).holder, nil, "leader")
            try a.resign(lease, within: limit)
        case .resigningWithoutTheKeyLeavesIt:
            let (_, won) = try campaign(a, "fe1")
            let (lease, _) = try campaign(b, "fe2")
            try b.resign(lease, within: limit)
            try requireEqual(try b.observe(within: limit).holder, won.holder, "leader")
        case .laterLeadersHaveHigherFences:
            var last = Fence(0)
            for place in 0..<4 {
                let line = place % 2 == 0 ? a : b
                let (lease, won) = try campaign(line, "fe\(place % 2)")
                let key = try requireValue(won.holder, "leader")
                try require(key.fence > last, "fence \(key.fence) is not higher than \(last), the one before")
                last = key.fence
                try line.resign(lease, within: limit)
            }
        }
    }

    private static func record(_ name: String) -> LeaderRecord {
        LeaderRecord(
            nodeName: name, host: "10.0.0.1", editLogPort: 9010, httpPort: 8030, rpcPort: 65_535,
            epoch: 1 << 53)
    }
}
