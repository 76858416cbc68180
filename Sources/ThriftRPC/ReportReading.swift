internal import Platform
internal import ReportCodec
internal import TabletModel

/// One large report while it arrives: the tablets go to the handler's taker, the rest waits for the end. A worker at a time has
/// it, so it needs no lock.
final class ReportReading {
    private let handler: any FrontendHandler
    private var stream = ReportStream()
    private var taker: Taker?

    private enum Taker {
        case none
        case tablets(any ArrivingTablets)
    }

    private init(_ handler: any FrontendHandler) { self.handler = handler }

    /// Retained until `release`.
    static func begun(_ handler: any FrontendHandler) -> UnsafeMutableRawPointer {
        Unmanaged.passRetained(ReportReading(handler)).toOpaque()
    }

    static func at(_ pointer: UnsafeMutableRawPointer) -> ReportReading {
        Unmanaged<ReportReading>.fromOpaque(pointer).takeUnretainedValue()
    }

    static func release(_ pointer: UnsafeMutableRawPointer) {
        Unmanaged<ReportReading>.fromOpaque(pointer).release()
    }

    /// - Returns: how many of the bytes need not come again.
    func read(_ bytes: UnsafeRawBufferPointer) throws -> Int { try read(bytes, isLast: false) }

    func end(_ bytes: UnsafeRawBufferPointer) throws -> IncomingReport {
        _ = try read(bytes, isLast: true)
        var report = try stream.finish()
        if case .tablets(let arriving) = taker { report.arrived = arriving }
        return report
    }

    private func read(_ bytes: UnsafeRawBufferPointer, isLast: Bool) throws -> Int {
        try stream.read(bytes, isLast: isLast) { piece, backend in
            if taker == nil { taker = handler.tabletsArrive(from: backend).map { .tablets($0) } ?? Taker.none }
            if case .tablets(let arriving) = taker { try arriving.take(piece) }
        }
    }
}
