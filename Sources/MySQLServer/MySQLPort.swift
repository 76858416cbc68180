/// The SQL port.
enum MySQLPort {}
