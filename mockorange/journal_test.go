package mockorange_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/mockorange/control"
)

func seqs(entries []control.Entry) []int64 {
	out := []int64{}
	for _, e := range entries {
		out = append(out, e.Seq)
	}
	return out
}

func fill(j mockorange.Journal, n int) {
	for range n {
		j.Add(control.Entry{Body: []byte("12345")})
	}
}

func TestJournalReplaysThenFollows(t *testing.T) {
	t.Parallel()
	j := mockorange.NewJournal(100, 1<<20)
	fill(j, 3)
	ch, err := j.Subscribe(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	fill(j, 2)
	var got []int64
	for range 4 {
		got = append(got, await(t, ch).Seq)
	}
	if d := cmp.Diff([]int64{2, 3, 4, 5}, got); d != "" {
		t.Error(d)
	}
	fill(j, 1)
	j.Close()
	if e := await(t, ch); e.Seq != 6 {
		t.Errorf("after Close came %d", e.Seq)
	}
	if _, open := <-ch; open {
		t.Error("the subscription outlives the journal")
	}
	fill(j, 1)
	if all, err := j.All(0); err != nil || len(all) != 6 {
		t.Errorf("after Close the journal holds %v, %v", seqs(all), err)
	}
}

func TestJournalEndsWithContext(t *testing.T) {
	t.Parallel()
	j := mockorange.NewJournal(100, 1<<20)
	ctx, cancel := context.WithCancel(t.Context())
	waiting, err := j.Subscribe(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, open := <-waiting; open {
		t.Error("the subscription outlives its context")
	}
}

func TestJournalIsBounded(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		entries int
		bytes   int64
		want    []int64
	}{
		{"by entries", 3, 1 << 20, []int64{3, 4, 5}},
		{"by bytes", 100, 2200, []int64{4, 5}},
		{"the newest stays", 100, 1, []int64{5}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			j := mockorange.NewJournal(tc.entries, tc.bytes)
			fill(j, 5)
			kept, err := j.All(tc.want[0] - 1)
			if d := cmp.Diff(tc.want, seqs(kept)); d != "" || err != nil {
				t.Errorf("%v %s", err, d)
			}
			if _, err := j.All(tc.want[0] - 2); !errors.Is(err, mockorange.ErrGap) {
				t.Errorf("a gap was passed over: %v", err)
			}
			if _, err := j.Subscribe(t.Context(), 0); !errors.Is(err, mockorange.ErrGap) {
				t.Errorf("a gap was passed over: %v", err)
			}
		})
	}
}

func TestJournalEndsSlowReaders(t *testing.T) {
	t.Parallel()
	j := mockorange.NewJournal(300, 1<<20)
	fill(j, 1)
	ch, err := j.Subscribe(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if e := await(t, ch); e.Seq != 1 {
		t.Fatalf("first came %d", e.Seq)
	}
	fill(j, 2000)
	last := int64(1)
	for e := range ch {
		if e.Seq != last+1 {
			t.Fatalf("%d came after %d", e.Seq, last)
		}
		last = e.Seq
	}
	if last >= 2001 {
		t.Error("nothing was dropped, so the test shows nothing")
	}
}

func TestJournalCleared(t *testing.T) {
	t.Parallel()
	j := mockorange.NewJournal(2, 1<<20)
	fill(j, 5)
	j.Clear()
	all, err := j.All(0)
	if err != nil || len(all) != 0 {
		t.Errorf("a cleared journal holds %v, %v", seqs(all), err)
	}
	fill(j, 1)
	all, err = j.All(0)
	if d := cmp.Diff([]int64{6}, seqs(all)); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	if ahead, err := j.All(99); err != nil || len(ahead) != 0 {
		t.Errorf("ahead of the journal: %v, %v", seqs(ahead), err)
	}
}

func TestJournalKeepsTheOrderOfAnswers(t *testing.T) {
	t.Parallel()
	j := mockorange.NewJournal(100, 1<<20)
	first, second, third := j.Place(), j.Place(), j.Place()
	j.Fill(second, control.Entry{Path: "second"})
	if all, err := j.All(0); err != nil || len(all) > 0 {
		t.Errorf("shown before its turn: %v, %v", all, err)
	}
	j.Fill(first, control.Entry{Path: "first"})
	paths := func() []string {
		all, err := j.All(0)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, e := range all {
			out = append(out, e.Path)
		}
		return out
	}
	if d := cmp.Diff([]string{"first", "second"}, paths()); d != "" {
		t.Error(d)
	}
	fourth := j.Place()
	j.Fill(fourth, control.Entry{Path: "fourth"})
	j.Close()
	j.Fill(third, control.Entry{Path: "third"})
	if d := cmp.Diff([]string{"first", "second", "fourth"}, paths()); d != "" {
		t.Errorf("after close: %s", d)
	}
}
