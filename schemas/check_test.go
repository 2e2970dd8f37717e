package schemas_test

import (
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
	got := p.Judge("order.answer", "application/json", []byte(`{"id":"1","externalReference":{"type":"orange","id":"x"},"state":"Completed"}`))
	if len(got) != 1 || got[0].Expected != "one of acknowledged, completed, failed" || got[0].Seen != `"Completed"` {
		t.Errorf("got %+v", got)
	}
}
