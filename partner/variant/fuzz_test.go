package variant_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/partner/variant"
)

// edge is the HTTP edge of a variant without a port.
func edge(t testing.TB, v variant.Variant) http.Handler {
	t.Helper()
	var h http.Handler
	catch := partner.Seam{WrapHandler: func(next http.Handler) http.Handler {
		h = next
		return next
	}}
	_, err := partner.New(partner.Options{Profile: declared(profile.Sync), Seam: partner.Join(v.Seam(), catch)})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// Whatever is sent, no variant panics or answers 5xx: the suite sends malformed bodies to all of them.
func FuzzBodies(f *testing.F) {
	var edges []http.Handler
	for _, v := range variant.All() {
		if v.Name != "answers-slow-but-in-time" && v.Name != "one-thing-at-a-time" && v.BasePath == "" {
			edges = append(edges, edge(f, v))
		}
	}
	for i, body := range []string{
		``, `{`, `[]`, `null`, `"text"`, `[{"customer":{"id":"x"}}]`, `{"customer":"x","orderItem":{}}`,
		`{"externalReference":{"id":"1"},"customer":{"tradingName":"A"},"relatedContact":[{"role":"customerFleetManager"},null]}`,
		`{"customer":{"tradingName":"A"},"orderItem":[{"productRef":{"userServiceQuantity":"2"},"productOffering":{"externalReference":{"id":"NOTES-S"}}}]}`,
		`{"customer":{"tradingName":"A"},"orderItem":[{"productRef":null,"productOffering":[]}]}`,
		`{"userServices":[{"id":"lic_1","externalState":"suspended"},null,7]}`, `{"userServices":{}}`,
	} {
		f.Add(uint(i), []byte(body))
		f.Add(uint(i*7+1), []byte(body))
	}
	f.Fuzz(func(t *testing.T, which uint, body []byte) {
		h := edges[which%uint(len(edges))]
		for _, path := range []string{orderPath, licencePath + "/update"} {
			got := httptest.NewRecorder()
			h.ServeHTTP(got, httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body)))
			if got.Code >= 500 {
				t.Errorf("%s %q: %d %s", path, body, got.Code, got.Body)
			}
		}
	})
}
