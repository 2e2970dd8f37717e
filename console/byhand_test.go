package console_test

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/clementine-ope/clementine/console"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/mockorange/control"
)

// between is what stands between two texts.
func between(text, from, to string) string {
	_, rest, _ := strings.Cut(text, from)
	found, _, _ := strings.Cut(rest, to)
	return found
}

// From a customer to licences that are suspended, one call at a time.
func TestCallsByHand(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	b := newBrowser(t, f.serve(nil))
	id := b.setUp(reference(f.partner.URL(), profile.Sync))
	send := func(call string, fields url.Values) string {
		t.Helper()
		fields.Set("profile", id)
		fields.Set("call", call)
		shown := b.get("/helper?" + fields.Encode())
		if shown.status != http.StatusOK {
			t.Fatalf("%s: the form answers %d", call, shown.status)
		}
		fields.Set("csrf", b.get("/profiles/new").token(t))
		got := b.send("/helper", fields)
		text := got.text(t)
		if got.status != http.StatusOK || !strings.Contains(text, "What came of it passed") {
			t.Fatalf("%s answers %d: %s", call, got.status, text)
		}
		return between(got.body, `aria-label="Answer">`, "</pre>")
	}
	send("ping", url.Values{})
	customer := between(send("uc1", url.Values{}), `&#34;customer&#34;: {
    &#34;id&#34;: &#34;`, "&#34;")
	order := send("uc2", url.Values{"customer": {customer}, "quantity": {"2"}})
	fleet := between(order, `&#34;productRef&#34;: {
        &#34;id&#34;: &#34;`, "&#34;")
	if customer == "" || fleet == "" {
		t.Fatalf("customer %q, fleet %q: %s", customer, fleet, order)
	}
	licences := send("consult", url.Values{"fleet": {fleet}})
	licence := between(licences, `&#34;id&#34;: &#34;`, "&#34;")
	if strings.Count(licences, fleet) != 2 || licence == "" {
		t.Fatalf("the fleet reads %s", licences)
	}
	send("update", url.Values{"licence": {licence}, "state": {"suspended"}})
	send("uc3", url.Values{"customer": {customer}, "fleet": {fleet}})
}

// What a call has brought fills in the next one, which is offered; the values of one form are no values of another's.
func TestCallsByHandGoOn(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	b := newBrowser(t, f.serve(nil))
	id := b.setUp(reference(f.partner.URL(), profile.Sync))
	to := func(call string) string { return "/helper?profile=" + id + "&call=" + call }
	if first := b.get(to("uc2")); !strings.Contains(first.text(t), "Send UC1 first") {
		t.Errorf("before UC1 the form of UC2 reads %s", first.text(t))
	}
	for i, step := range []struct{ call, brings, next string }{
		{"uc1", "", "uc2"}, {"uc2", "customer", "consult"}, {"consult", "fleet", "update"}, {"update", "licence", ""}, {"uc3", "fleet", "consult"},
	} {
		form := b.get(to(step.call))
		if step.brings != "" && (form.value(t, step.brings) == "" || strings.Contains(form.text(t), "Send UC1 first")) {
			t.Errorf("%d %s: %s is not filled in: %s", i, step.call, step.brings, form.text(t))
		}
		got := b.send("/helper", url.Values{"csrf": {form.token(t)}, "profile": {id}, "call": {step.call}, "customer": {form.value(t, "customer")}, "fleet": {form.value(t, "fleet")},
			"licence": {form.value(t, "licence")}, "offering": {"NOTES-S"}, "quantity": {"1"}, "state": {"suspended"}})
		if !strings.Contains(got.text(t), "What came of it passed") {
			t.Fatalf("%s comes to %s", step.call, got.text(t))
		}
		if step.next != "" && !strings.Contains(got.body, "&amp;call="+step.next+`"`) {
			t.Errorf("after %s, %s is not offered", step.call, step.next)
		}
		if text := got.text(t); strings.Contains(text, "GEN-01") {
			t.Errorf("%s speaks of the ping: %s", step.call, text)
		}
	}
}

