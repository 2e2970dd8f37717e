package console

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/internal/redact"
	"github.com/clementine-ope/clementine/reports/archive"
	"github.com/clementine-ope/clementine/schemas"
	"github.com/clementine-ope/clementine/web"
)

// maxAnswer bounds what is read of a partner's answer, in bytes.
const maxAnswer = 1 << 20

// byHand is one call of Orange that can be sent by hand.
type byHand struct {
	ID       string
	Endpoint string // role in the pack
	Payload  string // template; empty for a call without a body
	Answer   string // schema of an answer that is good
	Refusal  string // schema of a refusal; empty where there is none
	Fields   []string
}

func callsByHand() []byHand {
	return []byHand{
		{ID: "ping", Endpoint: "ping"},
		{ID: "uc1", Endpoint: "order", Payload: "order", Answer: "order.answer", Refusal: "order.refusal", Fields: []string{"reference", "name"}},
		{ID: "uc2", Endpoint: "order", Payload: "order", Answer: "order.answer", Refusal: "order.refusal", Fields: []string{"reference", "name", "customer", "offering", "quantity"}},
		{ID: "uc3", Endpoint: "order", Payload: "order", Answer: "order.answer", Refusal: "order.refusal", Fields: []string{"reference", "name", "customer", "fleet", "offering", "quantity"}},
		{ID: "consult", Endpoint: "licences", Answer: "licences", Fields: []string{"fleet"}},
		{ID: "update", Endpoint: "update", Payload: "update", Answer: "update.answer", Refusal: "update.refusal", Fields: []string{"reference", "licence", "state", "swap"}},
	}
}

type helperPage struct {
	Profiles, Calls []option
	Profile, Call   string
	Fields          []input
	HasBody         bool
	Body            string
	Chosen          bool
	Problem         string
	Sent            *sent
}

// sent is a call that was made, its answer and what the contract says of it.
type sent struct {
	Method, URL, RequestBody       string
	Status                         int
	ContentType, AnswerBody, Error string
	Took                           int64 // ms
	Truncated                      bool
	Verdict                        string // passed | failed | broken
	Violations                     []violationRow
	Sentence                       string
}

type violationRow struct{ Requirement, Text, Path, Expected, Seen string }

func (c *Console) showHelper(w http.ResponseWriter, r *http.Request, by caller) error {
	return c.helper(w, r, by, r.URL.Query(), false)
}

// sendByHand sends what the form holds. Filling in its body anew is a form that reads: showHelper.
func (c *Console) sendByHand(w http.ResponseWriter, r *http.Request, by caller) error {
	return c.helper(w, r, by, r.PostForm, true)
}

func (c *Console) helper(w http.ResponseWriter, r *http.Request, by caller, form url.Values, send bool) error {
	all, err := c.profiles.list(r.Context(), by.sees())
	if err != nil {
		return err
	}
	d := helperPage{Profile: form.Get("profile"), Call: form.Get("call")}
	var chosen *stored
	for i, s := range all {
		d.Profiles = append(d.Profiles, option{s.ID, s.Name, s.ID == d.Profile})
		if s.ID == d.Profile {
			chosen = &all[i]
		}
	}
	var call *byHand
	for _, each := range callsByHand() {
		d.Calls = append(d.Calls, option{each.ID, c.text(r, "call."+each.ID), each.ID == d.Call})
		if each.ID == d.Call {
			call = &each
		}
	}
	if (d.Profile != "" && chosen == nil) || (d.Call != "" && call == nil) || (send && (chosen == nil || call == nil)) {
		return archive.ErrNotFound
	}
	status := http.StatusOK
	if chosen != nil && call != nil {
		p, _, problems, err := c.checked(r.Context(), by, chosen.Document)
		if err != nil {
			return err
		}
		if len(problems) > 0 {
			return goTo(w, r, "/profiles/"+chosen.ID, "")
		}
		values := c.handValues(call, p, form)
		d.Chosen, d.Fields, d.HasBody = true, c.handFields(r, call, p, values), call.Payload != ""
		if d.Body = form.Get("body"); d.HasBody && (!send || strings.TrimSpace(d.Body) == "") {
			if d.Body, err = c.payload(call, values); err != nil {
				return err
			}
		}
		if send {
			d.Sent = c.deliver(r, c.calling(by, *chosen), call, p, values, d.Body)
		}
	}
	c.render(w, r, status, web.Page{Name: "helper", Title: c.text(r, "helper.title"), Section: "nav.helper", Data: d})
	return nil
}

// handValues are the values of a call's fields: what the form says, or what makes a first call work.
func (c *Console) handValues(call *byHand, p *profile.Profile, form url.Values) map[string]string {
	values := map[string]string{
		"reference": "HAND-" + strconv.FormatInt(c.options.Now().UnixMilli(), 36), "name": "Boulangerie de l'Essai", "quantity": "1",
		"state": c.options.Pack.Value("external.suspended"),
	}
	if len(p.Offerings) > 0 {
		values["offering"] = p.Offerings[0].Code
	}
	for _, name := range call.Fields {
		if form.Has(name) {
			values[name] = strings.TrimSpace(form.Get(name))
		}
	}
	return values
}

