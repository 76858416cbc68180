import ByteText
import CurlHTTP
import Foundation
import LocalFileSystem
import Platform

/// Who asks, and the password that shows it. Its description leaves the password out.
struct Login: CustomStringConvertible {
    let user: String
    private let password: String

    init(user: String, password: String) {
        self.user = user
        self.password = password
    }

    var description: String { "user \(user)" }

    /// Basic auth.
    var header: HTTPHeader { HTTPHeader("Authorization", "Basic " + Base64.text(Array("\(user):\(password)".utf8))) }

    /// From the file, the environment or the terminal, whichever there is first.
    static func password(of user: String, file: String?) throws -> String {
        if let file {
            guard let line = try LocalFileSystem().firstLine(of: absolutePath(file)) else {
                throw CLIError.usage("the first line of \(file) is no password")
            }
            return line
        }
        if let password = environment("TABLETD_PASSWORD") { return password }
        guard isatty(STDIN_FILENO) == 1 else { return "" }
        return try ask("Password of \(user): ")
    }

    /// Asks at the terminal, which shows nothing of it.
    private static func ask(_ question: String) throws -> String {
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { throw CLIError.failed("the terminal can't be asked") }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        FileHandle.standardError.write(Data(question.utf8))
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            FileHandle.standardError.write(Data("\n".utf8))
        }
        guard let line = readLine() else { throw CLIError.usage("no password was given") }
        return line
    }
}