// The body follows the fields until a person changes it; then it is sent as it stands.
func TestBodyFollowsTheFields(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	b := newBrowser(t, f.serve(nil))
	id := b.setUp(strings.Replace(reference(f.partner.URL(), profile.Sync), "endUser: true}", "endUser: true, technicalInformation: [{name: size, example: \"50\", required: true}]}", 1))
	form := b.get("/helper?profile=" + id + "&call=uc2")
	body := func(p page) string {
		return html.UnescapeString(between(p.body, `aria-describedby="body-help">`, "</textarea>"))
	}
	if !strings.Contains(body(form), `"size"`) || !strings.Contains(body(form), `"50"`) {
		t.Errorf("the order lacks the technical information that the profile requires: %s", body(form))
	}
	send := func(do, body string) page {
		return b.send("/helper", url.Values{"csrf": {form.token(t)}, "profile": {id}, "call": {"uc2"}, "filled": {form.value(t, "filled")}, "body": {strings.ReplaceAll(body, "\n", "\r\n")},
			"reference": {"MINE"}, "customer": {"c-7"}, "name": {"A"}, "offering": {"NOTES-L"}, "quantity": {"3"}, "do": {do}})
	}
	filled := body(send("fill", body(form)))
	if !strings.Contains(filled, `"MINE"`) || !strings.Contains(filled, "NOTES-L") || !strings.Contains(filled, `"c-7"`) {
		t.Errorf("filled in anew the body reads %s", filled)
	}
	if sent := send("", body(form)); !strings.Contains(body(sent), `"MINE"`) {
		t.Errorf("what is sent does not follow the fields: %s", sent.text(t))
	}
	if sent := send("", strings.Replace(body(form), "NOTES-S", "NOTES-X", 1)); !strings.Contains(body(sent), "NOTES-X") || strings.Contains(body(sent), `"MINE"`) {
		t.Errorf("what a person wrote is not what is sent: %s", body(sent))
	}
}

