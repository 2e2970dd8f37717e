package console

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/clementine-ope/clementine/harness"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports/archive"
	"github.com/clementine-ope/clementine/web"
)

// callUC1 creates the customer whom the other orders are for.
const callUC1 = "uc1"

// customerReference is Orange's reference of the customer whom an order creates.
func customerReference(order string) string { return "CUS-" + order }

// byHand is one call of Orange that can be sent by hand.
type byHand struct {
	ID       string
	Endpoint string // role in the pack
	Payload  string // template; empty for a call without a body
	Kind     string // of harness.Single
	Trigger  string // of a change that the partner starts
	Fields   []string
}

func callsByHand() []byHand {
	return []byHand{
		{ID: "ping", Endpoint: "ping", Kind: harness.SinglePing},
		{ID: callUC1, Endpoint: "order", Payload: "order", Kind: harness.SingleCustomer, Fields: []string{"reference", "name"}},
		{ID: "uc2", Endpoint: "order", Payload: "order", Kind: harness.SingleOrder, Fields: []string{"reference", "name", "customer", "offering", "quantity"}},
		{ID: "uc3", Endpoint: "order", Payload: "order", Kind: harness.SingleOrder, Fields: []string{"reference", "name", "customer", "fleet", "offering", "quantity"}},
		{ID: "consult", Endpoint: "licences", Kind: harness.SingleConsult, Fields: []string{"fleet"}},
		{ID: "update", Endpoint: "update", Payload: "update", Kind: harness.SingleUpdate, Fields: []string{"reference", "licence", "state", "swap"}},
	}
}

// changesOf are the changes (UC5) that a partner's profile has a trigger for.
func changesOf(p *profile.Profile) []byHand {
	var out []byHand
	for _, name := range triggerNames() {
		if t, there := p.Triggers[name]; there && len(t.Command) == 0 {
			out = append(out, byHand{ID: name, Kind: harness.SingleChange, Trigger: name, Fields: []string{"licence", "fleet", "customer"}})
		}
	}
	return out
}

type helperPage struct {
	Profiles, Calls []option
	Profile, Call   string
	Fields          []input
	HasBody         bool
	Change          bool // it starts at the partner
	Body            string
	Chosen          bool
	Title           string // of the call, with its partner
	Filled          string // digest of the body where it stands as the fields fill it in
	First           bool   // the call needs what UC1 brings, which nobody has sent
	Next            []option
	Problem         string
	Sent            *sentPage
}

func (c *Console) showHelper(w http.ResponseWriter, r *http.Request, by caller) error {
	chosen, err := c.handChoice(r, by, r.URL.Query())
	if err != nil {
		return err
	}
	return c.helperPage(w, r, http.StatusOK, chosen, helperPage{})
}

// handChoice is what a form says of a call by hand: the partner, the call, and what fills it in.
type handChoice struct {
	form    url.Values
	all     []stored
	stored  *stored          // nil where no partner is chosen
	profile *profile.Profile // nil where it is not right
	calls   []byHand
	call    *byHand // nil where none is chosen
	values  map[string]string
	body    string
	filled  string // see helperPage
}

func (c *Console) handChoice(r *http.Request, by caller, form url.Values) (handChoice, error) {
	h := handChoice{form: form, calls: callsByHand()}
	var err error
	if h.all, err = c.profiles.list(r.Context(), by.sees()); err != nil {
		return h, err
	}
	for i, s := range h.all {
		if s.ID == form.Get("profile") {
			h.stored = &h.all[i]
		}
	}
	if h.stored != nil {
		p, _, problems, err := c.checked(r.Context(), by, h.stored.Document)
		if err != nil {
			return h, err
		}
		if len(problems) == 0 {
			h.profile = p
			h.calls = append(h.calls, changesOf(p)...)
		}
	}
	for i, each := range h.calls {
		if each.ID == form.Get("call") {
			h.call = &h.calls[i]
		}
	}
	// A change of another partner's is no mistake of the person who has just chosen this one.
	known := h.call != nil || form.Get("call") == "" || slices.Contains(triggerNames(), form.Get("call"))
	if (form.Get("profile") != "" && h.stored == nil) || !known {
		return h, archive.ErrNotFound
	}
	if h.profile == nil || h.call == nil {
		return h, nil
	}
	h.values = c.handValues(h.call, h.profile, form, c.hands.given(by.owner, h.stored.ID))
	if h.call.Payload == "" {
		return h, nil
	}
	h.body, h.filled = strings.ReplaceAll(form.Get("body"), "\r\n", "\n"), form.Get("filled")
	untouched := strings.TrimSpace(h.body) == "" || digestOf(h.body) == h.filled
	if r.PathValue("id") == "" && (r.Method == http.MethodGet || untouched || form.Get("do") == doFill) {
		h.body, err = c.payload(h.call, h.profile, h.values)
		h.filled = digestOf(h.body)
	}
	return h, err
}

// doFill is the button that fills in the body anew, instead of sending it.
const doFill = "fill"

func digestOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// helperPage is the form as it was filled in, with what d has besides.
func (c *Console) helperPage(w http.ResponseWriter, r *http.Request, status int, h handChoice, d helperPage) error {
	if h.stored != nil && h.profile == nil {
		return goTo(w, r, "/profiles/"+h.stored.ID, "")
	}
	d.Profile, d.Call = h.form.Get("profile"), h.form.Get("call")
	for _, s := range h.all {
		d.Profiles = append(d.Profiles, option{s.ID, s.Name, s.ID == d.Profile})
	}
	for _, each := range h.calls {
		d.Calls = append(d.Calls, option{each.ID, c.text(r, "call."+each.ID), each.ID == d.Call})
	}
	if h.stored != nil && h.call != nil {
		d.Chosen, d.Fields, d.HasBody, d.Body = true, c.handFields(r, h.call, h.profile, h.values), h.call.Payload != "", h.body
		d.Change, d.Filled = h.call.Trigger != "", h.filled
		d.Title = c.text(r, "call."+h.call.ID) + " – " + h.stored.Name
		d.First = h.call.Payload == "order" && h.call.ID != callUC1 && h.values["customer"] == ""
	}
	c.render(w, r, status, web.Page{Name: "helper", Title: c.text(r, "helper.title"), Section: "nav.helper", Data: d})
	return nil
}

// handValues are the values of a call's fields: what the form says, else what the calls before have brought, or what makes
// a first call work.
func (c *Console) handValues(call *byHand, p *profile.Profile, form url.Values, given map[string]string) map[string]string {
	values := map[string]string{
		"reference": "HAND-" + strconv.FormatInt(c.options.Now().UnixMilli(), 36), "name": "Boulangerie de l'Essai", "quantity": "1",
		"state": c.options.Pack.Value("external.suspended"),
	}
	if len(p.Offerings) > 0 {
		values["offering"] = p.Offerings[0].Code
	}
	for _, name := range call.Fields {
		switch {
		case form.Has(name):
			values[name] = strings.TrimSpace(form.Get(name))
		case given[name] != "" && call.ID != callUC1:
			values[name] = given[name]
		}
	}
	values["customerReference"] = customerReference(values["reference"])
	if given["customer"] != "" && values["customer"] == given["customer"] {
		values["customerReference"] = given["customerReference"]
	}
	return values
}

func (c *Console) handFields(r *http.Request, call *byHand, p *profile.Profile, values map[string]string) []input {
	var out []input
	for _, name := range call.Fields {
		in := input{ID: "hand-" + name, Name: name, Kind: kindText, Label: c.text(r, "hand."+name), Value: values[name]}
		choices := map[string][]string{"state": {"", c.options.Pack.Value("external.active"), c.options.Pack.Value("external.suspended"), c.options.Pack.Value("external.inactive"), c.options.Pack.Value("external.deleted")}}
		for _, o := range p.Offerings {
			choices["offering"] = append(choices["offering"], o.Code)
			choices["swap"] = append(choices["swap"], o.Code)
		}
		choices["swap"] = append([]string{""}, choices["swap"]...)
		if list, ok := choices[name]; ok {
			in.Kind = kindSelect
			for _, v := range list {
				in.Options = append(in.Options, option{v, v, v == values[name]})
			}
		}
		if c.site.Has("handHelp." + name) {
			in.Help = c.text(r, "handHelp."+name)
		}
		out = append(out, in)
	}
	return out
}

// payload renders the body of a call by the contract's template.
func (c *Console) payload(call *byHand, p *profile.Profile, v map[string]string) (string, error) {
	pack := c.options.Pack
	vars := map[string]any{}
	switch call.ID {
	case "update":
		vars["update"] = map[string]any{"externalReference": v["reference"]}
		vars["licences"] = []any{map[string]any{"id": v["licence"], "externalState": v["state"], "swap": v["swap"]}}
	default:
		stamp := c.options.Now().UTC().Format("2006-01-02T15:04:05.000Z")
		vars["order"] = map[string]any{"externalReference": v["reference"], "date": stamp, "requestedStartDate": stamp}
		vars["customer"] = map[string]any{"id": v["customer"], "externalReference": v["customerReference"], "tradingName": v["name"], "city": "Villefictive", "country": "FR"}
		if call.ID == "uc1" {
			vars["contacts"] = []any{
				map[string]any{
					"externalReference": "CNT-" + v["reference"] + "-1", "role": pack.Value("role.fleetManager"), "givenName": "Ada", "familyName": "Exemple", "email": "ada@example.com",
				},
				map[string]any{
					"externalReference": "CNT-" + v["reference"] + "-2", "role": pack.Value("role.orangeContact"), "givenName": "Claude", "familyName": "Orange", "email": "claude@example.com",
				},
			}
			break
		}
		vars["order"].(map[string]any)["category"] = pack.Value("category.production")
		quantity, err := strconv.Atoi(v["quantity"])
		item := map[string]any{"action": pack.Value("action.add"), "fleet": v["fleet"], "offering": v["offering"]}
		if err == nil {
			item["quantity"] = quantity
		}
		var technical []any
		for _, t := range p.Features.TechnicalInformation {
			if t.Required {
				technical = append(technical, map[string]any{"name": t.Name, "value": t.Example})
			}
		}
		if len(technical) > 0 {
			item["technicalInformation"] = technical
		}
		vars["item"] = item
	}
	body, err := pack.Payload(call.Payload, vars)
	if err != nil {
		return "", fmt.Errorf("payload %s: %w", call.Payload, err)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, body, "", "  "); err != nil {
		return "", fmt.Errorf("payload %s: %w", call.Payload, err)
	}
	return pretty.String(), nil
}

// printableAll is a body as a page shows it: pretty where it is JSON.
func printableAll(body []byte) string {
	var pretty bytes.Buffer
	if json.Indent(&pretty, body, "", "  ") == nil {
		return pretty.String()
	}
	return strings.ToValidUTF8(string(body), "\uFFFD")
}
