internal import HashTreeCollections
internal import TabletModel

extension ClusterState {
    mutating func applyToAlters(_ entry: JournalEntry) {
        switch entry {
        case .beginAlter(let id, let alter, let indexes, let placements): begin(alter, of: id, indexes, placements)
        case .updateAlter(let id, let alter):
            if tablesByID[id]?.alter?.id == alter.id { tablesByID[id]?.alter = alter }
        case .finishAlter(let ended): finish(ended)
        case .cancelAlter(let ended):
            guard let alter = tablesByID[ended.tableID]?.alter, alter.id == ended.id else { break }
            removeShadows(of: ended.tableID)
            if alter.state != .beginning { remember(ended) }
        case .setTableColumns(let id, let columns, let next):
            tablesByID[id]?.columns = columns
            tablesByID[id]?.nextColumnID = next
        default: break
        }
    }

    private mutating func begin(
        _ alter: TableAlter, of id: TableID, _ indexes: [ShadowIndex], _ placements: [TabletPlacement]
    ) {
        guard tablesByID[id] != nil else { return }
        removeShadows(of: id)
        tablesByID[id]?.alter = alter
        let placed = placements.sorted { $0.tabletID < $1.tabletID }
        for shadow in indexes {
            guard let place = tablesByID[id]?.partitions.firstIndex(where: { $0.id == shadow.partitionID }) else {
                continue
            }
            tablesByID[id]?.partitions[place].indexes.append(shadow.index)
            insert(shadow.index, of: shadow.partitionID, in: id, placed)
        }
    }

    /// The new tablets are the table's from now on. Replicas that were not filled leave: repair makes them anew.
    private mutating func finish(_ ended: EndedAlter) {
        guard var table = tablesByID[ended.tableID], let alter = table.alter, alter.id == ended.id else { return }
        var gone: [TabletID] = []
        for place in table.partitions.indices {
            guard var shadow = table.partitions[place].shadowIndex else { continue }
            gone += table.partitions[place].indexes.filter { $0.id != shadow.id }.flatMap(\.tabletIDs)
            shadow.state = .normal
            table.partitions[place].indexes = [shadow]
            for tablet in shadow.tabletIDs {
                for replica in tablets.replicas(of: tablet) where replica.state == .alter {
                    tablets.removeReplica(ReplicaKey(tabletID: tablet, backendID: replica.backendID))
                }
            }
        }
        table.columns = alter.columns
        table.nextColumnID = alter.nextColumnID
        table.distributionColumn = alter.distributionColumn
        table.alter = nil
        tablesByID[table.id] = table
        tablets.remove(ascending: gone.sorted())
        remember(ended)
    }

    /// The alter is over, and its tablets are gone.
    private mutating func removeShadows(of id: TableID) {
        guard var table = tablesByID[id] else { return }
        var gone: [TabletID] = []
        for place in table.partitions.indices {
            gone += table.partitions[place].indexes.filter { $0.state == .shadow }.flatMap(\.tabletIDs)
            table.partitions[place].indexes.removeAll { $0.state == .shadow }
        }
        table.alter = nil
        tablesByID[id] = table
        tablets.remove(ascending: gone.sorted())
    }

    private mutating func remember(_ ended: EndedAlter) {
        guard !endedAlters.contains(where: { $0.id == ended.id }) else { return }
        endedAlters.append(ended)
        if endedAlters.count > EndedAlter.rememberedLimit {
            endedAlters.removeFirst(endedAlters.count - EndedAlter.rememberedLimit)
        }
    }
}