// What breaks the contract is named with its requirement; what the partner says is escaped.
func TestAnswersByHandAreJudged(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	b := newBrowser(t, f.serve(nil))
	wrong := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ping" {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"id": 7, "note": "` + strings.ReplaceAll(hostile, `"`, `\"`) + `"}`))
	}))
	t.Cleanup(wrong.Close)
	id := b.setUp(reference(wrong.URL, profile.Sync))
	for call, want := range map[string]string{"ping": "GEN-01", "uc1": "GEN-12"} {
		got := b.post("/profiles/new", "/helper", url.Values{"profile": {id}, "call": {call}})
		if text := got.text(t); !strings.Contains(text, "What came of it failed") || !strings.Contains(text, want) {
			t.Errorf("%s: %s", call, text)
		}
		if strings.Contains(got.body, "<script>alert") {
			t.Error("the partner's answer is not escaped")
		}
	}
}

func TestGatewayAndFaults(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	s := f.serve(nil)
	b := newBrowser(t, s)
	for _, tt := range []struct {
		form url.Values
		says string
	}{
		{url.Values{"kind": {"none"}}, "Fault: choose one of the list"},
		{url.Values{"kind": {"slow"}, "times": {"often"}, "delayMs": {"7"}}, "How often: must be 1 to 1000, or -1 for no end"},
		{url.Values{"kind": {"slow"}, "delayMs": {"600001"}}, "Delay, in milliseconds: must be 1 to 600000"},
		{url.Values{"kind": {"slow"}, "on": {"nothing"}}, "Acts on: this fault does not act there"},
		{url.Values{"kind": {"offer-closed"}, "on": {"token"}}, "Acts on: this fault does not act there"},
		{url.Values{"kind": {"slow"}, "status": {"503"}}, "HTTP status: slow does not take it"},
		{url.Values{"kind": {"garbage"}, "status": {"99"}}, "HTTP status: must be 200 to 599"},
		{url.Values{"kind": {"content-type"}, "contentType": {"/"}}, "Content type: must be a media type"},
	} {
		got := b.post("/gateway", "/gateway/faults", tt.form)
		if text := got.text(t); got.status != http.StatusUnprocessableEntity || !strings.Contains(text, tt.says) {
			t.Errorf("%v answers %d without %q: %s", tt.form, got.status, tt.says, text)
		}
		for name, values := range tt.form {
			if name != "kind" && name != "on" && name != "csrf" && got.value(t, name) != values[0] {
				t.Errorf("%v: %s is lost", tt.form, name)
			}
		}
	}
	// Who armed it does not matter: what is on can be seen, and switched off.
	elsewhere, err := f.orange.Control().AddFault(t.Context(), control.Fault{Kind: control.FaultSlow, Key: "order-1", DelayMs: 1500, Times: 3})
	if err != nil {
		t.Fatal(err)
	}
	if text := b.get("/gateway").text(t); !strings.Contains(text, "order-1 times 3, delayMs 1500 0") {
		t.Errorf("a fault that another steerer armed reads %s", text)
	}
	b.post("/gateway", "/gateway/faults/remove", url.Values{"id": {elsewhere.ID}})
	if got := b.post("/gateway", "/gateway/faults", url.Values{"kind": {"unavailable"}, "on": {"token"}, "times": {"1"}}); got.status != http.StatusOK || !strings.Contains(got.text(t), "The fault is on.") {
		t.Fatalf("a fault answers %d: %s", got.status, got.text(t))
	}
	ask := func() int {
		response, err := http.PostForm(f.orange.URL()+"/oauth/v3/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {"demo"}, "client_secret": {"demo-secret"}})
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		return response.StatusCode
	}
	if got := ask(); got != http.StatusServiceUnavailable {
		t.Errorf("the fault lets through %d", got)
	}
	shown := b.get("/gateway")
	// The one place is the page's head, which says what a server is configured with; no body shows it.
	if text := shown.text(t); !strings.Contains(text, "fault unavailable acted") || strings.Count(shown.body, "demo-secret") != 1 {
		t.Errorf("the journal reads %s", text)
	}
	response, err := b.Get(b.base + "/gateway/events?after=0")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "data:") {
	}
	if !strings.Contains(lines.Text(), `"call":"POST /oauth/v3/token"`) {
		t.Errorf("the stream says %s", lines.Text())
	}
	if got := b.post("/gateway", "/gateway/faults/remove", url.Values{"id": {shown.value(t, "id")}}); !strings.Contains(got.text(t), "The fault is off.") || !strings.Contains(got.text(t), "No fault is on.") {
		t.Errorf("switching off: %s", got.text(t))
	}
	if got := ask(); got != http.StatusOK {
		t.Errorf("without the fault: %d", got)
	}
}

func TestRequirementsWithTheirProofs(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	b := newBrowser(t, f.serve(nil))
	all := b.get("/requirements")
	if text := all.text(t); all.status != http.StatusOK || strings.Count(all.body, "<tr id=") != len(f.options.Pack.Requirements()) || !strings.Contains(text, "wrong partners") {
		t.Errorf("the catalogue answers %d: %s", all.status, text)
	}
	if got := b.get("/requirements?text=GEN-01&level=mandatory"); strings.Count(got.body, "<tr id=") != 1 {
		t.Errorf("the filter leaves %d through", strings.Count(got.body, "<tr id="))
	}
	if got := b.get("/requirements?text=" + url.QueryEscape(hostile)); strings.Contains(got.body, "<script>alert") || got.status != http.StatusOK {
		t.Errorf("a hostile filter answers %d", got.status)
	}
}

// Calls of another application do not come into a run.
func TestRunsSeeTheirOwnApplication(t *testing.T) {
	t.Parallel()
	entry := func(application string) control.Entry {
		return control.Entry{Kind: control.KindEvent, Auth: control.Auth{Application: application}}
	}
	for _, tt := range []struct {
		name string
		e    control.Entry
		want bool
	}{
		{"its own", entry("mine"), true}, {"another's", entry("theirs"), false}, {"nobody's", entry(""), true},
		{"another's token", control.Entry{Kind: control.KindToken, Grant: &control.Grant{ClientID: "theirs"}}, false},
		{"a refused token", control.Entry{Kind: control.KindToken, Grant: &control.Grant{ClientID: "unknown", Error: "invalid_client"}}, true},
	} {
		if got := console.Sees("mine", tt.e); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// hand is a person who sends calls by hand to one partner.
type hand struct {
	*browser
	profile string
}

// send makes a call and returns its page once it is over; what it asks is answered.
func (h hand) send(call string, fields url.Values, answer string) page {
	h.t.Helper()
	fields.Set("profile", h.profile)
	fields.Set("call", call)
	got := h.post("/profiles/new", "/helper", fields)
	for {
		stream := ""
		for n := range got.parse(h.t).Descendants() {
			if n.Type == html.ElementNode && attribute(n, "id") == "live" {
				stream = strings.TrimPrefix(attribute(n, "data-stream"), console.Base)
			}
		}
		if stream == "" {
			return got
		}
		if question := got.value(h.t, "question"); question != "" {
			got = h.press(got, url.Values{"question": {question}, "answer": {answer}})
			continue
		}
		if told := h.get(stream); told.status != http.StatusOK {
			h.t.Fatalf("the stream of a call answers %d", told.status)
		}
		got = h.get(got.at)
	}
}

func (h hand) press(at page, form url.Values) page {
	form.Set("csrf", at.token(h.t))
	return h.browser.send(at.at+"/answer", form)
}

// idIn is the id that begins an object of a name in a page.
func idIn(t *testing.T, body, object string) string {
	t.Helper()
	found := regexp.MustCompile(`&#34;` + object + `&#34;: \{\s*&#34;id&#34;: &#34;([^&]+)&#34;`).FindStringSubmatch(body)
	if found == nil {
		t.Fatalf("there is no id of a %s in %s", object, body)
	}
	return found[1]
}

