import Testing

/// Tests with real processes. They run side by side as far as the machine has cores, since each test function blocks
/// its thread while it waits for other processes.
@Suite struct IntegrationTests {}
