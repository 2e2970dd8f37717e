package main_test

import (
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/database/databasetest"
	"github.com/clementine-ope/clementine/reports"
)

// atConsole is a partner with a console that judges it, as a process of its own on a database that outlives it.
type atConsole struct {
	*field
	t        *testing.T
	database string
	profile  string
	serve    child
}

func newAtConsole(t *testing.T, mode, database string) *atConsole {
	t.Helper()
	f := newField(t, mode, false)
	text, err := os.ReadFile(f.args[slices.Index(f.args, "--profile")+1])
	if err != nil {
		t.Fatal(err)
	}
	c := &atConsole{field: f, t: t, database: database, profile: string(text) + "\nbaseURL: " + f.args[slices.Index(f.args, "--partner")+1] + "\n"}
	c.start()
	return c
}

// start starts the program where the partner knows it to be.
func (c *atConsole) start() visitor {
	c.t.Helper()
	c.serve = serveChild(c.t, "--listen", strings.TrimPrefix(c.gateway, "http://"), "--control", "127.0.0.1:0", "--database", c.database)
	return newVisitor(c.t, c.gateway)
}

// begin sets the partner up and starts a run; it returns the path of its page.
func (c *atConsole) begin(v visitor) string {
	c.t.Helper()
	at, body := v.send("/profiles/new", "/profiles/yaml", url.Values{"yaml": {c.profile}})
	if !strings.HasSuffix(at, "/run") {
		c.t.Fatalf("the profile leads to %s: %s", at, body)
	}
	mode := regexp.MustCompile(`(?m)^mode: (\w+)`).FindStringSubmatch(c.profile)[1]
	run, body := v.send(at, at, url.Values{"mode": {mode}, "seed": {"7"}, "noReference": {"true"}})
	if !strings.HasPrefix(run, "/runs/") {
		c.t.Fatalf("starting leads to %s: %s", run, body)
	}
	return run
}

var streamOf = regexp.MustCompile(`data-stream="/console([^"]+)"`)

// over waits until a run is over, and returns what it came to.
func (c *atConsole) over(v visitor, run string) reports.Results {
	c.t.Helper()
	for {
		_, page := v.see(run)
		stream := streamOf.FindStringSubmatch(page)
		if stream == nil {
			break
		}
		if response, err := v.Get(v.base + strings.ReplaceAll(stream[1], "&amp;", "&")); err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
	}
	_, file := v.see(run + "/files/results.json")
	r, err := reports.Read(strings.NewReader(file))
	if err != nil {
		c.t.Fatal(err)
	}
	return r
}

// resume presses the button as soon as it is there, and reports whether it ever was: the run may have been over.
func (c *atConsole) resume(v visitor, run string) bool {
	c.t.Helper()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		_, page := v.see(run)
		switch {
		case strings.Contains(page, run+"/resume"):
			if _, page := v.send(run, run+"/resume", url.Values{}); !streamOf.MatchString(page) && !strings.Contains(page, "results.json") {
				c.t.Fatalf("resuming leads to %s", page)
			}
			return true
		case !strings.Contains(page, "under way in another program"):
			return false
		}
		<-look.C
	}
}

// A run whose `serve` is killed in its middle is there when another one starts on the same database, and comes to what an
// unbroken run comes to.
func TestKilledConsoleGoesOn(t *testing.T) {
	t.Parallel()
	var server databasetest.Server
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	engines := map[string]func(*testing.T) string{
		"sqlite":     func(t *testing.T) string { return filepath.Join(t.TempDir(), "orange.db") },
		"postgresql": func(t *testing.T) string { return server.Address(t) },
	}
	kills := 1
	if os.Getenv("CLEMENTINE_LONG") != "" {
		kills = 6
	}
	t.Run("engines", func(t *testing.T) {
		for engine, mode := range map[string]string{"sqlite": "async", "postgresql": "sync"} {
			t.Run(engine, func(t *testing.T) {
				t.Parallel()
				whole := newAtConsole(t, mode, engines["sqlite"](t))
				v := newVisitor(t, whole.gateway)
				want := verdictsOf(whole.over(v, whole.begin(v)))
				whole.serve.kill(t)
				calls, _ := whole.seen()
				newAtConsole(t, mode, engines[engine](t)).killed(whole, calls, kills, want)
			})
		}
	})
}

func (c *atConsole) killed(whole *atConsole, calls, kills int, want map[string]string) {
	t := c.t
	random := rand.New(rand.NewPCG(uint64(len(t.Name())), 3))
	// What was judged is not asked again: kills this far apart all come before the last call.
	apart := calls / (kills + 1)
	next := func() int { return apart/2 + random.IntN(apart/2) }
	dead := make(chan struct{})
	fell := func() { c.serve.kill(t); close(dead) }
	c.before(next(), fell)
	v := newVisitor(t, c.gateway)
	run := c.begin(v)
	<-dead
	cuts := 1
	for {
		v = c.start()
		if cuts < kills {
			dead = make(chan struct{})
			c.before(next(), fell)
		}
		if !c.resume(v, run) {
			t.Fatal("there was nothing to resume")
		}
		if cuts == kills {
			break
		}
		<-dead
		cuts++
	}
	got := c.over(v, run)
	if diff := cmp.Diff(want, verdictsOf(got)); diff != "" {
		t.Errorf("other verdicts than without a kill (-without +with):\n%s", diff)
	}
	if len(got.Resumed) != cuts || got.Interrupted || !got.Resumed[0].OrangeRestarted || got.Resumed[0].Judged == 0 {
		t.Errorf("killed %d times, and the results say %+v, interrupted %t", cuts, got.Resumed, got.Interrupted)
	}
	c.askedOnce(t, whole.field, got)
	path := write(t, "results.json", "")
	if err := os.WriteFile(path, []byte(mustJSON(t, got)), 0o600); err != nil {
		t.Fatal(err)
	}
	if v := command(t, nil, "", "report", "verify", path); v.code != 0 {
		t.Errorf("report verify: %d\n%s%s", v.code, v.out, v.errOut)
	}
	if _, list := v.see("/runs"); strings.Contains(list, "/resume") {
		t.Error("the finished run can still be resumed")
	}
}

func mustJSON(t *testing.T, r reports.Results) string {
	t.Helper()
	var out strings.Builder
	if err := reports.Write(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