func (c *Console) handFields(r *http.Request, call *byHand, p *profile.Profile, values map[string]string) []input {
	var out []input
	for _, name := range call.Fields {
		in := input{ID: "hand-" + name, Name: name, Kind: kindText, Label: c.text(r, "hand."+name), Value: values[name]}
		choices := map[string][]string{"state": {"", c.options.Pack.Value("external.active"), c.options.Pack.Value("external.suspended"), c.options.Pack.Value("external.deleted")}}
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
func (c *Console) payload(call *byHand, v map[string]string) (string, error) {
	pack := c.options.Pack
	vars := map[string]any{}
	switch call.ID {
	case "update":
		vars["update"] = map[string]any{"externalReference": v["reference"]}
		vars["licences"] = []any{map[string]any{"id": v["licence"], "externalState": v["state"], "swap": v["swap"]}}
	default:
		stamp := c.options.Now().UTC().Format("2006-01-02T15:04:05.000Z")
		vars["order"] = map[string]any{"externalReference": v["reference"], "date": stamp, "requestedStartDate": stamp}
		vars["customer"] = map[string]any{"id": v["customer"], "externalReference": "CUS-" + v["reference"], "tradingName": v["name"], "city": "Villefictive", "country": "FR"}
		if call.ID == "uc1" {
			vars["contacts"] = []any{map[string]any{
				"externalReference": "CNT-" + v["reference"], "role": pack.Value("role.fleetManager"), "givenName": "Ada", "familyName": "Exemple", "email": "ada@example.com",
			}}
			break
		}
		vars["order"].(map[string]any)["category"] = pack.Value("category.production")
		quantity, err := strconv.Atoi(v["quantity"])
		item := map[string]any{"action": pack.Value("action.add"), "fleet": v["fleet"], "offering": v["offering"]}
		if err == nil {
			item["quantity"] = quantity
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

// deliver makes the call, once, and judges the answer.
func (c *Console) deliver(r *http.Request, by caller, call *byHand, p *profile.Profile, values map[string]string, body string) *sent {
	endpoint := c.options.Pack.Endpoint(call.Endpoint)
	target := p.BaseURL + endpoint.Path
	if call.Endpoint == "ping" {
		target = p.BaseURL + p.Ping
	}
	if call.ID == "consult" {
		target += "?" + url.Values{endpoint.Query["fleet"]: {values["fleet"]}}.Encode()
	}
	s := &sent{Method: endpoint.Method, URL: target, RequestBody: body}
	if call.Payload == "" {
		s.RequestBody, body = "", ""
	}
	ctx, cancel := context.WithTimeout(r.Context(), p.Delays.Answer.D())
	defer cancel()
	answer, err := c.exchange(ctx, by, p, s, body)
	if err != nil {
		s.Error, s.Verdict, s.Sentence = said(by.lang, err.Error()), "broken", c.text(r, "sent.noAnswer")
		return s
	}
	c.judgeByHand(r, call, s, answer)
	s.AnswerBody = secretsOut(p, answer)
	s.RequestBody = secretsOut(p, []byte(s.RequestBody))
	return s
}

func secretsOut(p *profile.Profile, body []byte) string {
	var secrets []string
	for _, secret := range []string{p.Auth.Password, p.Auth.Token, p.Auth.Value} {
		if len(secret) >= 4 {
			secrets = append(secrets, secret)
		}
	}
	text := []byte(printableAll(body))
	return string(redact.Known(secrets...).Bytes(text))
}

func printableAll(body []byte) string {
	var pretty bytes.Buffer
	if json.Indent(&pretty, body, "", "  ") == nil {
		return pretty.String()
	}
	return strings.ToValidUTF8(string(body), "�")
}

func (c *Console) exchange(ctx context.Context, by caller, p *profile.Profile, s *sent, body string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, s.Method, s.URL, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "Clementine/"+c.options.Version)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	switch p.Auth.Type {
	case "basic":
		req.SetBasicAuth(p.Auth.User, p.Auth.Password)
	case "bearer":
		req.Header.Set("Authorization", "Bearer "+p.Auth.Token)
	case "header":
		req.Header.Set(p.Auth.Name, p.Auth.Value)
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10}
	if by.dial != nil {
		transport.DialContext, transport.Proxy = by.dial, nil
	}
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	began := time.Now()
	response, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return nil, err
	}
	s.Truncated = len(answer) > maxAnswer
	s.Took, s.Status, s.ContentType = time.Since(began).Milliseconds(), response.StatusCode, response.Header.Get("Content-Type")
	return answer[:min(len(answer), maxAnswer)], nil
}

// judgeByHand judges the form of an answer. What only a whole scenario can judge is not judged here.
func (c *Console) judgeByHand(r *http.Request, call *byHand, s *sent, answer []byte) {
	good := s.Status >= 200 && s.Status < 300
	schema := call.Answer
	if !good {
		schema = call.Refusal
	}
	switch {
	case call.ID == "ping" && s.Status == http.StatusOK:
		s.Verdict, s.Sentence = "passed", c.text(r, "sent.pinged")
		return
	case call.ID == "ping":
		s.Verdict = "failed"
		s.Violations = []violationRow{c.violation(r, schemas.Violation{Requirement: "GEN-01", Expected: "HTTP 200", Seen: "HTTP " + strconv.Itoa(s.Status)})}
		return
	case s.Truncated, schema == "":
		s.Verdict, s.Sentence = "broken", c.text(r, "sent.notJudged", s.Status)
		return
	}
	for _, v := range c.options.Pack.Judge(schema, s.ContentType, answer) {
		s.Violations = append(s.Violations, c.violation(r, v))
	}
	s.Verdict, s.Sentence = "passed", c.text(r, "sent.form", schema)
	if !good {
		s.Sentence = c.text(r, "sent.refusal", s.Status, schema)
	}
	if len(s.Violations) > 0 {
		s.Verdict = "failed"
	}
}

func (c *Console) violation(r *http.Request, v schemas.Violation) violationRow {
	lang := web.VisitOf(r.Context()).Lang
	row := violationRow{v.Requirement, "", v.Path, said(lang, v.Expected), said(lang, v.Seen)}
	if q, known := c.options.Pack.Requirement(v.Requirement); known {
		row.Text = q.TextIn(string(lang))
	}
	return row
}
