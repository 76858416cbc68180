import NodeMetrics
import Synchronization
import Testing

@Suite struct MetricGroupTests {
    @Test func familiesOfOneLookAreReadOnceARender() {
        let registry = MetricsRegistry()
        let looks = Mutex(0)
        registry.gauge("b", help: "between").set(1)
        registry.together([
            MetricDescription("a", "first"), MetricDescription("c_total", .counter, "last"),
            MetricDescription("d", "nothing to tell"),
        ]) {
            looks.withLock { $0 += 1 }
            return [MetricRow("c_total", [("k", "2")], 2), MetricRow("c_total", [("k", "1")], 1), MetricRow("a", 3.5)]
        }
        #expect(
            registry.render() == """
                # HELP a first
                # TYPE a gauge
                a 3.5
                # HELP b between
                # TYPE b gauge
                b 1
                # HELP c_total last
                # TYPE c_total counter
                c_total{k="1"} 1
                c_total{k="2"} 2
                # HELP d nothing to tell
                # TYPE d gauge

                """)
        #expect(looks.withLock { $0 } == 1)
    }

    @Test func aSummaryShowsQuantilesOfWhatWasObserved() {
        let registry = MetricsRegistry()
        let latency = registry.summary("took_ms", help: "time", bounds: [10, 20, 30, 40])
        #expect(registry.render().contains("took_ms{quantile=\"0.999\"} 0\n"))
        // A hundred, evenly in the first bucket, and one beyond the last bound.
        for _ in 0..<100 { latency.observe(5) }
        #expect(registry.render().contains("took_ms{quantile=\"0.75\"} 7.5\n"))
        latency.observe(1000)
        let text = registry.render()
        #expect(text.contains("# TYPE took_ms summary\n"))
        #expect(text.contains("took_ms{quantile=\"0.999\"} 40\n"), "\(text)")
        #expect(text.contains("took_ms_sum 1500\n") && text.contains("took_ms_count 101\n"))
    }
}
