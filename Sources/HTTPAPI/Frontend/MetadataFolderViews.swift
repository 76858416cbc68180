/// What a meta dir holds, at a glance. The token is not in it.
public struct MetadataInfoView: Hashable, Sendable, Codable {
    public struct Image: Hashable, Sendable, Codable {
        /// Everything up to this entry of the edit log is in it.
        public var logID: Int64
        public var sizeBytes: Int64
        public var modifiedMs: Int64

        public init(logID: Int64, sizeBytes: Int64, modifiedMs: Int64) {
            self.logID = logID
            self.sizeBytes = sizeBytes
            self.modifiedMs = modifiedMs
        }
    }

    /// One start of the FE.
    public struct Life: Hashable, Sendable, Codable {
        public var epoch: Int64
        /// Its random name, as hex.
        public var life: String
        public var afterLogID: Int64

        public init(epoch: Int64, life: String, afterLogID: Int64) {
            self.epoch = epoch
            self.life = life
            self.afterLogID = afterLogID
        }
    }

    public var clusterID: Int32
    public var role: String
    public var nodeName: String
    /// Newest first.
    public var images: [Image]
    /// Images that were set aside at a start.
    public var corruptImages: [String]
    /// Log ids of the first and the last entry of the edit log; the first is one above the last when there is none.
    public var firstLogID: Int64
    public var lastLogID: Int64
    public var epoch: Int64
    /// Ids below this one may have been given out.
    public var nextIDBatch: Int64
    /// Oldest first.
    public var lives: [Life]

    public init(
        clusterID: Int32, role: String, nodeName: String, images: [Image], corruptImages: [String], firstLogID: Int64,
        lastLogID: Int64, epoch: Int64, nextIDBatch: Int64, lives: [Life]
    ) {
        self.clusterID = clusterID
        self.role = role
        self.nodeName = nodeName
        self.images = images
        self.corruptImages = corruptImages
        self.firstLogID = firstLogID
        self.lastLogID = lastLogID
        self.epoch = epoch
        self.nextIDBatch = nextIDBatch
        self.lives = lives
    }
}

/// Where the bytes of a meta dir are.
public struct MetadataStatsView: Hashable, Sendable, Codable {
    /// So many of a kind, and the bytes that they take as they are stored.
    public struct Share: Hashable, Sendable, Codable {
        public var kind: String
        public var count: Int64
        public var bytes: Int64

        public init(kind: String, count: Int64, bytes: Int64) {
            self.kind = kind
            self.count = count
            self.bytes = bytes
        }
    }

    /// Of the newest image; 0: there is none, and `sections` and `objects` are empty.
    public var imageLogID: Int64
    public var imageBytes: Int64
    /// In the order of the file.
    public var sections: [Share]
    /// Backends, tables, tablets and so on.
    public var objects: [Share]
    public var journalEntries: Int64
    public var journalBytes: Int64
    /// By operation, most bytes first.
    public var operations: [Share]

    public init(
        imageLogID: Int64, imageBytes: Int64, sections: [Share], objects: [Share], journalEntries: Int64,
        journalBytes: Int64, operations: [Share]
    ) {
        self.imageLogID = imageLogID
        self.imageBytes = imageBytes
        self.sections = sections
        self.objects = objects
        self.journalEntries = journalEntries
        self.journalBytes = journalBytes
        self.operations = operations
    }
}

/// What `tabletctl meta verify` found.
public struct MetadataVerdictView: Hashable, Sendable, Codable {
    public struct Problem: Hashable, Sendable, Codable {
        /// `image/VERSION`, `image/image.60`, `journal`, or `state` for what image and journal together give.
        public var place: String
        /// Byte of the file; nil where there is none to name.
        public var offset: Int64?
        /// Entry of the edit log.
        public var logID: Int64?
        public var text: String

        public init(place: String, offset: Int64? = nil, logID: Int64? = nil, text: String) {
            self.place = place
            self.offset = offset
            self.logID = logID
            self.text = text
        }
    }

    /// All is as it must be.
    public var isWell: Bool { problemCount == 0 }
    public var images: Int64
    public var entries: Int64
    public var lastLogID: Int64
    public var tables: Int64
    public var tablets: Int64
    public var replicas: Int64
    public var problemCount: Int64
    /// The first thousand.
    public var problems: [Problem]
    /// What is odd and right all the same, as a crash leaves it.
    public var notes: [String]

    public init(
        images: Int64 = 0, entries: Int64 = 0, lastLogID: Int64 = 0, tables: Int64 = 0, tablets: Int64 = 0,
        replicas: Int64 = 0, problemCount: Int64 = 0, problems: [Problem] = [], notes: [String] = []
    ) {
        self.images = images
        self.entries = entries
        self.lastLogID = lastLogID
        self.tables = tables
        self.tablets = tablets
        self.replicas = replicas
        self.problemCount = problemCount
        self.problems = problems
        self.notes = notes
    }
}

/// One entry of the edit log in words.
public struct JournalLineView: Hashable, Sendable, Codable {
    public var logID: Int64
    /// nil: nothing that this build knows.
    public var op: Int16?
    /// The operation's; empty without one.
    public var name: String
    public var bytes: Int64
    /// What it changes, or why it can't be read.
    public var text: String
    /// False also for entries that are missing.
    public var isReadable: Bool

    public init(logID: Int64, op: Int16? = nil, name: String = "", bytes: Int64 = 0, text: String, isReadable: Bool) {
        self.logID = logID
        self.op = op
        self.name = name
        self.bytes = bytes
        self.text = text
        self.isReadable = isReadable
    }
}

/// Some entries of the edit log, in order.
public struct JournalLinesView: Hashable, Sendable, Codable {
    public var lines: [JournalLineView]
    /// Where to ask on; nil: that was all.
    public var next: Int64?

    public init(lines: [JournalLineView], next: Int64?) {
        self.lines = lines
        self.next = next
    }
}
