package console_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/clementine-ope/clementine/internal/profile"
)

// area is the text of a form's area; empty where there is none.
func (p page) area(t testing.TB, name string) string {
	t.Helper()
	for n := range p.parse(t).Descendants() {
		if n.Type == html.ElementNode && n.Data == "textarea" && attribute(n, "name") == name && n.FirstChild != nil {
			return n.FirstChild.Data
		}
	}
	return ""
}

func (p page) checked(t testing.TB, id string) bool {
	t.Helper()
	for n := range p.parse(t).Descendants() {
		if n.Type == html.ElementNode && attribute(n, "id") == id {
			for _, a := range n.Attr {
				if a.Key == "checked" {
					return true
				}
			}
		}
	}
	return false
}

// What is wrong with the form of a run is said with the field's name, and all that was typed is still there.
func TestRunFormSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	b := newBrowser(t, f.serve(nil))
	path := "/profiles/" + b.setUp(reference(f.partner.URL(), profile.Sync)) + "/run"
	typed := url.Values{
		"mode": {"sync"}, "only": {"PO-UC2"}, "more": {"US-UC5-03"}, "seed": {"12"}, "challenge": {"a-challenge-" + hostile[:2]}, "noReference": {"true"},
		"concurrency": {"2"}, "delays.event": {"4s"}, "baseline": {"version: 1\npartner: x\nfindings: []\n"}, "lang": {"fr"},
	}
	for field, tt := range map[string]struct{ value, says string }{
		"mode":         {"often", "Mode: choose one"},
		"only":         {"PO-UC9", "Use cases: there is no use case PO-UC9"},
		"more":         {"GEN-999", "Or single requirements and scenarios: GEN-999 selects nothing"},
		"seed":         {"-1", "Seed: must be a whole number"},
		"challenge":    {"short", "Challenge: must be 8 to 128"},
		"resilience":   {"true", "(asynchronous, whole suite): "},
		"concurrency":  {"999", "Calls in flight at your server: "},
		"delays.event": {"soon", "Your final event: "},
		"baseURL":      {"nowhere", "Base URL: "},
		"baseline":     {"version: 9", "Known findings (baseline): version is 9"},
	} {
		form := url.Values{}
		for name, values := range typed {
			form[name] = values
		}
		form.Set(field, tt.value)
		got := b.post(path, path, form)
		text := got.text(t)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(text, tt.says) {
			t.Errorf("%s %q answers %d without %q: %s", field, tt.value, got.status, tt.says, text)
		}
		for name, values := range form {
			shown := got.value(t, name)
			switch name {
			case "csrf", "mode", "lang":
				continue
			case "baseline":
				shown = strings.TrimSpace(got.area(t, name)) + "\n"
				values = []string{strings.TrimSpace(values[0]) + "\n"}
			case "only":
				if values[0] == "PO-UC9" {
					continue
				}
				shown = map[bool]string{true: values[0]}[got.checked(t, "only-"+values[0])]
			case "resilience", "noReference":
				shown = map[bool]string{true: "true"}[got.checked(t, name)]
			}
			if shown != values[0] {
				t.Errorf("after a wrong %s the field %s holds %q, not %q", field, name, shown, values[0])
			}
		}
	}
	if text := b.get("/runs").text(t); !strings.Contains(text, "No run is kept yet.") || strings.Contains(text, "Not finished") {
		t.Errorf("something was started: %s", text)
	}
}

// Nothing is called where a person only wants to see what would be.
func TestRunFormLists(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	b := newBrowser(t, f.serve(nil))
	path := "/profiles/" + b.setUp(reference("http://127.0.0.1:1", profile.Sync)) + "/run"
	got := b.post(path, path, url.Values{"mode": {"sync"}, "more": {"PO-UC2-02"}, "do": {"list"}})
	if text := got.text(t); got.status != http.StatusOK || !strings.Contains(text, "nothing was called") || !strings.Contains(text, "PO-UC2-02") || got.value(t, "more") != "PO-UC2-02" {
		t.Errorf("the list answers %d: %s", got.status, text)
	}
}

