package backoffice_test

import (
	"encoding/csv"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/billing"
)

// references are those that a list shows, over all its pages.
func (b *browser) references(t *testing.T, path string) []string {
	t.Helper()
	var all []string
	for path != "" {
		got := b.get(t, path)
		if got.status != http.StatusOK {
			t.Fatalf("%s answers %d", path, got.status)
		}
		root, next := got.parse(t), ""
		for n := range elements(root, "th") {
			if attribute(n, "scope") == "row" {
				all = append(all, textOf(n))
			}
		}
		for n := range elements(root, "a") {
			if attribute(n, "rel") == "next" {
				next = strings.TrimPrefix(attribute(n, "href"), "/backoffice")
			}
		}
		path = next
	}
	return all
}

// Every filter of the page means what the domain says it means, and the export has the rows of the screen.
func TestFiltersMeanWhatTheDomainSays(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	b := newBrowser(t, f.serve(t, nil))
	minor := func(m billing.Minor) *billing.Minor { return &m }
	on := func(text string) *billing.Day { d := day(t, text); return &d }
	month := billing.NewMonth(2025, 5)
	for _, tt := range []struct {
		query  string
		filter billing.Filter
	}{
		{"", billing.Filter{}},
		{"text=site c", billing.Filter{Text: "site c"}},
		{"offer=VAULT", billing.Filter{Offers: []billing.OfferCode{"VAULT"}}},
		{"offer[]=VAULT&offer[]=SIGN", billing.Filter{Offers: []billing.OfferCode{"VAULT", "SIGN"}}},
		{"envelope=HR&status=ended", billing.Filter{Envelopes: []billing.EnvelopeCode{"HR"}, Statuses: []billing.Status{billing.StatusEnded}}},
		{"status=planned&asOf=2026-01-01", billing.Filter{Statuses: []billing.Status{billing.StatusPlanned}, AsOf: day(t, "2026-01-01")}},
		{"period=2025-05", billing.Filter{Period: &month}},
		{"periodicity=weekly", billing.Filter{Periodicities: []billing.Periodicity{billing.Weekly}}},
		{"rule=daysOfMonth", billing.Filter{Rules: []billing.Rule{billing.DaysOfMonth}}},
		{"client=seed", billing.Filter{Clients: []billing.ClientID{"seed"}}},
		{"client=nobody", billing.Filter{Clients: []billing.ClientID{"nobody"}}},
		{"reference=ct-0003", billing.Filter{Reference: "CT-0003"}},
		{"amount[gte]=55&amount[lt]=85,00", billing.Filter{Amount: billing.AmountBounds{AtLeast: minor(5500), LessThan: minor(8500)}}},
		{"amount[gt]=55&amount[lte]=85", billing.Filter{Amount: billing.AmountBounds{MoreThan: minor(5500), AtMost: minor(8500)}}},
		{"startDate[after]=2025-02-28&startDate[strictly_before]=2026-01-17", billing.Filter{Start: billing.DateBounds{After: on("2025-02-28"), StrictlyBefore: on("2026-01-17")}}},
		{"endDate[strictly_after]=2026-06-12&endDate[before]=2027-07-25", billing.Filter{End: billing.DateBounds{StrictlyAfter: on("2026-06-12"), Before: on("2027-07-25")}}},
		{"anchor[before]=2025-06-10", billing.Filter{Anchor: billing.DateBounds{Before: on("2025-06-10")}}},
		{"createdAt[after]=2026-08-24", billing.Filter{Created: billing.DateBounds{After: on("2026-08-24")}}},
		{"updatedAt[before]=2026-08-23", billing.Filter{Updated: billing.DateBounds{Before: on("2026-08-23")}}},
	} {
		if tt.filter.AsOf == 0 {
			tt.filter.AsOf = day(t, "2026-08-23")
		}
		var want []string
		err := f.store.StreamSubscriptions(t.Context(), f.scope, billing.Filter{}, billing.Order{}, func(s *billing.Subscription) error {
			if tt.filter.Matches(s) {
				want = append(want, s.Reference)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		query := strings.NewReplacer("[", "%5B", "]", "%5D", " ", "+").Replace(tt.query)
		got := b.references(t, "/subscriptions?"+query)
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d rows %v, want %d %v", tt.query, len(got), got, len(want), want)
		}
		exported := references(t, b.get(t, "/subscriptions/export?format=csv-fr&"+query))
		slices.Sort(exported)
		if !slices.Equal(exported, want) {
			t.Errorf("%s: the export has %v, want %v", tt.query, exported, want)
		}
	}
}

// references are the second column of an export, read as a spreadsheet does.
func references(t *testing.T, p page) []string {
	t.Helper()
	if p.status != http.StatusOK || !strings.HasPrefix(p.header.Get("Content-Type"), "text/csv") {
		t.Fatalf("the export answers %d, %s", p.status, p.header.Get("Content-Type"))
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.body, "\ufeff")))
	r.Comma = ';'
	var all []string
	for i := 0; ; i++ {
		row, err := r.Read()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			all = append(all, strings.TrimPrefix(row[1], "'"))
		}
	}
}

