import TabletModel
import Testing

@Suite struct TaskMemberTests {
    @Test func eachMemberIsWhatSomeKnownTypeNeeds() {
        let needed = TaskType.names.keys.compactMap { TaskType(rawValue: $0).member }
        #expect(Set(needed) == Set(TaskMember.allCases))
    }

    @Test func anUnknownTypeNeedsNone() { #expect(TaskType(rawValue: 4711).member == nil) }
}
