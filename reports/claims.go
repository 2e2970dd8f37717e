package reports

// Claim is one optional feature of the profile (Appendix 2 of the agreement) beside what the run showed of it.
type Claim struct {
	Feature  string     `json:"feature"` // as in the profile: changeOffering, endUser, …
	Declared bool       `json:"declared"`
	State    ClaimState `json:"state"`
	// Requirements are those that judge the feature.
	Requirements []string `json:"requirements"`
	// Sign is where the partner's own messages show the feature: a JSON path; empty where none does. Exchange is the first
	// that does, NoExchange where none does.
	Sign     string `json:"sign,omitempty"`
	Exchange int    `json:"exchange"`
}

// ClaimState is what became of a claim.
type ClaimState string

// The states.
const (
	ClaimKept     ClaimState = "kept"     // declared, and judged without a failure
	ClaimOver     ClaimState = "over"     // declared, and a requirement of it failed
	ClaimUnproven ClaimState = "unproven" // declared, and not judged
	ClaimUnder    ClaimState = "under"    // not declared, but the partner's messages show it
	ClaimNone     ClaimState = "none"     // neither declared nor seen
)
