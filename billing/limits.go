package billing

// The limits of what is stored. MaxLines counts groups and leaves; MaxDepth counts the levels of a tree.
const (
	MaxLines = 500
	MaxDepth = 8

	// MaxHolds and MaxRevisions keep the closed form short: it walks both.
	MaxHolds     = 200
	MaxRevisions = 200

	longestCode      = 64
	longestName      = 200
	longestReference = 200
	longestLabel     = 500
	longestReason    = 500
)
