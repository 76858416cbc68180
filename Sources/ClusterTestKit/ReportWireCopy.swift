internal import ReportCodec
internal import TabletModel

/// The report as the FE receives it: through the bytes of the wire, so that a simulation runs the same codec as the
/// daemons.
func wireCopy(of report: OutgoingReport) throws -> IncomingReport {
    try ReportDecoder.decode(ReportEncoder.bytes(of: report))
}
