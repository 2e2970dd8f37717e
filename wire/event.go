package wire

// Event is what a partner posts to Orange's gateway. Orange fills in the id.
type Event struct {
	ID       string    `json:"id,omitempty"`
	Type     EventType `json:"type,omitempty"`
	Time     string    `json:"time,omitempty"` // RFC 3339
	Resource any       `json:"resource,omitempty"`
}

// EventType says what an event tells.
type EventType string

// The types of events, and the resource that each carries.
const (
	OrderCompleted EventType = "completedStateNotification" // ProductOrder
	OrderFailed    EventType = "failedStateNotification"    // ProductOrder
	Updated        EventType = "updateNotification"         // Update (UC6) or Operations (UC5)
)

// Token is the answer of the token server.
type Token struct {
	TokenType   string `json:"token_type"`
	AccessToken string `json:"access_token"`
	ExpiresIn   int    `json:"expires_in"` // seconds
}

// TokenError is the token server's refusal (RFC 6749, 5.2): another model than Error.
type TokenError struct {
	Code        string `json:"error"`
	Description string `json:"error_description,omitempty"`
}
