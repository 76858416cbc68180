package func violation(_ message: String, _ line: UInt) -> ContractViolation {
    ContractViolation("\(message) (contract line \(line))")
}

package func require(_ condition: Bool, _ message: @autoclosure () -> String, line: UInt = #line) throws {
    guard condition else { throw violation(message(), line) }
}

package func requireEqual<Value: Equatable>(
    _ actual: Value, _ expected: Value, _ what: @autoclosure () -> String, line: UInt = #line
) throws {
    guard actual == expected else {
        throw violation("\(what()): \(actual), should be \(expected)", line)
    }
}

package func requireValue<Value>(_ value: Value?, _ what: @autoclosure () -> String, line: UInt = #line) throws -> Value
{
    guard let value else { throw violation("\(what()): nothing there", line) }
    return value
}

/// The call must throw a `Failure` that satisfies the condition.
package func requireThrows<Failure: Error>(
    _ type: Failure.Type, _ what: @autoclosure () -> String, line: UInt = #line, where isRight: (Failure) -> Bool,
    _ body: () throws -> Void
) throws {
    do {
        try body()
    } catch let failure as Failure where isRight(failure) {
        return
    } catch {
        throw violation("\(what()): threw the wrong error, \(error)", line)
    }
    throw violation("\(what()): threw nothing", line)
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
