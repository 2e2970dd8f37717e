package schemas_test

import (
	"os"
	"testing"

	"github.com/clementine-ope/clementine/schemas"
)

func TestBuiltinLoads(t *testing.T) {
	t.Parallel()
	p, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(p.Requirements()); n != 85 {
		t.Errorf("%d requirements, want 85", n)
	}
	for _, pr := range schemas.Check(os.DirFS("mba-2.2")) {
		t.Error(pr)
	}
}
