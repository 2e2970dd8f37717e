package mockorange_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/schemas"
)

func builtin(t testing.TB) *schemas.Pack {
	t.Helper()
	p, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEventKeys(t *testing.T) {
	t.Parallel()
	pack := builtin(t)
	for _, tc := range []struct {
		name, body string
		want       []string
	}{
		{"order", orderEvent, []string{"ord-1", "ref-1"}},
		{"update", updateEvent, []string{"upd-1", "ref-2", "lic-1"}},
		{"operation", userEvent, []string{"lic-2"}},
		{"none", `{"type":"x","resource":[]}`, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			seen := map[string]bool{}
			var got []string
			for _, k := range mockorange.EventKeys(pack, []byte(tc.body)) {
				if !seen[k] {
					got = append(got, k)
				}
				seen[k] = true
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestEventSchema(t *testing.T) {
	t.Parallel()
	pack := builtin(t)
	for body, want := range map[string]string{
		updateEvent: "event.update",
		userEvent:   "event.operations",
		`not JSON`:  "event.operations",
		`{"type":"updateNotification","resource":{"state":null}}`: "event.update",
	} {
		if got := mockorange.EventSchema(pack, []byte(body)); got != want {
			t.Errorf("%s is judged by %s", body, got)
		}
	}
}

func TestEcho(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, in, want string }{
		{"added", `{ "a" : 1 }`, `{"id":"7", "a" : 1 }`},
		{"empty", `{ }`, `{"id":"7" }`},
		{"replaced", `{"a":1, "id" : {"b":2},"c":3}`, `{"a":1, "id" : "7","c":3}`},
		{"id in the depth", `{"a":{"id":1}}`, `{"id":"7","a":{"id":1}}`},
		{"byte order mark", "\xef\xbb\xbf{\"a\":1}", `{"id":"7","a":1}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := string(mockorange.EchoEvent([]byte(tc.in), "7")); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func FuzzEventBody(f *testing.F) {
	f.Add([]byte(orderEvent))
	f.Add([]byte(updateEvent))
	f.Add([]byte("\xef\xbb\xbf" + userEvent))
	f.Add([]byte(`{"type":"x","id":null,"resource":{}}`))
	f.Add([]byte(`{"type":"x","\u0069d":1,"resource":{}}`))
	pack := builtin(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		mockorange.EventKeys(pack, body)
		schema := mockorange.EventSchema(pack, body)
		pack.Judge(schema, "application/json", body)
		taken := mockorange.CheckEvent(pack, body) == 0
		echoed := mockorange.EchoEvent(body, "7")
		if !bytes.Equal(before, body) {
			t.Error("the body was changed")
		}
		if !taken {
			return
		}
		if !json.Valid(echoed) || gjson.GetBytes(echoed, "id").String() != "7" {
			t.Errorf("%q is taken and answered %q", body, echoed)
		}
	})
}
