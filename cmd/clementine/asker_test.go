package main_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	clementine "github.com/clementine-ope/clementine/cmd/clementine"
)

func TestAskerTakesOneAnswerForEachQuestion(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	ask := clementine.NewAsker(strings.NewReader("\n R \ndone\n"), &out)
	for i, want := range []struct{ ok, refused bool }{{true, false}, {false, true}, {true, false}} {
		ok, refused, err := ask(t.Context(), "Add a user to licence 7")
		if err != nil || ok != want.ok || refused != want.refused {
			t.Errorf("answer %d reads as ok %t, refused %t, %v", i, ok, refused, err)
		}
	}
	if _, _, err := ask(t.Context(), "Anyone there?"); !errors.Is(err, io.EOF) {
		t.Errorf("nobody answers, and the error is %v", err)
	}
	if n := strings.Count(out.String(), "Add a user to licence 7"); n != 3 {
		t.Errorf("the question was put %d times", n)
	}
}

func TestAskerStopsWithTheRun(t *testing.T) {
	t.Parallel()
	in, keepOpen := io.Pipe()
	defer keepOpen.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := clementine.NewAsker(in, io.Discard)(ctx, "Anyone there?"); !errors.Is(err, context.Canceled) {
		t.Errorf("the run has ended, and the error is %v", err)
	}
}
