package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	clementine "github.com/clementine-ope/clementine/cmd/clementine"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/reports"
)

// field is a partner behind a door that counts what comes through, and what a run needs to reach it.
type field struct {
	args    []string
	gateway string

	mu    sync.Mutex
	calls int
	at    map[int]func() // what happens before the call of this number is passed on
	sent  map[string]int // Orange's references of orders and updates -> how often they came as a request's own
}

var ownReference = regexp.MustCompile(`CLM-[OU]-[A-Z2-7]{14}`)

// newField starts the reference partner. apart: the mock Orange runs all the time; otherwise each run has its own.
func newField(t *testing.T, mode string, apart bool) *field {
	t.Helper()
	f := &field{at: map[int]func(){}, sent: map[string]int{}}
	demo, err := os.ReadFile("demo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(demo), "${MODE}", mode)
	text = strings.Replace(text, "delays: {event: 10s, quiet: 500ms, retry: 10s}", "delays: {event: 10s, quiet: 100ms, retry: 10s, visible: 200ms}", 1)
	if apart {
		served := address.FindAllString(background(t, "control", "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"), -1)
		f.gateway, f.args = served[0], []string{"--orange", served[len(served)-1]}
	} else {
		port := freePort(t)
		f.gateway, text = "http://"+port, strings.Replace(text, "127.0.0.1:0", port, 1)
	}
	p, err := profile.Parse("partner.yaml", []byte(text), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	server, err := partner.New(partner.Options{
		Profile: p, Listen: "127.0.0.1:0", GatewayURL: f.gateway, TokenURL: f.gateway + "/oauth/v3/token",
		ClientID: p.Orange.ClientID, ClientSecret: p.Orange.ClientSecret, Delay: 20 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Listen(); err != nil {
		t.Fatal(err)
	}
	server.Start()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := server.Close(ctx); err != nil {
			t.Errorf("closing the partner: %v", err)
		}
	})
	target, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.pass(t, r)
		// A call that has been sent reaches the partner, whatever becomes of its sender.
		proxy.ServeHTTP(w, r.WithContext(context.WithoutCancel(r.Context())))
	}))
	t.Cleanup(door.Close)
	f.args = append(f.args, "--partner", door.URL, "--profile", write(t, "partner.yaml", text), "--seed", "7")
	return f
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (f *field) pass(t *testing.T, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		body = nil
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	f.mu.Lock()
	f.calls++
	act := f.at[f.calls]
	for _, ref := range ownReference.FindAllString(string(body), 1) {
		f.sent[ref]++
	}
	f.mu.Unlock()
	if act != nil {
		act()
	}
}

// seen is how many calls there were, and how often each reference was sent.
func (f *field) seen() (calls int, sent map[string]int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls, maps.Clone(f.sent)
}

// before has something happen before the call that is so many calls away.
func (f *field) before(calls int, act func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at[f.calls+calls] = act
}

// program runs the program as a process of its own.
func program(t *testing.T, args ...string) (cmd *exec.Cmd, said *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	said = &bytes.Buffer{}
	cmd = exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	cmd.Stdout, cmd.Stderr = said, said
	return cmd, said
}

// cutOff runs until the partner gets its nth call, and ends the run there by a signal. It reports whether the run was cut
// off, rather than over by then.
func (f *field) cutOff(t *testing.T, calls int, by os.Signal, args ...string) bool {
	t.Helper()
	cmd, said := program(t, args...)
	started := make(chan *os.Process, 1)
	f.before(calls, func() { _ = (<-started).Signal(by) })
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	started <- cmd.Process
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	code := cmd.ProcessState.ExitCode()
	if code == clementine.ExitPassed {
		return false
	}
	if by == os.Interrupt && code != clementine.ExitInterrupted || by == os.Kill && code != -1 {
		t.Fatalf("the run ended with %d by itself:\n%s", code, said)
	}
	return true
}

func verdictsOf(r reports.Results) map[string]string {
	out := map[string]string{}
	for _, q := range r.Requirements {
		out[q.ID] = string(q.Verdict)
	}
	for _, s := range r.Scenarios {
		out[s.ID] = string(s.Verdict)
	}
	return out
}

