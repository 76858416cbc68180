public import Logging
internal import NativeThreads
public import ServiceLifecycle
internal import UnixSignals

/// A part of a daemon, by the name that a person knows it by.
public struct DaemonPart: Sendable {
    public var name: String
    public var service: any Service

    public init(_ name: String, _ service: any Service) {
        self.name = name
        self.service = service
    }
}

/// How long a stop may take.
public struct StopLimits: Sendable {
    /// From the signal, or the failure of a part, until the parts that still run are cancelled.
    public var graceful: Duration
    /// From there until the process ends with them.
    public var afterCancelling: Duration

    public init(graceful: Duration, afterCancelling: Duration = .seconds(5)) {
        self.graceful = graceful
        self.afterCancelling = afterCancelling
    }
}

/// Runs a daemon's parts until SIGTERM, SIGINT, or the failure of one; they stop in reverse order. SIGHUP reopens the log
/// file.
///
/// - Parameters:
///   - onHangup: called at each SIGHUP, after the log.
///   - onOverdue: called from a thread of its own with the names of the parts that still run when both limits are
///     over. It must end the process; nil does, with one line that names them.
/// - Throws: what the first part that failed threw.
public func runUntilStopped(
    _ parts: [DaemonPart], within limits: StopLimits, logger: Logger,
    onOverdue: (@Sendable (_ running: [String]) -> Void)? = nil, onHangup: @escaping @Sendable () -> Void = {}
) async throws {
    let watch = StopWatch(parts.map(\.name))
    let overdue =
        onOverdue ?? { running in
            let names = running.joined(separator: ", ")
            logger.critical("the stop takes too long: the process ends", metadata: ["running": "\(names)"])
            complain("the stop took longer than \(limits.graceful + limits.afterCancelling): still running: \(names)")
            endProcess(DaemonExit.failure, flushes: false)
        }
    typealias Configuration = ServiceGroupConfiguration.ServiceConfiguration
    var services = [Configuration(service: LogReopening(logger: logger, onHangup: onHangup))]
    for (number, part) in parts.enumerated() {
        services.append(
            Configuration(
                service: WatchedService(part.service, number, watch),
                failureTerminationBehavior: .gracefullyShutdownGroup))
    }
    // The last is the first to hear of a stop.
    services.append(Configuration(service: StopAlarm(watch: watch, limits: limits, onOverdue: overdue)))
    var group = ServiceGroupConfiguration(
        services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    group.maximumGracefulShutdownDuration = limits.graceful
    // The alarm comes first and names who is late; this is for an alarm that got no thread.
    group.maximumCancellationDuration = limits.afterCancelling + .seconds(10)
    defer { watch.allEnded() }
    try await ServiceGroup(configuration: group).run()
}

/// Which parts still run.
private final class StopWatch: Sendable {
    private let names: [String]
    private let ended = Monitor<Set<Int>>([])

    init(_ names: [String]) { self.names = names }

    func end(_ number: Int) { ended.update { _ = $0.insert(number) } }
    func allEnded() { ended.update { $0 = Set(names.indices) } }

    /// The parts that still run after `limit`; none when all have ended before.
    func running(after limit: Duration) -> [String] {
        ended.wait(upTo: limit) { $0.count == names.count ? [] : nil }
            ?? ended.withLock { ended in names.indices.filter { !ended.contains($0) }.map { names[$0] } }
    }
}

private struct WatchedService: Service {
    let service: any Service
    let number: Int
    let watch: StopWatch

    init(_ service: any Service, _ number: Int, _ watch: StopWatch) {
        self.service = service
        self.number = number
        self.watch = watch
    }

    func run() async throws {
        defer { watch.end(number) }
        try await service.run()
    }
}

/// Rings when a stop takes too long. A part that heeds neither graceful shutdown nor cancellation would otherwise keep the
/// process for ever.
private struct StopAlarm: Service {
    let watch: StopWatch
    let limits: StopLimits
    let onOverdue: @Sendable ([String]) -> Void

    func run() async throws {
        do { try await gracefulShutdown() } catch {}
        let (watch, limits, onOverdue) = (watch, limits, onOverdue)
        // Without a thread there is no alarm; the group's own deadline is left.
        _ = NativeThread.start(name: "stop-alarm") {
            let running = watch.running(after: limits.graceful + limits.afterCancelling)
            if !running.isEmpty { onOverdue(running) }
        }
    }
}

/// Logrotate's way to say that the log file was moved; and whatever else is read again.
private struct LogReopening: Service {
    let logger: Logger
    let onHangup: @Sendable () -> Void

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() {
            LogOutput.reopenInstalled(logger)
            onHangup()
        }
    }
}
