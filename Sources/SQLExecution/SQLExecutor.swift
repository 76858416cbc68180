/// Carries statements out.
enum SQLExecutor {}
