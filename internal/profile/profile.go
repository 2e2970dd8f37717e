// Package profile is Appendix 2 of the agreement as a file: what a partner declared, and how to reach it.
//
// It owns reading, defaults, validation with line numbers and redaction. It does not judge.
package profile

import "time"

// Mode is how the partner answers: at once (sync) or by an event later (async).
type Mode string

// The two modes of the agreement.
const (
	Sync  Mode = "sync"
	Async Mode = "async"
)

// Profile is a partner's declaration. All but partner, offer, mode and offerings have defaults.
type Profile struct {
	Partner     Partner            `yaml:"partner" json:"partner"`
	BaseURL     string             `yaml:"baseURL" json:"baseURL"`
	Ping        string             `yaml:"ping" json:"ping"`   // path of ping below BaseURL, "/ping"
	Offer       string             `yaml:"offer" json:"offer"` // mba2 | mba2-beta
	Mode        Mode               `yaml:"mode" json:"mode"`
	Auth        Auth               `yaml:"auth" json:"auth"`
	TLS         TLS                `yaml:"tls" json:"tls"`
	Orange      Orange             `yaml:"orange" json:"orange"`
	Offerings   []Offering         `yaml:"offerings" json:"offerings"`
	Features    Features           `yaml:"features" json:"features"`
	Login       Login              `yaml:"login" json:"login"`
	Limits      Limits             `yaml:"limits" json:"limits"`
	Delays      Delays             `yaml:"delays" json:"delays"`
	Concurrency int                `yaml:"concurrency" json:"concurrency"` // calls in flight at the partner
	Triggers    map[string]Trigger `yaml:"triggers" json:"triggers,omitempty"`
}

// Partner names the party and its agreement.
type Partner struct {
	Name     string `yaml:"name" json:"name"`
	Contract string `yaml:"contract" json:"contract"`
}

// Auth is how Orange authenticates towards the partner. Type: none | basic | bearer | header | mtls.
type Auth struct {
	Type     string `yaml:"type" json:"type"`
	User     string `yaml:"user" json:"user,omitempty"`
	Password string `yaml:"password" json:"password,omitempty"`
	Token    string `yaml:"token" json:"token,omitempty"`
	Name     string `yaml:"name" json:"name,omitempty"`
	Value    string `yaml:"value" json:"value,omitempty"`
	Cert     string `yaml:"cert" json:"cert,omitempty"` // PEM file, relative to the profile
	Key      string `yaml:"key" json:"key,omitempty"`   // PEM file, relative to the profile
}

// TLS names an extra authority for the partner's certificate (PEM file, relative to the profile).
type TLS struct {
	CA string `yaml:"ca" json:"ca,omitempty"`
}

// Orange is where the mock Orange serves and what it lets in.
type Orange struct {
	Listen       string `yaml:"listen" json:"listen"`       // "127.0.0.1:8090"
	PublicURL    string `yaml:"publicURL" json:"publicURL"` // how the partner reaches it, if not by Listen
	ClientID     string `yaml:"clientID" json:"clientID"`   // "demo"
	ClientSecret string `yaml:"clientSecret" json:"clientSecret"`
}

// Offering is one entry of Orange's catalogue. Price is a decimal string.
type Offering struct {
	Code        string `yaml:"code" json:"code"`
	Name        string `yaml:"name" json:"name"`
	Price       string `yaml:"price" json:"price,omitempty"`
	Currency    string `yaml:"currency" json:"currency,omitempty"`
	Periodicity string `yaml:"periodicity" json:"periodicity,omitempty"`
}

// Features are the optional ones; the mandatory ones are always on. Absent or false is not declared.
type Features struct {
	ChangeOffering       bool                   `yaml:"changeOffering" json:"changeOffering"`
	EndUser              bool                   `yaml:"endUser" json:"endUser"`
	RenewLogin           bool                   `yaml:"renewLogin" json:"renewLogin"`
	ConsultByID          bool                   `yaml:"consultById" json:"consultById"`
	RealizingResource    *RealizingResource     `yaml:"realizingResource" json:"realizingResource,omitempty"`
	TechnicalInformation []TechnicalInformation `yaml:"technicalInformation" json:"technicalInformation,omitempty"`
}

// RealizingResource is the technical support of a licence. Per: licence | fleet. From: order | assignment.
type RealizingResource struct {
	Type       string   `yaml:"type" json:"type"`
	Per        string   `yaml:"per" json:"per"`
	From       string   `yaml:"from" json:"from"`
	Changeable bool     `yaml:"changeable" json:"changeable"`
	Properties []string `yaml:"properties" json:"properties,omitempty"`
}

// TechnicalInformation is a characteristic that an order carries.
type TechnicalInformation struct {
	Name     string `yaml:"name" json:"name"`
	Example  string `yaml:"example" json:"example"`
	Required bool   `yaml:"required" json:"required"`
}

// Login says which key a login has: login | organizationCode.
type Login struct {
	Key string `yaml:"key" json:"key"`
}

// Limits are what the partner can take. Quantity: licences in one order, 100 unless said otherwise.
type Limits struct {
	Quantity int `yaml:"quantity" json:"quantity"`
}

// Delays are the partner's promises, and how long the judge waits.
type Delays struct {
	Answer  Duration `yaml:"answer" json:"answer"`   // an HTTP answer, 10s
	Event   Duration `yaml:"event" json:"event"`     // a final event after an acknowledgement, 30s
	Quiet   Duration `yaml:"quiet" json:"quiet"`     // the shared window for "no event comes", 1s
	Retry   Duration `yaml:"retry" json:"retry"`     // a redelivery after a gateway fault, 30s
	Visible Duration `yaml:"visible" json:"visible"` // tolerance between visible licences and their event, 1s
}

// Duration is written "10s" in YAML and JSON.
type Duration time.Duration

// D returns it as a time.Duration.
func (d Duration) D() time.Duration { return time.Duration(d) }

// The names of triggers: the UC5 changes that only the partner can start.
const (
	TriggerEndUserAdd     = "endUser.add"
	TriggerEndUserModify  = "endUser.modify"
	TriggerEndUserDelete  = "endUser.delete"
	TriggerResourceModify = "realizingResource.modify"
	TriggerLoginModify    = "login.modify"
)

// Trigger makes the partner start a change; exactly one kind is set. {base} {licence} {fleet} {customer} fill in.
type Trigger struct {
	HTTP    *TriggerHTTP `yaml:"http" json:"http,omitempty"`
	Command []string     `yaml:"command" json:"command,omitempty"` // argv, no shell
	Ask     string       `yaml:"ask" json:"ask,omitempty"`         // what a person is asked to do
}

// TriggerHTTP is one HTTP call to the partner's customer tool.
type TriggerHTTP struct {
	Method  string            `yaml:"method" json:"method"`
	URL     string            `yaml:"url" json:"url"`
	Headers map[string]string `yaml:"headers" json:"headers,omitempty"`
	Body    string            `yaml:"body" json:"body,omitempty"`
}
