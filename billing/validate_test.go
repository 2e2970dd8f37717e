package billing_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/billing"
)

func TestCatalogueChecks(t *testing.T) {
	t.Parallel()
	day := billing.LastDay + 1
	tests := map[string]struct {
		err  error
		want []string
	}{
		"offer":          {billing.CheckOffer(billing.Offer{Code: "MBA-2.beta_1", Name: "Été", Currency: "XOF"}), nil},
		"empty offer":    {billing.CheckOffer(billing.Offer{}), []string{"code required", "currency unknown", "name required"}},
		"offer code":     {billing.CheckOffer(billing.Offer{Code: "-a", Name: "n", Currency: "EUR"}), []string{"code format"}},
		"slash":          {billing.CheckOffer(billing.Offer{Code: "a/b", Name: "n", Currency: "EUR"}), []string{"code format"}},
		"long code":      {billing.CheckOffer(billing.Offer{Code: billing.OfferCode(strings.Repeat("a", 65)), Name: "n", Currency: "EUR"}), []string{"code too_long"}},
		"envelope":       {billing.CheckEnvelope(billing.Envelope{Code: "E1", Label: strings.Repeat("é", 500)}), nil},
		"empty envelope": {billing.CheckEnvelope(billing.Envelope{}), []string{"code required", "label required"}},
		"long label":     {billing.CheckEnvelope(billing.Envelope{Code: "E1", Label: strings.Repeat("é", 501)}), []string{"label too_long"}},
		"client":         {billing.CheckClient(billing.NewClient{Name: "n", Offers: []billing.OfferCode{"A"}}), nil},
		"bad client": {billing.CheckClient(billing.NewClient{Role: "owner", Offers: []billing.OfferCode{"A", "é"}, Expires: &day}),
			[]string{"expires out_of_range", "name required", "offers[1] format", "role unknown"}},
		"role":     {billing.CheckRole(billing.RoleAdmin), nil},
		"bad role": {billing.CheckRole("root"), []string{"role unknown"}},
	}
	for name, tt := range tests {
		if diff := cmp.Diff(tt.want, pathsOf(t, tt.err)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if text := billing.CheckOffer(billing.Offer{Name: "n", Currency: "EUR"}).Error(); !strings.Contains(text, "code: must not be blank") {
		t.Errorf("the error does not name the field: %s", text)
	}
}