// A run that is cut off again and again, at moments that a seed decides, and resumed each time comes to what an
// uninterrupted one comes to.
func TestResumedRunComesToTheSame(t *testing.T) {
	t.Parallel()
	long, cuts := os.Getenv("CLEMENTINE_LONG") != "", 1
	if long {
		cuts = 12
	}
	for _, mode := range []string{"sync", "async"} {
		whole := newField(t, mode, true)
		plain := t.TempDir()
		if got := command(t, nil, "", append([]string{"run", "--no-reference", "--out", plain}, whole.args...)...); got.code != clementine.ExitPassed {
			t.Fatalf("%s: exit %d\n%s%s", mode, got.code, got.out, got.errOut)
		}
		want := verdictsOf(results(t, plain))
		for _, apart := range []bool{true, false} {
			for _, by := range []os.Signal{os.Kill, os.Interrupt} {
				if short := mode + fmt.Sprint(apart) + by.String(); !long && !slices.Contains([]string{"synctruekilled", "asynctruekilled", "asyncfalsekilled", "syncfalseinterrupt"}, short) {
					continue
				}
				name := fmt.Sprintf("%s/apart %t/%s", mode, apart, by)
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					f := newField(t, mode, apart)
					f.resumedLike(t, whole, want, by, cuts)
				})
			}
		}
	}
}

func (f *field) resumedLike(t *testing.T, whole *field, want map[string]string, by os.Signal, cuts int) {
	calls, _ := whole.seen()
	random := rand.New(rand.NewPCG(uint64(len(t.Name())), 1))
	out := t.TempDir()
	args := append([]string{"run", "--no-reference", "--out", out}, f.args...)
	done := 0
	for done < cuts && f.cutOff(t, 2+random.IntN(calls*2/3), by, args...) {
		if done++; done == 1 {
			args = append(args, "--resume")
		}
	}
	if done == 0 {
		t.Fatal("no run was cut off")
	}
	f.mu.Lock()
	clear(f.at)
	f.mu.Unlock()
	if _, err := os.Stat(filepath.Join(out, "journal.jsonl")); err == nil {
		cmd, said := program(t, args...)
		if err := cmd.Run(); err != nil {
			t.Fatalf("the resumed run: %v\n%s", err, said)
		}
	}
	got := results(t, out)
	if diff := cmp.Diff(want, verdictsOf(got)); diff != "" {
		t.Errorf("other verdicts than without a cut (-without +with):\n%s", diff)
	}
	if len(got.Resumed) != done || got.Interrupted {
		t.Errorf("cut off %d times, and the results say %+v, interrupted %t", done, got.Resumed, got.Interrupted)
	}
	if v := command(t, nil, "", "report", "verify", filepath.Join(out, "results.json")); v.code != clementine.ExitPassed {
		t.Errorf("report verify: %d\n%s%s", v.code, v.out, v.errOut)
	}
	if entries, err := os.ReadDir(out); err != nil || len(entries) != 5 {
		t.Errorf("the folder holds something else too: %v %v", entries, err)
	}
	f.askedOnce(t, whole, got)
}

// askedOnce fails where the partner was sent a reference more often than in a run without a cut, or other references
// than those of scenarios that began anew.
func (f *field) askedOnce(t *testing.T, whole *field, got reports.Results) {
	t.Helper()
	_, sent := f.seen()
	_, plain := whole.seen()
	for ref, n := range sent {
		if m := plain[ref]; m > 0 && n > m {
			t.Errorf("%s was sent %d times, and %d times without a cut", ref, n, m)
		}
	}
	for _, s := range got.Scenarios {
		for _, id := range s.Exchanges {
			e := got.Exchanges[id]
			if e.Direction != reports.OrangeToPartner || e.Request.Body == nil || s.Attempt > 1 {
				continue
			}
			for _, ref := range ownReference.FindAllString(e.Request.Body.Text, 1) {
				if plain[ref] == 0 {
					t.Errorf("%s: %s is another id than without a cut, in the first attempt", s.ID, ref)
				}
			}
		}
	}
}

