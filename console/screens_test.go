package console_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/web/webtest"
)

// wrongPartner is the address of the reference partner with a wrong ping, and a hostile one.
func (f *fixture) wrongPartner() string {
	f.t.Helper()
	target, err := url.Parse(f.partner.URL())
	if err != nil {
		f.t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/ping") {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write([]byte(hostile))
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	f.t.Cleanup(s.Close)
	return s.URL
}

// screens are all pages that can be opened, each with something on it.
func (f *fixture) screens() []screen {
	t := f.t
	person := newBrowser(t, f.serve(nil))
	id := person.setUp(strings.Replace(reference(f.partner.URL(), profile.Sync), "Reference partner", `"<b>Société</b> d'Édition & Fils"`, 1))
	// What is asked is refused, which leaves something open; another partner's server is not there.
	failed := person.run(id, url.Values{"mode": {"sync"}, "only": {"AUTH"}})
	person.follow(failed, "refused")
	second := person.run(id, url.Values{"mode": {"sync"}, "only": {"PO-UC1"}})
	person.follow(second, "refused")
	person.post("/runs/"+second, "/runs/"+second+"/review", url.Values{"kind": {"refuse"}, "by": {"A Reviewer"}, "reason": {"It is partial. " + hostile}})
	nobody := person.setUp(strings.Replace(reference("http://127.0.0.1:1", profile.Sync), "Reference partner", "Nobody there", 1))
	unjudged := person.run(nobody, url.Values{"mode": {"sync"}})
	person.follow(unjudged, "refused")
	all := []screen{
		{"home", "/"}, {"new", "/profiles/new"}, {"profile", "/profiles/" + id}, {"choose", "/profiles/" + id + "/run?done=saved"}, {"runs", "/runs?partner=Nobody+there"},
		{"all-runs", "/runs"}, {"run", "/runs/" + failed}, {"reviewed", "/runs/" + second}, {"unjudged", "/runs/" + unjudged},
		{"compare", "/compare?a=" + failed + "&b=" + second}, {"helper", "/helper?profile=" + id + "&call=uc2"}, {"gateway", "/gateway"}, {"requirements", "/requirements?text=UC5"},
		{"upload", "/upload"}, {"missing", "/runs/none"},
	}
	all = append(append(all, f.uploads(person)...), f.beside(person))
	all = append(all, f.unfinished(id)...)
	return append(all, screen{"compare-stopped", "/compare?a=" + strings.TrimPrefix(all[len(all)-3].path, "/runs/") + "&b=" + failed})
}

// unfinished are a run that was stopped, one whose program has ended, and one under way in another program.
func (f *fixture) unfinished(profileID string) []screen {
	t := f.t
	form := func() url.Values { return url.Values{"mode": {"sync"}, "only": {"PO-UC1", "US-UC5"}} }
	b := newBrowser(t, f.serve(nil))
	stopped := b.run(profileID, form())
	b.asked(stopped)
	b.post("/runs/"+stopped, "/runs/"+stopped+"/stop", nil)
	b.ended(stopped)
	left := b.run(profileID, form())
	b.asked(left)
	if err := f.consoles[len(f.consoles)-1].Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	b = newBrowser(t, f.serve(nil))
	elsewhere := b.run(profileID, form())
	b.asked(elsewhere)
	return []screen{{"stopped", "/runs/" + stopped}, {"left", "/runs/" + left}, {"elsewhere", "/runs/" + elsewhere}}
}

// uploads are a bundle of this suite's and one of another's.
func (f *fixture) uploads(b *browser) []screen {
	file := madeElsewhere(f.t)
	other := packed(f.t, file, func(r *reports.Results) { r.Suite.Digest, r.Suite.Version = "sha256:00", "0.0.1" })
	return []screen{{"uploaded", b.upload(file, nil).at}, {"uploaded-other", b.upload(other, nil).at}}
}

// beside is a run beside a baseline, with a finding that is new and an entry that is stale.
func (f *fixture) beside(b *browser) screen {
	id := b.setUp(strings.Replace(reference(f.wrongPartner(), profile.Sync), "Reference partner", "Wrong partner", 1))
	run := b.runBeside(id, url.Values{"mode": {"sync"}, "only": {"PO-UC1"}, "more": {"GEN-01"}}, `version: 1
partner: Wrong partner
findings:
  - {requirement: GEN-01, scenario: availability/ping, fingerprint: "0123456789abcdef", reason: "`+strings.ReplaceAll(hostile, `"`, `\"`)+`", until: "2099-01-01"}
`)
	b.follow(run, "refused")
	return screen{"baseline", "/runs/" + run}
}

// forms are what comes of forms, in one way to look at them.
type forms struct {
	*webtest.Browser
	base string
	look
	failed string // path of a run that can't be accepted
}

func (f forms) looked(t *testing.T, name string) {
	t.Helper()
	f.Messages(t) // the browser logs answers of 409 and 422, as it should
	f.Picture(t, f.name(name))
	f.Do(t, openAll())
	f.Judge(t, f.name(name))
}

func (f forms) open(t *testing.T, path string) {
	t.Helper()
	f.Open(t, f.base+path+"lang="+f.lang, f.width)
	f.Do(t, openAll())
}

func press(what string) chromedp.Action[chromedp.Void] { return chromedp.Click(chromedp.CSS(what)) }

func shown(what string) chromedp.Action[chromedp.Void] {
	return chromedp.WaitVisible(chromedp.CSS(what))
}

func typed(what, value string) chromedp.Action[chromedp.Void] {
	return chromedp.SetValue(chromedp.CSS(what), value)
}

// judge sends what is refused, what is only listed, and calls by hand, to a partner whose ping is wrong.
func (f forms) judge(t *testing.T, wrongProfile string) {
	t.Helper()
	f.open(t, "/profiles/new?")
	f.Do(t, typed("#baseURL", "nowhere"), press("main form button[type=submit]"), shown(".problem"))
	f.looked(t, "wrong")
	f.open(t, "/profiles/"+wrongProfile+"/run?")
	f.Do(t, typed("#seed", "-1"), press("main form button.btn-primary"), shown(".problem"))
	f.looked(t, "wrong-run")
	f.open(t, "/profiles/"+wrongProfile+"/run?")
	f.Do(t, press("#only-PO-UC2"), press(`main form button[value="list"]`), shown("#plan-title"))
	f.looked(t, "plan")
	f.open(t, "/gateway?")
	f.Do(t, typed("#status", "503"), press(`main form[action$="/gateway/faults"] button[type=submit]`), shown(".problem"))
	f.looked(t, "wrong-fault")
	f.open(t, f.failed+"?")
	f.Do(t, press("#kind-accept"), typed("#by", "A Reviewer"), typed("#reason", "It is right."), press(`main form[action*="/review"] button[type=submit]`), shown(".problem a"))
	f.looked(t, "wrong-decision")
	f.open(t, "/helper?call=uc2&profile="+wrongProfile+"&")
	f.looked(t, "helper-first")
	f.open(t, "/upload?")
	f.Do(t, chromedp.SetUploadFiles(chromedp.CSS("#bundle"), []string{noBundle(t)}), press("main form button[type=submit]"), shown(".problem"))
	f.looked(t, "wrong-upload")
	// The first one chooses its partner in the browser; the form of the other is there at once.
	f.open(t, "/helper?call=uc1&")
	f.Do(t, press("main form.filters button[type=submit]"), shown("main form.panel"), press("main form.panel button[type=submit]"), shown("#sent-title"))
	f.looked(t, "sent")
	f.open(t, "/helper?call=ping&profile="+wrongProfile+"&")
	f.Do(t, press("main form.panel button[type=submit]"), shown("#sent-title"))
	f.looked(t, "sent-wrong")
}

func noBundle(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.clem")
	if err := os.WriteFile(path, []byte("no bundle"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
