package reports_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/reports"
)

// journalled is the path of a journal with two scenarios, of which one has ended.
func journalled(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	j := reports.NewJournal(reports.JournalFile(path), reports.JournalHeader{Seed: 7, Selection: "PO-UC2"})
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	j.Part(reports.JournalPart{At: at, Seq: 4})
	j.Begun("a")
	j.Begun("b")
	j.Exchange(reports.Exchange{ID: 0, Direction: reports.OrangeToPartner, At: at.Add(time.Second)}, 0)
	j.Exchange(reports.Exchange{ID: 1, Direction: reports.PartnerToOrange, At: at.Add(2 * time.Second), DurationMs: 500}, 5)
	j.Fault("f1")
	j.Ended(reports.JournalEnded{ID: "a", DurationMs: 3, Exchanges: []int{0, 1}, Course: []reports.Turn{{Op: "call"}}})
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestJournalTellsWhatWasWritten(t *testing.T) {
	t.Parallel()
	r, err := reports.ReadJournal(journalled(t))
	if err != nil {
		t.Fatal(err)
	}
	if r.Header.Seed != 7 || r.Header.Selection != "PO-UC2" || len(r.Exchanges) != 2 || r.Last.Seq != 5 || r.Spent() != 2500*time.Millisecond {
		t.Errorf("read %+v, spent %s", r, r.Spent())
	}
	if diff := cmp.Diff(map[string]int{"a": 1, "b": 2}, r.Attempts()); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
	if len(r.Ended["a"].Course) != 1 || !slices.Equal(r.Faults, []string{"f1"}) {
		t.Errorf("ended %+v, faults %v", r.Ended, r.Faults)
	}
}

func TestJournalGoesOn(t *testing.T) {
	t.Parallel()
	path := journalled(t)
	j, r, err := reports.ContinueJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := reports.ContinueJournal(path); !errors.Is(err, reports.ErrJournalBusy) {
		t.Errorf("a second run with the same journal: %v", err)
	}
	j.Part(reports.JournalPart{At: r.StartedAt().Add(time.Hour), Resumption: &reports.Resumption{Exchange: 2, OrangeAnew: true}})
	j.Begun("a")
	j.Exchange(reports.Exchange{ID: 2, Direction: reports.OrangeToPartner, At: r.StartedAt().Add(time.Hour + time.Second)}, 0)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if r, err = reports.ReadJournal(path); err != nil {
		t.Fatal(err)
	}
	// A scenario that began once more has not ended, and faults went with their mock Orange.
	if r.Attempts()["a"] != 3 || len(r.Ended) != 0 || len(r.Faults) != 0 || r.Last.Seq != 0 || r.Spent() != 3500*time.Millisecond || len(r.Resumptions()) != 1 {
		t.Errorf("read %+v, spent %s", r, r.Spent())
	}
	if err := j.Remove(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the journal is still there: %v", err)
	}
}

// However much of the last line is there, the lines before it stand, and the next line is a line of its own.
func TestJournalCutAnywhere(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile(journalled(t))
	if err != nil {
		t.Fatal(err)
	}
	for cut := range whole {
		path := filepath.Join(t.TempDir(), "journal.jsonl")
		if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		j, r, err := reports.ContinueJournal(path)
		lines := strings.Count(string(whole[:cut]), "\n")
		if (err == nil) != (lines >= 2) {
			t.Fatalf("cut at %d, after %d lines: %v", cut, lines, err)
		}
		if err != nil {
			continue
		}
		j.Part(reports.JournalPart{Resumption: &reports.Resumption{Exchange: len(r.Exchanges)}})
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if again, err := reports.ReadJournal(path); err != nil || len(again.Parts) != 2 {
			t.Fatalf("cut at %d and gone on with: %v", cut, err)
		}
	}
}

func TestJournalNamesTheLineThatIsWrong(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile(journalled(t))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(whole), "\n")
	for name, tt := range map[string]struct {
		line int
		text string
		want string
	}{
		"no JSON":           {3, "{\"begun\"\n", "line 3: "},
		"nothing known":     {4, "{}\n", "line 4: it says nothing that is known"},
		"a gap":             {5, `{"exchange":{"id":3,"direction":"orange-to-partner"}}` + "\n", "line 5: exchange 3, where 0 is the next"},
		"no beginning":      {4, lines[7], `line 4: the scenario "a" has the exchange 0, which is not there`},
		"another version":   {1, `{"run":{"version":2}}` + "\n", "line 1: version 2 of the journal is not known"},
		"a run in the run":  {4, lines[0], "line 4: the first line, and no other"},
		"no first part":     {2, lines[2], "line 2: the second line"},
		"another direction": {5, `{"exchange":{"id":0,"direction":"up"}}` + "\n", `line 5: exchange 0 has the direction "up"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := slices.Clone(lines)
			changed[tt.line-1] = tt.text
			path := filepath.Join(t.TempDir(), "journal.jsonl")
			if err := os.WriteFile(path, []byte(strings.Join(changed, "")), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := reports.ReadJournal(path); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}

// A journal that can't be written is gone, and says so.
func TestJournalThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	j := reports.NewJournal(reports.JournalFile(filepath.Join(t.TempDir(), "nowhere", "journal.jsonl")), reports.JournalHeader{})
	j.Part(reports.JournalPart{})
	j.Begun("a")
	j.Begun("b")
	if j.Kept() {
		t.Error("it says that it is there")
	}
	if err := j.Close(); err == nil || !strings.Contains(err.Error(), "write the journal of the run") {
		t.Errorf("error %v", err)
	}
	var none *reports.Journal
	none.Begun("a")
	none.Exchange(reports.Exchange{}, 1)
	if err := errors.Join(none.Close(), none.Remove()); err != nil || none.Kept() {
		t.Errorf("no journal: %v", err)
	}
}

func FuzzJournal(f *testing.F) {
	whole, err := os.ReadFile(journalled(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "journal.jsonl")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if r, err := reports.ReadJournal(path); err == nil {
			r.Attempts()
			r.Resumptions()
			r.StartedAt()
		}
	})
}
