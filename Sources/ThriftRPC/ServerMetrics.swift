public import NodeMetrics

/// Shows what a Thrift port has seen, under the label `server`.
public func publishServer(
    _ name: String, in metrics: MetricsRegistry, _ statistics: @escaping @Sendable () -> ServerStatistics
) {
    let labels = [("server", name)]
    metrics.gauge("tabletd_thrift_connections", help: "Open connections.", labels: labels) {
        Double(statistics().connections)
    }
    let rows: [(name: String, help: String, read: @Sendable (ServerStatistics) -> Int64)] = [
        ("accepted", "Connections accepted.", { $0.accepted }),
        ("calls", "Calls answered.", { $0.calls }),
        ("received_bytes", "Bytes received.", { $0.bytesReceived }),
        ("sent_bytes", "Bytes sent.", { $0.bytesSent }),
        ("refused_messages", "Messages refused for what they were.", { $0.refusedMessages }),
        ("shed_connections", "Idle connections closed to make room.", { $0.shed }),
        ("timed_out_connections", "Connections closed for being too slow.", { $0.timedOut }),
        ("refused_callers", "Connections closed for where they came from.", { $0.refusedCallers }),
        ("refused_plain_connections", "Connections closed for speaking without TLS.", { $0.refusedPlain }),
        ("tls_handshakes", "TLS handshakes that ended well.", { $0.handshakes }),
        ("failed_tls_handshakes", "TLS handshakes that failed.", { $0.failedHandshakes }),
    ]
    for row in rows {
        metrics.counter("tabletd_thrift_\(row.name)_total", help: row.help, labels: labels) {
            Double(row.read(statistics()))
        }
    }
}
