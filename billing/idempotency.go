package billing

// OnceKey identifies a write that must not be done twice (F4-1).
type OnceKey struct {
	Client ClientID
	Route  string // method and route, such as "POST /billing/v1/subscriptions"
	Key    string
	// Body is the full SHA-256 of the canonical body.
	Body [32]byte
}

// Answer is what was answered, to be given again byte for byte.
type Answer struct {
	Status int
	Header map[string]string
	Body   []byte
}
