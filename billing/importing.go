package billing

// OnDuplicate says what an import does with a row that is a duplicate (F4-2).
type OnDuplicate string

// The ways with duplicates.
const (
	DuplicateReject OnDuplicate = "reject" // the row's result is an error
	DuplicateSkip   OnDuplicate = "skip"   // the row's result names the existing subscription, and is no error
)

// ImportRow is one line of an import.
type ImportRow struct {
	Line int // of the file, from 1
	NewSubscription
}

// ImportOutcome is what became of a row.
type ImportOutcome string

// The outcomes.
const (
	ImportCreated  ImportOutcome = "created"
	ImportSkipped  ImportOutcome = "skipped"
	ImportRejected ImportOutcome = "rejected"
)

// ImportResult is the result of one row, in the order of the rows. Rows are independent: one that is rejected holds up no
// other.
type ImportResult struct {
	Line     int
	Outcome  ImportOutcome
	ID       SubscriptionID // of the created one
	Existing SubscriptionID // of a duplicate
	Err      error          // of a rejected row: as CreateSubscription would have answered
}
