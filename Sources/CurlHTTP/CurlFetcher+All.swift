internal import NativeThreads
public import Platform

extension CurlFetcher {
    /// `parallel` threads, the caller's among them, each with one download after the other: a body that waits for its disk
    /// holds up no other. The threads end with the call. One that the system does not give is done without.
    public func fetchAll(_ downloads: [HTTPDownload], parallel: Int) -> [Result<Void, any Error>] {
        let queue = DownloadQueue(downloads, fetcher: self)
        for number in 1..<max(2, min(parallel, downloads.count)) where parallel > 1 && downloads.count > 1 {
            queue.helperBegins()
            guard NativeThread.start(name: "download-\(number)", { queue.help() }) == 0 else {
                queue.helperEnds()
                break
            }
        }
        queue.run()
        return queue.results()
    }
}

/// Downloads that several threads work off.
private final class DownloadQueue: Sendable {
    private struct State {
        var next = 0
        var helpers = 0
        var results: [Result<Void, any Error>?]
    }

    private let downloads: [HTTPDownload]
    private let fetcher: CurlFetcher
    private let state: Monitor<State>

    init(_ downloads: [HTTPDownload], fetcher: CurlFetcher) {
        self.downloads = downloads
        self.fetcher = fetcher
        state = Monitor(State(results: Array(repeating: nil, count: downloads.count)))
    }

    func helperBegins() { state.update { $0.helpers += 1 } }
    func helperEnds() { state.update { $0.helpers -= 1 } }

    func help() {
        run()
        helperEnds()
    }

    /// Until nothing is left to begin.
    func run() {
        while let index = take() {
            let one = downloads[index]
            let result = Result {
                try fetcher.fetch(one.url, range: one.range, timeoutSeconds: one.timeoutSeconds, one.body)
            }
            state.update { $0.results[index] = result }
        }
    }

    private func take() -> Int? {
        state.update { state in
            guard state.next < downloads.count else { return nil }
            state.next += 1
            return state.next - 1
        }
    }

    /// Waits for the helpers.
    func results() -> [Result<Void, any Error>] {
        state.wait { state in state.helpers == 0 ? state.results.compactMap { $0 } : nil }
    }
}
