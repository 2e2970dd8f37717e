// Package wire is the built-in contract as Go structs: what travels between Orange and a partner, as JSON.
//
// It owns names, types and the rule that absent means absent: a member without value is left out, never null, {} or ""
// (FAQ, data with no value). It does not own validation, behaviour or transport.
package wire

import "time"

// Reference is the sender's own identifier of a resource; whoever receives it gives it back unchanged.
type Reference struct {
	Type string `json:"type,omitempty"` // "orange"
	ID   string `json:"id,omitempty"`
}

// Characteristic is one named value: a property of a resource or a piece of technical information.
type Characteristic struct {
	Name  string `json:"name,omitempty"`
	Value string `json:"value,omitempty"`
}

// Note is a remark, such as the reason of a failure.
type Note struct {
	Text   string `json:"text,omitempty"`
	Date   string `json:"date,omitempty"` // RFC 3339
	Author string `json:"author,omitempty"`
}

// Phone is a telephone number: country code and subscriber number, digits only.
type Phone struct {
	CC string `json:"cc,omitempty"`
	SN string `json:"sn,omitempty"`
}

// Offering names an entry of Orange's catalogue; its code is ExternalReference.ID.
type Offering struct {
	Name              string    `json:"name,omitempty"`
	ExternalReference Reference `json:"externalReference,omitzero"`
}

// Resource is the technical support of a licence (realizingResource), such as a URL or a telephone number.
type Resource struct {
	Type           string           `json:"type,omitempty"`
	Characteristic []Characteristic `json:"characteristic,omitempty"`
}

// State is the state of an order, of an order item, of an update or of a licence.
type State string

// The states of orders, order items and updates. "partial" is named by the sources and not used.
const (
	Acknowledged State = "acknowledged"
	Completed    State = "completed"
	Failed       State = "failed"
)

// The states of licences, and those that Orange asks for by externalState.
const (
	Active     State = "active"
	Inactive   State = "inactive"
	Deleted    State = "deleted"
	Terminated State = "terminated"
	Suspended  State = "suspended" // externalState only; the licence is then Inactive
)

// Action is what an order item or an operation does.
type Action string

// The actions. Reset is of logins only, Swap of offerings only.
const (
	Add    Action = "add"
	Modify Action = "modify"
	Delete Action = "delete"
	Swap   Action = "swap"
	Reset  Action = "reset"
)

// Time writes t as the contract does: RFC 3339, UTC, milliseconds.
func Time(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }
