package billing

// ClientID identifies an API client; it is opaque, and given by the store.
type ClientID string

// Role is what a client may do on the offers of its list (or, an admin, on all).
type Role string

// The roles of a client.
const (
	RoleReader Role = "reader"
	RoleWriter Role = "writer"
	RoleAdmin  Role = "admin"
)

// ClientStatus says whether a client is let in.
type ClientStatus string

// The states of a client.
const (
	ClientActive    ClientStatus = "active"
	ClientSuspended ClientStatus = "suspended"
)

// Client is a registered user of the API.
type Client struct {
	ID   ClientID
	Name string
	// SecretHash is what the secret is checked against; it leaves the store in no answer and no audit entry.
	SecretHash []byte
	Status     ClientStatus
	// Expires is the first day on which the client is no longer let in; Forever if it never expires.
	Expires Day
	// Offers are those the client may act on, sorted.
	Offers []OfferCode
	// Omniscient lets the client read every offer. It never lets it write.
	Omniscient bool
	Role       Role
	Version    int
	CreatedAt  Instant
}

// NewClient is what creates a Client; an empty Role is RoleReader, a nil Expires is never.
type NewClient struct {
	Name       string
	Offers     []OfferCode
	Omniscient bool
	Role       Role
	Expires    *Day
}

// Admitted says whether the client is let in on the given day.
func (c Client) Admitted(today Day) bool {
	return c.Status == ClientActive && today < c.Expires
}
