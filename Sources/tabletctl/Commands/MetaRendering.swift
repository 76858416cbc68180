import HTTPAPI

func renderInfo(_ view: MetadataInfoView) -> String {
    var text = "cluster \(view.clusterID), \(view.role) \(view.nodeName)\n"
    text += "epoch \(view.epoch), ids below \(view.nextIDBatch) may have been given out\n"
    let entries = view.lastLogID - view.firstLogID + 1
    text +=
        entries > 0
        ? "journal: log ids \(view.firstLogID) to \(view.lastLogID), \(entries) entries\n"
        : "journal: empty, the last log id was \(view.lastLogID)\n"
    var images = TextTable(["image", ">log id", ">size", "written"])
    for image in view.images {
        images.add([
            "image.\(image.logID)", "\(image.logID)", formatBytes(image.sizeBytes), formatAge(image.modifiedMs),
        ])
    }
    text += "\n" + images.render(empty: "no image yet")
    for name in view.corruptImages { text += "set aside: image/\(name)\n" }
    var lives = TextTable([">epoch", "life", ">begins behind log id"])
    for life in view.lives.suffix(20) { lives.add(["\(life.epoch)", life.life, "\(life.afterLogID)"]) }
    text += "\n" + lives.render(empty: "no start yet")
    if view.lives.count > 20 { text += "and \(view.lives.count - 20) starts before (--json has all)\n" }
    return text
}

func renderStats(_ view: MetadataStatsView) -> String {
    func table(_ title: String, _ shares: [MetadataStatsView.Share], empty: String) -> String {
        var table = TextTable([title, ">count", ">bytes", ">each"])
        for share in shares {
            let each = share.count > 0 ? String(share.bytes / share.count) : "-"
            table.add([share.kind, "\(share.count)", formatBytes(share.bytes), each])
        }
        return table.render(empty: empty)
    }
    let image =
        view.imageBytes == 0
        ? "no image yet\n"
        : "image.\(view.imageLogID), \(formatBytes(view.imageBytes))\n\n"
            + table("section", view.sections, empty: "") + "\n" + table("objects", view.objects, empty: "no objects")
    return image + "\njournal, \(view.journalEntries) entries, \(formatBytes(view.journalBytes))\n\n"
        + table("operation", view.operations, empty: "no entries")
}

func renderVerdict(_ view: MetadataVerdictView) -> String {
    var text = view.problems.map { problem in
        var place = problem.place
        if let offset = problem.offset { place += " at byte \(offset)" }
        if let logID = problem.logID { place += place == "journal" ? " entry \(logID)" : " at log id \(logID)" }
        return "\(place): \(problem.text)\n"
    }.joined()
    let hidden = view.problemCount - Int64(view.problems.count)
    if hidden > 0 { text += "and \(hidden) more\n" }
    text += view.notes.map { "note: \($0)\n" }.joined()
    text +=
        "\(view.isWell ? "well: " : "")\(view.images) images, \(view.entries) entries up to log id \(view.lastLogID), "
        + "\(view.tables) tables, \(view.tablets) tablets, \(view.replicas) replicas\n"
    return text
}
