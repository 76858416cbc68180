import ArgumentParser
import Foundation
import HTTPAPI
import TabletModel

struct TabletCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tablet", abstract: "One tablet: what each of its replicas holds and lacks, and why.",
        discussion: """
            The FE says what it knows of each replica; which versions it holds is asked from its backend. --versions draws
            each replica's version graph: the visible rowsets, what compaction left for readers of old versions (stale
            paths), and the gaps. --svg writes the same as a picture in which every rowset tells about itself.

            EXAMPLES
              tabletctl tablet 10012
              tabletctl tablet 10012 --versions
              tabletctl tablet 10012 --versions --backend 10002
              tabletctl tablet 10012 --svg tablet.svg
            """)
    @Argument var id: Int64
    @Flag(help: "Draw the version graph of each replica.")
    var versions = false
    @Option(help: "Only the replica on this backend (its id).")
    var backend: Int64?
    @Option(help: "Write the version graph to this file as a picture.")
    var svg: String?
    @Flag(help: "Draw with plain ASCII characters.")
    var ascii = false
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let client = try global.client()
        let bytes = try client.get("/api/tablets/\(id)")
        if global.json, !versions, svg == nil { return bytes.withUnsafeBytes { Terminal.output($0) } }
        let tablet = try decode(TabletView.self, bytes)
        let chosen = try replicas(of: tablet)
        let picture = TabletPicture(
            tabletID: tablet.id.rawValue, table: tablet.table.description,
            visibleVersion: tablet.visibleVersion.rawValue,
            replicas: chosen.map { client.askVersions(of: $0, tablet: tablet.id) })
        if let svg { try write(picture, to: svg) }
        if global.json { return try printJSON(tablet, picture) }
        if versions {
            var drawing = GraphText(width: Terminal.width, isColoured: Terminal.isColoured, nowMs: nowMilliseconds())
            if ascii { drawing.glyphs = .ascii }
            Terminal.output(drawing.draw(picture))
        } else {
            Terminal.output(TabletText(tablet, picture, nowMs: nowMilliseconds()).render())
        }
    }

    private func replicas(of tablet: TabletView) throws -> [ReplicaView] {
        guard let backend else { return tablet.replicas }
        let found = tablet.replicas.filter { $0.backendID.rawValue == backend }
        guard !found.isEmpty else {
            let known = tablet.replicas.map { "\($0.backendID)" }.joined(separator: ", ")
            throw CLIError.notFound(
                "tablet \(id) has no replica on backend \(backend); it has some on \(known.isEmpty ? "none" : known)")
        }
        return found
    }

    private func write(_ picture: TabletPicture, to path: String) throws {
        let text = GraphSVG(nowMs: nowMilliseconds()).draw(picture)
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw CLIError.failed("can't write \(path): \(error.localizedDescription)")
        }
        if !global.json { Terminal.printError("wrote \(path)") }
    }

    private func printJSON(_ tablet: TabletView, _ picture: TabletPicture) throws {
        struct Answer: Encodable {
            struct Replica: Encodable {
                var replicaID: Int64
                var backendID: Int64
                var graph: VersionGraphView?
                /// Why there is no graph.
                var problem: String?
            }
            var tablet: TabletView
            var versions: [Replica]
        }
        let versions = picture.replicas.map {
            Answer.Replica(
                replicaID: $0.replicaID, backendID: $0.backendID, graph: $0.graph,
                problem: $0.graph == nil ? $0.problem : nil)
        }
        try encodeJSON(Answer(tablet: tablet, versions: versions)).withUnsafeBytes { Terminal.output($0) }
    }
}

/// A tablet as sentences and a table.
struct TabletText {
    private let tablet: TabletView
    private let picture: TabletPicture
    private let nowMs: Int64

    /// - Parameter picture: of the same tablet; only its replicas are shown.
    init(_ tablet: TabletView, _ picture: TabletPicture, nowMs: Int64) {
        self.tablet = tablet
        self.picture = picture
        self.nowMs = nowMs
    }

    func render() -> String {
        var text =
            "tablet \(tablet.id) of \(tablet.table), bucket \(tablet.bucket), visible version \(tablet.visibleVersion)\n"
        var table = TextTable([
            ">replica", ">backend", "host", ">version", "holds", "missing", "state", "for", ">rowsets", ">rows",
            ">local", ">remote", "data dir", "reason",
        ])
        for shown in picture.replicas {
            guard let replica = tablet.replicas.first(where: { $0.id.rawValue == shown.replicaID }) else { continue }
            table.add(row(replica, shown))
        }
        text += table.render(empty: "no replicas")
        if tablet.cooldownReplicaID.rawValue >= 0 { text += "\n" + cooldown() }
        return text
    }

    private func row(_ replica: ReplicaView, _ shown: ReplicaPicture) -> [String] {
        let gaps = shown.graph.map { picture.gaps(of: $0) }
        let reasons =
            [replica.reason, replica.move ?? ""] + (shown.graph == nil ? ["can't be asked: \(shown.problem)"] : [])
        return [
            "\(replica.id)", "\(replica.backendID)", "\(replica.host):\(replica.bePort)",
            "\(replica.version)", shown.graph?.heldVersions.brief() ?? "?",
            gaps.map { $0.isEmpty ? "-" : $0.brief() } ?? "?", health(of: replica), unhealthyFor(replica, nowMs: nowMs),
            "\(replica.versionCount)", "\(replica.rowCount)", formatBytes(replica.localBytes),
            formatBytes(replica.remoteBytes), replica.dataDir ?? "?",
            reasons.filter { !$0.isEmpty }.joined(separator: "; "),
        ]
    }

    private func cooldown() -> String {
        var table = TextTable([">replica", "role", "cold", ">term", "meta id"])
        for replica in tablet.replicas {
            table.add([
                "\(replica.id)", replica.isCooldownReplica ? "uploads" : "follows", yesNo(replica.isCold),
                "\(replica.reportedCooldownTerm)", replica.cooldownMetaID ?? "-",
            ])
        }
        return "cooldown: term \(tablet.cooldownTerm)\n" + table.render(empty: "")
    }
}

func health(of replica: ReplicaView) -> String {
    if replica.isHealthy { return "healthy" }
    if replica.isBad { return "bad" }
    return replica.state == "NORMAL" ? "unhealthy" : replica.state.lowercased()
}

/// How long the FE has seen it unhealthy; "-" while it is healthy.
func unhealthyFor(_ replica: ReplicaView, nowMs: Int64) -> String {
    guard !replica.isHealthy, replica.unhealthySinceMs > 0 else { return "-" }
    return formatSeconds(Double(nowMs - replica.unhealthySinceMs) / 1000)
}