// A journal is of one run: whatever decides what a run does is named where it differs, and nobody is called.
func TestResumeRefusesAnotherRun(t *testing.T) {
	t.Parallel()
	f := newField(t, "sync", true)
	out := t.TempDir()
	args := append([]string{"run", "--no-reference", "--concurrency", "1", "--out", out}, f.args...)
	if !f.cutOff(t, 20, os.Kill, args...) {
		t.Fatal("the run was over before it was cut off")
	}
	calls, _ := f.seen()
	text, err := os.ReadFile(args[slices.Index(args, "--profile")+1])
	if err != nil {
		t.Fatal(err)
	}
	other := write(t, "other.yaml", string(text)+"\nping: /health\n")
	for name, tt := range map[string]struct {
		more []string
		want string
	}{
		"no journal": {[]string{"--out", t.TempDir()}, "there is no unfinished run to resume"},
		"partner":    {[]string{"--partner", "http://127.0.0.1:1"}, "the partner was http://127.0.0.1:"},
		"selection":  {[]string{"--only", "PO-UC2"}, `the selection (--only) was "", is "PO-UC2"`},
		"seed":       {[]string{"--seed", "8"}, "the seed was 7, is 8"},
		"profile":    {[]string{"--profile", other}, "the profile's ping has changed"},
		"resilience": {[]string{"--resilience"}, "resilience was false, is true"},
	} {
		got := command(t, nil, "", append(append(slices.Clone(args), "--resume"), tt.more...)...)
		if got.code != clementine.ExitUsage || !strings.Contains(got.errOut, tt.want) || strings.Count(got.errOut, "\n") != 1 {
			t.Errorf("%s: exit %d, %q, want %q", name, got.code, got.errOut, tt.want)
		}
	}
	if now, _ := f.seen(); now != calls {
		t.Errorf("the partner was called %d times", now-calls)
	}
	got := command(t, nil, "", append(slices.Clone(args), "--only", "GEN-01")...)
	if got.code != clementine.ExitPassed || !strings.Contains(got.errOut, "an unfinished run of ") || !strings.Contains(got.errOut, "this run begins anew") {
		t.Errorf("a run from the beginning on: exit %d, %q", got.code, got.errOut)
	}
	if r := results(t, out); len(r.Resumed) != 0 {
		t.Errorf("a run from the beginning on was resumed: %+v", r.Resumed)
	}
}

// A second event for an order that was judged breaches GEN-10 also where it came while no run was there, if the mock
// Orange was. Where the mock Orange had ended too, it may be the first one sent again, which is right.
func TestEventsInBetweenCount(t *testing.T) {
	t.Parallel()
	for _, apart := range []bool{true, false} {
		t.Run(fmt.Sprintf("apart %t", apart), func(t *testing.T) {
			t.Parallel()
			f := newField(t, "async", apart)
			out := t.TempDir()
			args := append([]string{"run", "--no-reference", "--concurrency", "1", "--only", "PO-UC2,GEN-10", "--out", out}, f.args...)
			if !f.cutOff(t, 30, os.Kill, args...) {
				t.Fatal("the run was over before it was cut off")
			}
			event := judgedEvent(t, filepath.Join(out, "journal.jsonl"))
			if apart {
				f.send(t, event)
			} else {
				f.before(2, func() { f.send(t, event) })
			}
			got := command(t, nil, "", append(args, "--resume")...)
			r := results(t, out)
			want := map[bool]reports.Verdict{true: reports.Failed, false: reports.Passed}[apart]
			for _, q := range r.Requirements {
				if q.ID == "GEN-10" && q.Verdict != want {
					t.Errorf("GEN-10 is %s, want %s\n%s%s", q.Verdict, want, got.out, got.errOut)
				}
			}
			if v := command(t, nil, "", "report", "verify", filepath.Join(out, "results.json")); v.code != clementine.ExitPassed {
				t.Errorf("report verify: %d\n%s%s", v.code, v.out, v.errOut)
			}
		})
	}
}

// judgedEvent is an event of a scenario that was judged.
func judgedEvent(t *testing.T, journal string) reports.Exchange {
	t.Helper()
	record, err := reports.ReadJournal(journal)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range record.Ended {
		for _, id := range s.Exchanges {
			if e := record.Exchanges[id]; e.Kind == "event" && e.Response.Status == http.StatusCreated {
				return e
			}
		}
	}
	t.Fatal("no scenario with an event was judged")
	return reports.Exchange{}
}

// send sends an event to the gateway as the partner would.
func (f *field) send(t *testing.T, e reports.Exchange) {
	form := strings.NewReader(url.Values{"grant_type": {"client_credentials"}}.Encode())
	token := f.post(t, "/oauth/v3/token", "application/x-www-form-urlencoded", form, func(r *http.Request) { r.SetBasicAuth("demo", "demo-secret") })
	var granted struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(token, &granted); err != nil {
		t.Errorf("token: %v", err)
	}
	f.post(t, e.Request.URL, "application/json", strings.NewReader(e.Request.Body.Text), func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+granted.Token) })
}

func (f *field) post(t *testing.T, path, kind string, body io.Reader, dress func(*http.Request)) []byte {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.gateway+path, body)
	if err != nil {
		t.Error(err)
		return nil
	}
	request.Header.Set("Content-Type", kind)
	dress(request)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= 300 {
		t.Errorf("POST %s: %d %s %v", path, response.StatusCode, answer, err)
	}
	return answer
}
