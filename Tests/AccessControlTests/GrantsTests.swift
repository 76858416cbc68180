import AccessControl
import Testing

struct GrantsTests {
    @Test func aRightHoldsWhatIsBelowIt() {
        let grants: Grants = [Grant(.load, on: "a"), Grant(.read)]
        #expect(grants.allow(.load, on: "a"))
        #expect(grants.allow(.read, on: "a"))
        #expect(!grants.allow(.admin, on: "a"))
        #expect(grants.allow(.read, on: "b"))
        #expect(!grants.allow(.load, on: "b"))
        #expect(grants.allow(.read, on: nil))
        #expect(!grants.allow(.load, on: nil))
        #expect(grants.allowAnywhere(.load))
        #expect(!grants.allowAnywhere(.admin))
    }

    @Test func oneADatabase() {
        var grants: Grants = [Grant(.read, on: "a"), Grant(.admin, on: "a"), Grant(.load, on: "a")]
        #expect(grants.all == [Grant(.admin, on: "a")])
        let took1 = grants.take(Grant(.load, on: "a"))
        #expect(took1)
        #expect(grants.all == [Grant(.read, on: "a")])
        let took2 = grants.take(Grant(.load, on: "a"))
        #expect(!took2)
        let took3 = grants.take(Grant(.read))
        #expect(!took3)
        let took4 = grants.take(Grant(.read, on: "a"))
        #expect(took4)
        #expect(grants.all.isEmpty)
    }

    /// A database of no name is none of all.
    @Test func anEmptyNameIsNotAll() {
        let grants: Grants = [Grant(.admin, on: "")]
        #expect(!grants.allow(.read, on: nil))
        #expect(!grants.allow(.read, on: "a"))
    }
}
