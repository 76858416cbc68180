import NodeMetrics
import Testing

@Suite struct MetricsTests {
    @Test func countersAndGaugesRenderInNameOrder() {
        let registry = MetricsRegistry()
        registry.gauge("b_gauge", help: "what it is").set(2.5)
        let requests = registry.counter("a_total", help: "requests", labels: [("type", "x"), ("status", "ok")])
        requests.increment()
        requests.increment(by: 4)
        #expect(
            registry.render() == """
                # HELP a_total requests
                # TYPE a_total counter
                a_total{status="ok",type="x"} 5
                # HELP b_gauge what it is
                # TYPE b_gauge gauge
                b_gauge 2.5

                """)
    }

    @Test func sameNameAndLabelsGiveTheSameHandle() {
        let registry = MetricsRegistry()
        let one = registry.counter("n", help: "", labels: [("a", "1"), ("b", "2")])
        let same = registry.counter("n", help: "", labels: [("b", "2"), ("a", "1")])
        let other = registry.counter("n", help: "", labels: [("a", "1")])
        #expect(one === same)
        #expect(one !== other)
    }

    @Test func labelValuesAndHelpAreEscaped() {
        let registry = MetricsRegistry()
        registry.gauge("g", help: "two\nlines \"quoted\"", labels: [("path", "a\\b\"c\nd")]).set(1)
        let text = registry.render()
        #expect(text.contains(#"# HELP g two\nlines "quoted""#))
        #expect(text.contains(#"g{path="a\\b\"c\nd"} 1"#))
    }

    @Test func histogramBucketsAreCumulativeAndBoundsInclusive() {
        let registry = MetricsRegistry()
        let histogram = registry.histogram("h", help: "seconds", labels: [("op", "x")], bounds: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 7] { histogram.observe(value) }
        #expect(
            registry.render() == """
                # HELP h seconds
                # TYPE h histogram
                h_bucket{op="x",le="0.1"} 2
                h_bucket{op="x",le="1"} 3
                h_bucket{op="x",le="+Inf"} 4
                h_sum{op="x"} 7.65
                h_count{op="x"} 4

                """)
    }

    @Test func gaugesAreReadAtEachRender() {
        let registry = MetricsRegistry()
        let level = registry.gauge("level", help: "")
        registry.gauge("doubled", help: "") { level.value * 2 }
        registry.gauges("disk", help: "") { [([("path", "/b")], 2), ([("path", "/a")], level.value)] }
        level.set(3.0)
        level.add(-1)
        let text = registry.render()
        #expect(text.contains("doubled 4\n"))
        #expect(text.contains("disk{path=\"/a\"} 2\ndisk{path=\"/b\"} 2\n"))
    }

    @Test(arguments: [(Double.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (1e20, "1e+20"), (-3, "-3")])
    func numbersAreWrittenAsPrometheusReadsThem(value: Double, text: String) {
        let registry = MetricsRegistry()
        registry.gauge("g", help: "").set(value)
        #expect(registry.render().hasSuffix("g \(text)\n"))
    }

    @Test func concurrentIncrementsAreAllCounted() async {
        let registry = MetricsRegistry()
        let counter = registry.counter("n", help: "")
        let histogram = registry.histogram("h", help: "", bounds: [1])
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask { for _ in 0..<10_000 { counter.increment(); histogram.observe(1) } }
            }
        }
        #expect(counter.value == 40_000)
        #expect(histogram.snapshot.counts == [40_000, 0])
        #expect(histogram.snapshot.sum == 40_000)
    }
}
