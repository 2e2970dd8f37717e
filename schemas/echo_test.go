package schemas_test

import (
	"testing"

	"github.com/clementine-ope/clementine/schemas"
)

func TestEchoes(t *testing.T) {
	t.Parallel()
	const order = `{"orderItem": [{"productRef": {"userServiceQuantity": 1.50, "note": {}}, "odd \"name\"": null}], "userServices": [{"id": "a"}, {"externalState": "x"}]}`
	for name, c := range map[string]struct {
		path, at, body string
		want           bool
	}{
		"the same value":            {"$.orderItem[0].productRef.userServiceQuantity", "$", `{"orderItem": [{"productRef": {"userServiceQuantity": 1.5}}]}`, true},
		"another number":            {"$.orderItem[0].productRef.userServiceQuantity", "$", `{"orderItem": [{"productRef": {"userServiceQuantity": 1.6}}]}`, false},
		"the number as text":        {"$.orderItem[0].productRef.userServiceQuantity", "$", `{"orderItem": [{"productRef": {"userServiceQuantity": "1.5"}}]}`, false},
		"at another place":          {"$.orderItem[1].productRef.userServiceQuantity", "$", `{"orderItem": [{}, {"productRef": {"userServiceQuantity": 1.5}}]}`, false},
		"an object in any order":    {"$.orderItem[0].productRef", "$", `{"orderItem": [{"productRef": {"note": {}, "userServiceQuantity": 15e-1}}]}`, true},
		"an object and more":        {"$.orderItem[0].productRef", "$", `{"orderItem": [{"productRef": {"note": {}, "userServiceQuantity": 1.5, "id": ""}}]}`, false},
		"in an event":               {"$.resource.orderItem[0].productRef.note", "$.resource", `{"resource": {"orderItem": [{"productRef": {"note": {}}}]}}`, true},
		"beside the event's order":  {"$.orderItem[0].productRef.note", "$.resource", `{"orderItem": [{"productRef": {"note": {}}}], "resource": {}}`, false},
		"the event's order itself":  {"$.resource", "$.resource", `{"resource": ` + order + `}`, false},
		"a name in quotes":          {`$.orderItem[0]["odd \"name\""]`, "$", `{"orderItem": [{"odd \"name\"": null}]}`, true},
		"a member missing in both":  {"$.userServices[1].id", "$", `{"userServices": [{"id": "a"}, {"externalState": "x", "state": "inactive"}]}`, true},
		"missing, and more is":      {"$.userServices[1].id", "$", `{"userServices": [{"id": "a"}, {"state": "inactive"}]}`, false},
		"missing in the answer":     {"$.userServices[0].id", "$", `{"userServices": [{}, {}]}`, false},
		"missing in the root":       {"$.state", "$", order, false},
		"no JSON":                   {"$.state", "$", `{"state": `, false},
		"a name that was cut":       {`$["aaaa…]`, "$", `{}`, false},
		"more than the longest":     {"$.a", "$", `{"a": 1e999999999999999999999999999999999999999}`, false},
		"nothing at that place":     {"$.orderItem.id", "$", `{"orderItem": []}`, false},
		"an index beyond the array": {"$.orderItem[7]", "$", `{"orderItem": []}`, false},
	} {
		if got := (schemas.Violation{Path: c.path}).Echoes([]byte(c.body), c.at, []byte(order)); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
	if (schemas.Violation{Path: "$.a"}).Echoes([]byte(`{"a": {}}`), "$", nil) {
		t.Error("nothing was sent, and is echoed")
	}
}