// What was chosen is what the run did.
func TestRunDoesWhatWasChosen(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	b := newBrowser(t, f.serve(nil))
	id := b.run(b.setUp(reference("http://127.0.0.1:1", profile.Sync)), url.Values{
		"mode": {"sync"}, "only": {"PO-UC1"}, "more": {"US-UC1-01, GEN-01"}, "seed": {"12"}, "challenge": {"a-reviewers-challenge"}, "baseURL": {f.partner.URL()},
		"concurrency": {"1"}, "delays.answer": {"7s"},
	})
	b.follow(id, "refused")
	r := b.results(id)
	delays, _ := r.Profile["delays"].(map[string]any)
	if r.Seed != 12 || r.Challenge != "a-reviewers-challenge" || r.Selection != "PO-UC1,US-UC1-01,GEN-01" || r.Partner.BaseURL != f.partner.URL() ||
		fmt.Sprint(delays["answer"]) != "7s" || fmt.Sprint(r.Profile["concurrency"]) != "1" || r.Counts.Failed != 0 {
		t.Errorf("seed %d, challenge %q, selection %q, server %s, delays %v, concurrency %v, failed %d", r.Seed, r.Challenge, r.Selection, r.Partner.BaseURL, delays, r.Profile["concurrency"], r.Counts.Failed)
	}
}

// A run beside a baseline: what is new stops it, what was written down from it holds, and stops again once it is mended.
func TestBaseline(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	b := newBrowser(t, f.serve(nil))
	profileID := b.setUp(reference(f.wrongPartner(), profile.Sync))
	run := func(baseline string, form url.Values) (id, text string) {
		t.Helper()
		form.Set("mode", "sync")
		form.Set("more", "GEN-01")
		id = b.runBeside(profileID, form, baseline)
		done, _ := b.follow(id, "refused")
		return id, done.text(t)
	}
	id, text := run("version: 1\npartner: x\nfindings: []\n", url.Values{})
	if !strings.Contains(text, "Expected HTTP 200 Seen HTTP 500") || !strings.Contains(b.get("/runs/"+id).body, "/profiles/"+profileID+"/run") {
		t.Errorf("the run's page does not say what failed, or leads nowhere: %s", text)
	}
	if !strings.Contains(text, "A gate with this baseline stops here.") || !strings.Contains(text, "0 known, 1 new, 0 run out, 0 stale") {
		t.Errorf("a new finding: %s", text)
	}
	if got := b.get("/runs/" + id + "/baseline?reason=&until=2099-01-01"); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a baseline without a reason answers %d", got.status)
	}
	file := b.get("/runs/" + id + "/baseline?reason=" + url.QueryEscape(hostile) + "&until=2099-01-01")
	if file.status != http.StatusOK || !strings.Contains(file.body, "GEN-01") {
		t.Fatalf("the baseline answers %d: %s", file.status, file.body)
	}
	if _, text = run(file.body, url.Values{}); !strings.Contains(text, "The run shows what is known, and nothing else. Baseline: 1 known, 0 new") {
		t.Errorf("a known finding: %s", text)
	}
	if _, text = run(strings.ReplaceAll(file.body, "2099-01-01", "2020-01-01"), url.Values{}); !strings.Contains(text, "stops here") || !strings.Contains(text, "1 run out") {
		t.Errorf("an entry that has run out: %s", text)
	}
	id, text = run(file.body, url.Values{"baseURL": {f.partner.URL()}})
	if !strings.Contains(text, "stops here") || !strings.Contains(text, "1 stale") {
		t.Errorf("a mended finding: %s", text)
	}
	if got := b.get("/runs/" + id); strings.Contains(got.body, "<script>alert") {
		t.Error("a reason is not escaped")
	}
}

// runBeside starts a run with a baseline in a file.
func (b *browser) runBeside(profileID string, form url.Values, baseline string) string {
	b.t.Helper()
	path := "/profiles/" + profileID + "/run"
	form.Set("csrf", b.get(path).token(b.t))
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for name, values := range form {
		for _, v := range values {
			if err := parts.WriteField(name, v); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	file, err := parts.CreateFormFile("baselineFile", "baseline.yaml")
	if err == nil {
		_, err = file.Write([]byte(baseline))
	}
	if err != nil {
		b.t.Fatal(err)
	}
	if err := parts.Close(); err != nil {
		b.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path, &body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", parts.FormDataContentType())
	got := b.do(r)
	id, ok := strings.CutPrefix(got.at, "/runs/")
	if !ok {
		b.t.Fatalf("the form answers %d: %s", got.status, got.text(b.t))
	}
	return id
}
