internal import Synchronization
internal import TabletModel

/// All tablets that are served: by id, by partition, and in id order. Thread-safe.
///
/// Most of them rest (`RestingTablet`). Who asks for one by its id gets a `Tablet`: one at rest is made anew from its records, the
/// same for all who ask, and stays until `restIdle` finds that nobody has it any more. While somebody does, its id means that
/// very object, so whatever is guarded by its locks, or kept in it, is as if no tablet ever rested.
///
/// Calls are short but for those that wake a tablet: these read the meta store under a *wake turn*, of which there are a few, each
/// for a share of the ids. A wake turn is taken under none of the short locks, and nothing but one of these is taken under it.
final class TabletMap: Sendable {
    private final class WakeTurn: Sendable {
        let turn = Mutex<Void>(())
    }

    private let state = Mutex(State())
    private let wakeTurns = (0..<16).map { _ in WakeTurn() }
    private let traits: TraitsPool
    private let options: CompactionOptions

    init(traits: TraitsPool, options: CompactionOptions) {
        self.traits = traits
        self.options = options
    }

    // MARK: Asking

    /// The tablet, awake. Blocks for some reads of the meta store when it was at rest.
    /// - Throws: what `RestingTablet.woken` throws.
    subscript(id: TabletID) -> Tablet? {
        get throws(EngineError) {
            switch look(id) {
            case nil: return nil
            case .awake(let tablet):
                tablet.noteUse()
                return tablet
            case .resting: return try wake(id)
            }
        }
    }

    private func wake(_ id: TabletID) throws(EngineError) -> Tablet? {
        let result = wakeTurns[Int(UInt64(bitPattern: id.rawValue) % UInt64(wakeTurns.count))].turn.withLock {
            _ -> Result<Tablet?, EngineError> in
            // Somebody else may have woken it meanwhile. If not, nobody can change it before this turn ends.
            guard case .resting(let resting)? = look(id) else { return .success(look(id)?.awake) }
            do throws(EngineError) {
                let tablet = try resting.woken()
                state.withLock { $0.put(.awake(tablet)) }
                return .success(tablet)
            } catch {
                return .failure(error)
            }
        }
        let tablet = try result.get()
        tablet?.noteUse()
        return tablet
    }

    /// Whether it is this one that is served and in use, and no successor of it. Under its commit turn that stays so: whoever moves,
    /// drops or replaces it takes that turn.
    func serves(_ tablet: Tablet) -> Bool { look(tablet.id)?.awake === tablet }

    /// The tablet as it is, at rest or not.
    func look(_ id: TabletID) -> ServedTablet? {
        state.withLock { state in
            let place = state.place(of: id)
            return place.isFound ? state.chunks[place.chunk].entries[place.index] : nil
        }
    }

    func contains(_ id: TabletID) -> Bool { state.withLock { $0.place(of: id).isFound } }
    var count: Int { state.withLock { $0.count } }

    /// In id order. Shared, not copied: what changes later is copied then.
    var sorted: ServedTablets { ServedTablets(state.withLock { $0.chunks }) }

    /// Tablets of the partition, in id order.
    func ids(of partition: PartitionID) -> ContiguousArray<TabletID> {
        state.withLock { $0.byPartition[partition] ?? [] }
    }

    func hasTablets(of partition: PartitionID) -> Bool { state.withLock { $0.byPartition[partition] != nil } }

    // MARK: Changing

    /// Adds a tablet whose id is free. With the id taken nothing changes, and the tablet that has it is returned.
    func insert(_ tablet: ServedTablet) -> ServedTablet? {
        let (id, partition) = (tablet.id, tablet.partitionID)
        return state.withLock { state in
            let place = state.place(of: id)
            if place.isFound { return state.chunks[place.chunk].entries[place.index] }
            state.insert(tablet, at: place)
            state.addToPartition(id, partition)
            return nil
        }
    }

    /// Adds what a dir holds, in id order.
    /// - Returns: tablets whose id another dir has, which are not added.
    func load(_ chunks: [Chunk]) -> [ServedTablet] {
        var taken: [ServedTablet] = []
        state.withLock { state in
            guard let first = chunks.first?.entries.first else { return }
            let last = state.chunks.last?.entries.last
            if last.map({ $0.id < first.id }) ?? true {
                for chunk in chunks {
                    for tablet in chunk.entries { state.addToPartition(tablet.id, tablet.partitionID) }
                    state.count += chunk.entries.count
                }
                state.chunks += chunks
                return
            }
            for tablet in chunks.lazy.flatMap(\.entries) {
                let place = state.place(of: tablet.id)
                if place.isFound {
                    taken.append(tablet)
                } else {
                    state.insert(tablet, at: place)
                    state.addToPartition(tablet.id, tablet.partitionID)
                }
            }
        }
        return taken
    }

    /// Another dir's form of the tablet takes the place of the one that was loaded: before any task.
    func reload(_ tablet: ServedTablet) {
        let gone = state.withLock { state -> ServedTablet? in
            let place = state.place(of: tablet.id)
            guard place.isFound else { return nil }
            let gone = state.chunks[place.chunk].entries[place.index]
            state.removeFromPartition(gone.id, gone.partitionID)
            state.put(tablet)
            state.addToPartition(tablet.id, tablet.partitionID)
            return gone
        }
        withExtendedLifetime(gone) {}
    }

    func remove(_ tablet: Tablet) {
        let partition = tablet.partitionID
        let gone = state.withLock { state -> ServedTablet? in
            let place = state.place(of: tablet.id)
            guard place.isFound, state.chunks[place.chunk].entries[place.index].awake === tablet else { return nil }
            state.removeFromPartition(tablet.id, partition)
            return state.remove(at: place)
        }
        withExtendedLifetime(gone) {}
    }

    /// At every moment one of them is served. - Precondition: `old` is.
    func replace(_ old: Tablet, by new: Tablet) {
        let (before, after) = (old.partitionID, new.partitionID)
        state.withLock { state in
            let place = state.place(of: old.id)
            precondition(
                place.isFound && state.chunks[place.chunk].entries[place.index].awake === old && new.id == old.id,
                "tablet \(old.id) is not the one that is served")
            state.chunks[place.chunk].entries[place.index] = .awake(new)
            state.removeFromPartition(old.id, before)
            state.addToPartition(new.id, after)
        }
    }

    func move(_ tablet: TabletID, from old: PartitionID, to new: PartitionID) {
        state.withLock { state in
            guard state.place(of: tablet).isFound else { return }
            state.removeFromPartition(tablet, old)
            state.addToPartition(tablet, new)
        }
    }

    /// Takes the id for a creation or a drop; false when another has it.
    func reserve(_ id: TabletID) -> Bool { state.withLock { $0.reserved.insert(id).inserted } }
    func release(_ id: TabletID) { state.withLock { _ = $0.reserved.remove(id) } }

    // MARK: Rest

    /// Puts to rest the tablets that nobody has, and that nobody asked for since the last call.
    /// - Parameter all: those too that were asked for since.
    /// - Returns: how many went to rest.
    @discardableResult
    func restIdle(all: Bool = false) -> Int {
        var rested = 0
        var next: TabletID?
        repeat {
            // What is let go of is freed without the lock.
            let (gone, following) = state.withLock { state in
                state.restChunk(from: next) { tablet in
                    (tablet.takeUse() && !all) ? nil : tablet.resting(traits, options)
                }
            }
            rested += gone.count
            next = following
        } while next != nil
        return rested
    }
}
