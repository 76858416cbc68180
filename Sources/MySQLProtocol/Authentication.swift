internal import AccessControl
internal import SQLSessions

/// The steps from a client's first answer to a proof that can be checked.
struct Authentication: Sendable {
    enum Step {
        /// Ask the client more.
        case send([UInt8])
        case check(PasswordProof)
        case refuse(SQLError)
    }

    private enum Asked {
        case challenge
        /// caching_sha2_password: the password itself, under TLS.
        case password
    }

    private let fallback: AuthenticationPlugin
    private let isEncrypted: Bool
    /// The client knows plugins, so that it can be asked for another.
    private let canSwitch: Bool
    private let newChallenge: @Sendable () -> [UInt8]
    private var plugin: AuthenticationPlugin
    private var challenge: [UInt8]
    private var asked = Asked.challenge
    /// The client was told a plugin and a challenge of its own.
    private var hasSwitched = false

    /// - Parameters:
    ///   - plugin: the one that the server named first.
    ///   - challenge: what went with it.
    init(
        plugin: AuthenticationPlugin, challenge: [UInt8], isEncrypted: Bool, canSwitch: Bool,
        newChallenge: @escaping @Sendable () -> [UInt8]
    ) {
        fallback = plugin
        self.plugin = plugin
        self.challenge = challenge
        self.isEncrypted = isEncrypted
        self.canSwitch = canSwitch
        self.newChallenge = newChallenge
    }

    /// The proof went over caching_sha2_password's fast path, and the client waits for a word about it.
    private(set) var usedFastPath = false

    /// What came with the user's name.
    /// - Parameter name: the plugin that the client chose; nil: it knows none, and means the native one.
    mutating func begin(name: String?, answer: ArraySlice<UInt8>) -> Step {
        guard let chosen = AuthenticationPlugin(rawValue: name ?? AuthenticationPlugin.native.rawValue) else {
            return switchTo(fallback)
        }
        plugin = chosen
        // Whoever prefers another plugin than the one that was named may have ignored the challenge, and sent nothing.
        if canSwitch, chosen != fallback, answer.count != chosen.answerLength { return switchTo(chosen) }
        return consider(answer)
    }

    /// For a user that changes: the challenge of the connection has been used.
    mutating func beginAnew(name: String?) -> Step {
        switchTo(name.flatMap { AuthenticationPlugin(rawValue: $0) } ?? fallback)
    }

    mutating func receive(_ payload: [UInt8]) -> Step {
        switch asked {
        case .challenge: return consider(payload[...])
        case .password:
            guard payload.last == 0, let password = String(validating: payload.dropLast(), as: UTF8.self) else {
                return .refuse(.malformedPacket)
            }
            return .check(.clear(password))
        }
    }

    private mutating func switchTo(_ plugin: AuthenticationPlugin) -> Step {
        self.plugin = plugin
        challenge = newChallenge()
        hasSwitched = true
        return .send([0xfe] + Array(plugin.rawValue.utf8) + [0] + challenge + [0])
    }

    private mutating func consider(_ answer: ArraySlice<UInt8>) -> Step {
        if plugin.isEmptyAnswer(answer) { return .check(.none) }
        switch plugin {
        case .native:
            if answer.count != plugin.answerLength, canSwitch, !hasSwitched { return switchTo(plugin) }
            return .check(.native(answer: Array(answer), challenge: challenge))
        case .cachingSHA2:
            if answer.count == plugin.answerLength {
                usedFastPath = true
                return .check(.sha2(answer: Array(answer), challenge: challenge))
            }
            guard isEncrypted else { return .refuse(.needsTLS) }
            asked = .password
            return .send([0x01, 0x04])
        }
    }
}
