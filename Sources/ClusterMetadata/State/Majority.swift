/// How many of a tablet's replicas must have a version so that no other majority can lack it.
public func majority(of replicas: Int) -> Int { replicas / 2 + 1 }