// An asynchronous partner's events arrive on the page, and are judged too; a change that a person starts is a button.
func TestEventsOfCallsByHand(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Async)
	b := newBrowser(t, f.serve(nil))
	h := hand{b, b.setUp(reference(f.partner.URL(), profile.Async))}
	customer := idIn(t, h.send("uc1", url.Values{}, "").body, "customer")
	order := h.send("uc2", url.Values{"customer": {customer}, "quantity": {"2"}}, "")
	text := order.text(t)
	for _, want := range []string{"What this call shows holds", "PO-UC4-02", "PO-UC4-03", "GEN-09", "GEN-10", "AUTH-01", "AUTH-02", "POST /mba2/productordering/v2/event", "PO-UC2-02 ", "because: takes a whole scenario"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q on the page: %s", want, text)
		}
	}
	fleet := idIn(t, order.body, "productRef")
	licence := between(h.send("consult", url.Values{"fleet": {fleet}}, "").body, `[
  {
    &#34;id&#34;: &#34;`, "&#34;")
	if got := h.send("update", url.Values{"licence": {licence}, "state": {"suspended"}}, ""); !strings.Contains(got.text(t), "US-UC6-01") || !strings.Contains(got.text(t), "What this call shows holds") {
		t.Errorf("an update reads %s", got.text(t))
	}
	change := url.Values{"licence": {licence}, "fleet": {fleet}, "customer": {customer}}
	if got := h.send("endUser.add", change, ""); !strings.Contains(got.text(t), "US-UC5-01") || !strings.Contains(got.text(t), "US-UC5-07") || !strings.Contains(got.text(t), "What this call shows holds") {
		t.Errorf("a change reads %s", got.text(t))
	}
	asked := h.send("endUser.delete", change, "not")
	if text := asked.text(t); !strings.Contains(text, "inconclusive") || !strings.Contains(text, "was not carried out") {
		t.Errorf("a change that a person does not make reads %s", text)
	}
}

// A request that names what may not be there can be refused; a server error can't be right.
func TestRefusalsByHand(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	b := newBrowser(t, f.serve(nil))
	h := hand{b, b.setUp(reference(f.partner.URL(), profile.Sync))}
	if got := h.send("uc3", url.Values{"customer": {"nobody"}, "fleet": {"nowhere"}}, ""); !strings.Contains(got.text(t), "What came of it inconclusive") || !strings.Contains(got.text(t), "one call alone does not show") {
		t.Errorf("a refused order reads %s", got.text(t))
	}
	if got := h.send("uc2", url.Values{"body": {`{"orderItem": 7}`}}, ""); !strings.Contains(got.text(t), "a refusal is right") || strings.Contains(got.text(t), "What came of it failed") {
		t.Errorf("an invalid order reads %s", got.text(t))
	}
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	t.Cleanup(broken.Close)
	h.profile = b.setUp(strings.Replace(reference(broken.URL, profile.Sync), "Reference partner", "Broken", 1))
	if got := h.send("uc2", url.Values{"body": {`{"orderItem": 7}`}}, ""); !strings.Contains(got.text(t), "What came of it failed") || !strings.Contains(got.text(t), "GEN-13") {
		t.Errorf("a server error reads %s", got.text(t))
	}
	h.profile = b.setUp(strings.Replace(reference("http://127.0.0.1:1", profile.Sync), "Reference partner", "Nobody there", 1))
	if got := h.send("uc1", url.Values{}, ""); !strings.Contains(got.text(t), "There was no whole answer.") || strings.Contains(got.text(t), "PO-UC1-01") {
		t.Errorf("a server that is not there reads %s", got.text(t))
	}
	if got := signedIn(t, f.serve(guarded), "acme@x", password).get("/helper/none"); got.status != http.StatusNotFound {
		t.Errorf("a call that there is not answers %d", got.status)
	}
}