func TestExportsForSpreadsheets(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	b := newBrowser(t, f.serve(t, nil))
	for path, want := range map[string]string{
		"/subscriptions/export?format=csv-fr&text=29&reference=" + url.QueryEscape(hostile): "",
		"/subscriptions/export?format=csv&reference=" + url.QueryEscape(hostile):            `,"'=1+1 <script>alert(""x"")</script> & 'quotes' {{.}}",NOTES-S,HR,monthly,onDate,29.99,EUR,2026-01-31,,active` + "\r\n",
		"/subscriptions/export?format=csv-fr&reference=" + url.QueryEscape(hostile):         `;NOTES-S;HR;monthly;onDate;29,99;EUR;2026-01-31;;active` + "\r\n",
	} {
		got := b.get(t, path)
		if got.status != http.StatusOK || !strings.HasSuffix(got.body, want) || !strings.HasPrefix(got.body, "\ufeff") {
			t.Errorf("%s: %d, %q", path, got.status, got.body)
		}
	}
}

func TestUnknownFiltersAreRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	b := newBrowser(t, f.serve(t, nil))
	for _, path := range []string{
		"/subscriptions?ofer=VAULT", "/subscriptions?status=gone", "/subscriptions?period=2026-13", "/subscriptions?startDate=2026-01-01",
		"/subscriptions?startDate%5Bafter%5D=yesterday", "/subscriptions?amount%5Bgte%5D=1.234", "/subscriptions?order%5Bamount%5D=up",
		"/subscriptions?order%5Bsecret%5D=asc", "/subscriptions?cursor=made-up", "/subscriptions/export?format=xlsx", "/subscriptions/export",
		"/trace?kind=unknown", "/trace?who=me", "/trace?from=today", "/?year=last", "/?year=0", "/offers?year=99999", "/duplicates?decision=maybe",
	} {
		got := b.get(t, path)
		if got.status != http.StatusBadRequest {
			t.Errorf("%s answers %d", path, got.status)
			continue
		}
		checkPage(t, path, "en", got)
	}
}

// A form sends every field; its address keeps those that say something, and each tag removes one.
func TestAddressesAreTidyAndTagsRemove(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	b := newBrowser(t, f.serve(t, nil))
	got := b.get(t, "/subscriptions?text=&offer=VAULT&status=active&period=&startDate%5Bafter%5D=2025-01-01")
	const tidy = "/backoffice/subscriptions?offer=VAULT&startDate%5Bafter%5D=2025-01-01&status=active"
	if got.status != http.StatusSeeOther || got.header.Get("Location") != tidy {
		t.Fatalf("it leads to %d %s", got.status, got.header.Get("Location"))
	}
	shown := b.get(t, strings.TrimPrefix(tidy, "/backoffice"))
	tags := map[string]string{}
	for n := range elements(shown.parse(t), "a") {
		if attribute(n, "class") == "tag-remove" {
			tags[textOf(n)] = attribute(n, "href")
		}
	}
	for text, want := range map[string]string{
		"Offer: VAULT ✕Remove the filter Offer: VAULT":                                     "/backoffice/subscriptions?startDate%5Bafter%5D=2025-01-01&status=active",
		"Status: Active ✕Remove the filter Status: Active":                                 "/backoffice/subscriptions?offer=VAULT&startDate%5Bafter%5D=2025-01-01",
		"Starts on or after: 1 Jan 2025 ✕Remove the filter Starts on or after: 1 Jan 2025": "/backoffice/subscriptions?offer=VAULT&status=active",
	} {
		if tags[text] != want {
			t.Errorf("the tag %q leads to %q, want %q (there are %q)", text, tags[text], want, tags)
		}
	}
}

// Headings sort in the address, and say so to screen readers.
func TestSorting(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	b := newBrowser(t, f.serve(t, nil))
	up := b.references(t, "/subscriptions?order%5Breference%5D=asc&offer=SIGN")
	down := b.references(t, "/subscriptions?order%5Breference%5D=desc&offer=SIGN")
	if !slices.IsSorted(up) || len(up) < 5 {
		t.Errorf("upwards: %v", up)
	}
	slices.Reverse(down)
	if !slices.Equal(up, down) {
		t.Errorf("downwards is not upwards the other way round: %v", down)
	}
	got := b.get(t, "/subscriptions?order%5Breference%5D=asc")
	var sorted []string
	for n := range elements(got.parse(t), "th") {
		if order := attribute(n, "aria-sort"); order != "" && order != "none" {
			sorted = append(sorted, order)
		}
	}
	if !slices.Equal(sorted, []string{"ascending"}) {
		t.Errorf("sorted columns: %v", sorted)
	}
}
