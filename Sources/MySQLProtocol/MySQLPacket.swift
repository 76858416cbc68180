/// Packets of MySQL's client protocol.
enum MySQLPacket {}
