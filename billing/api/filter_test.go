package api_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/api"
)

func TestParametersAreNeverIgnored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.catalogue([]string{"A"}, "E")
	u := w.writer("A")
	const list = "/billing/v1/subscriptions?"
	for _, tc := range []struct{ target, parameter string }{
		{list + "ofer=A", "ofer"},
		{list + "Offer=A", "Offer"},
		{list + "offer=", "offer"},
		{list + "offer=A&offer=B", "offer"},
		{list + "offer[x]=A", "offer[x]"},
		{list + "offer[][]=A", "offer[][]"},
		{list + "period[]=2026-01", "period[]"},
		{list + "period=2026-13", "period"},
		{list + "period=202603", "period"},
		{list + "status=live", "status"},
		{list + "periodicity[]=yearly", "periodicity[]"},
		{list + "asOf=tomorrow", "asOf"},
		{list + "startDate[after]=2026-02-30", "startDate[after]"},
		{list + "startDate[later]=2026-01-01", "startDate[later]"},
		{list + "startDate=2026-01-01&startDate[after]=2026-01-01", "startDate"},
		{list + "endDate[before]=2026-01-01&exists[endDate]=true", "exists[endDate]"},
		{list + "exists[endDate]=yes", "exists[endDate]"},
		{list + "exists[label]=true", "exists[label]"},
		{list + "amount=1,5", "amount"},
		{list + "amount=1.234", "amount"},
		{list + "amount[gte]=1&amount[between]=1..2", "amount[between]"},
		{list + "amount[between]=5", "amount[between]"},
		{list + "order[name]=asc", "order[name]"},
		{list + "order[label]=up", "order[label]"},
		{list + "order[label]=asc&order[amount]=asc", "order[amount]"},
		{list + "page=0", "page"},
		{list + "page=x", "page"},
		{list + "itemsPerPage=101", "itemsPerPage"},
		{list + "itemsPerPage=0", "itemsPerPage"},
		{list + "cursor=zzz", "cursor"},
		{list + "cursor=zzz&page=2", "page"},
		{list + "format=xml", "format"},
		{list + "csv=fr", "csv"},
		{list + "format=csv&page=2", "page"},
		{list + "format=csv&csv=de", "csv"},
		{list + "format=jsonl&bom=true", "bom"},
		{list + "count=maybe", "count"},
		{list + "text=" + strings.Repeat("x", 501), "text"},
		{"/billing/v1/costs/monthly", "month"},
		{"/billing/v1/costs/monthly?month=March", "month"},
		{"/billing/v1/costs/monthly?month=2026-03&page=1", "page"},
		{"/billing/v1/costs/yearly?year=26", "year"},
		{"/billing/v1/costs/yearly?year=2026&month=2026-03", "month"},
		{"/billing/v1/offers?code=A", "code"},
		{"/billing/v1/audit?kind=thing", "kind"},
		{"/billing/v1/audit?at[after]=2026", "at[after]"},
		{"/billing/v1/suspects?decision=maybe", "decision"},
	} {
		got := w.call(u, http.MethodGet, tc.target, "")
		if got.status != http.StatusBadRequest {
			t.Errorf("%s answers %s", tc.target, got)
			continue
		}
		if p := problemOf(t, got); len(p.Violations) != 1 || p.Violations[0].PropertyPath != tc.parameter {
			t.Errorf("%s: %+v", tc.target, p)
		}
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.catalogue([]string{"A", "B"}, "E", "F")
	u, v := w.writer("A", "B"), w.writer("A", "B")
	w.create(u, simple("A", "E", "one", "2026-01-10", "10"))
	w.create(v, strings.Replace(simple("B", "F", "two", "2026-02-01", "20"), "monthly", "daily", 1))
	w.create(u, strings.Replace(simple("A", "F", "three", "2026-05-01", "30"), `"Line"`, `"Été à Lyon"`, 1))
	ended := strings.Replace(simple("B", "E", "four", "2025-01-01", "40"), `"startDate"`, `"endDate":"2025-06-30","startDate"`, 1)
	w.create(v, strings.Replace(ended, "monthly", "weekly", 1))
	for _, tc := range []struct{ query, want string }{
		{"", "four one three two"},
		{"offer=A", "one three"},
		{"offer[]=A&offer[]=B", "four one three two"},
		{"offer[0]=A&offer[1]=B&envelope=E", "four one"},
		{"offer%5B%5D=B", "four two"},
		{"offer=Z", ""},
		{"envelope=F", "three two"},
		{"period=2026-01", "one"},
		{"period=2025-03", "four"},
		{"periodicity=daily", "two"},
		{"periodicity[]=daily&periodicity[]=weekly", "four two"},
		{"status=active", "one two"},
		{"status[]=planned&status[]=ended", "four three"},
		{"status=active&asOf=2025-02-01", "four"},
		{"client=" + v.id, "four two"},
		{"text=lyon", "three"},
		{"text=%C3%89T%C3%89", "three"},
		{"reference=ONE", "one"},
		{"reference=on", ""},
		{"rule=daysOfMonth", ""},
		{"amount=20", "two"},
		{"amount[gte]=20&amount[lt]=40.00", "three two"},
		{"amount[gt]=20&amount[lte]=40.00", "four three"},
		{"amount[between]=20..30", "three two"},
		{"startDate=2026-02-01", "two"},
		{"startDate[after]=2026-02-01", "three two"},
		{"startDate[strictly_after]=2026-02-01", "three"},
		{"startDate[before]=2026-02-01", "four one two"},
		{"startDate[strictly_before]=2026-02-01", "four one"},
		{"endDate[before]=2025-06-30", "four"},
		{"endDate[strictly_before]=2025-06-30", ""},
		{"exists[endDate]=true", "four"},
		{"exists[endDate]=false", "one three two"},
		{"createdAt[after]=2026-03-15&createdAt[before]=2026-03-15", "four one three two"},
		{"updatedAt[strictly_after]=2026-03-15", ""},
		{"anchor[before]=2025-12-31", "four"},
		{"offer=A&status=active&amount[lte]=10&text=line", "one"},
	} {
		got := references(list[api.Subscription](w, u, "/billing/v1/subscriptions?"+tc.query))
		if d := cmp.Diff(strings.Fields(tc.want), got); d != "" {
			t.Errorf("%s: %s", tc.query, d)
		}
	}
}

func TestAmountNeedsOneKindOfMoney(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.catalogue([]string{"A"}, "E")
	w.want(http.StatusCreated, nil, w.admin, http.MethodPost, "/billing/v1/offers", `{"code":"X","name":"x","currency":"XOF"}`)
	u := w.writer("A", "X")
	w.create(u, simple("A", "E", "eur", "2026-01-01", "5"))
	w.create(u, simple("X", "E", "xof", "2026-01-01", "500"))
	w.want(http.StatusBadRequest, nil, u, http.MethodGet, "/billing/v1/subscriptions?amount=5", "")
	if got := references(list[api.Subscription](w, u, "/billing/v1/subscriptions?amount=500&offer=X")); !slices.Equal(got, []string{"xof"}) {
		t.Errorf("%v", got)
	}
	blocks := list[api.MonthlyCost](w, u, "/billing/v1/costs/monthly?month=2026-03")
	if len(blocks) != 2 || blocks[0].Amount != "5.00" || blocks[1].Amount != "500" {
		t.Errorf("%+v", blocks)
	}
}

// crowd fills three offers with many subscriptions and returns a client of all of them.
func crowd(w *world, n int) *user {
	w.t.Helper()
	w.catalogue([]string{"A", "B", "C"}, "E", "F")
	u := w.writer("A", "B", "C")
	r := rand.New(rand.NewPCG(14, 14))
	var rows strings.Builder
	for i := range n {
		line := simple(pick(r, "A", "B", "C"), pick(r, "E", "F"), fmt.Sprintf("ref %03d", i), fmt.Sprintf("2026-%02d-%02d", 1+r.IntN(6), 1+r.IntN(28)),
			strconv.Itoa(r.IntN(9))+"."+strconv.Itoa(10+r.IntN(89)))
		line = strings.Replace(line, "monthly", pick(r, "monthly", "weekly", "daily"), 1)
		rows.WriteString(strings.ReplaceAll(line, "\n", "") + "\n")
	}
	got := w.want(http.StatusOK, nil, u, http.MethodPost, "/billing/v1/imports", rows.String(), "Content-Type", "application/x-ndjson")
	if strings.Count(string(got.body), `"created"`) != n {
		w.t.Fatalf("import: %s", got)
	}
	return u
}

// The pages, by number and by cursor, forwards and backwards, are the export, cut (T14).
func TestPagesAreTheExport(t *testing.T) {
	t.Parallel()
	onEachEngine(t, checkPages)
}

func checkPages(t *testing.T, w *world) {
	t.Helper()
	u := crowd(w, 83)
	for _, query := range []string{"", "offer[]=A&offer[]=C&", "order[amount]=asc&", "periodicity=weekly&order[startDate]=desc&", "offer=none&"} {
		var whole []string
		export := w.want(http.StatusOK, nil, u, http.MethodGet, "/billing/v1/subscriptions?"+query+"format=jsonl", "")
		for line := range strings.Lines(string(export.body)) {
			var s api.Subscription
			if err := json.Unmarshal([]byte(line), &s); err != nil {
				t.Fatal(err)
			}
			whole = append(whole, s.ID)
		}
		var forth, back, numbered []string
		var page api.Collection[api.Subscription]
		last := ""
		for next := "/billing/v1/subscriptions?" + query + "itemsPerPage=10"; next != ""; next = page.View.Next {
			w.want(http.StatusOK, &page, u, http.MethodGet, next, "")
			if page.Total == nil || *page.Total != int64(len(whole)) {
				t.Errorf("%s: total %v of %d", next, page.Total, len(whole))
			}
			for _, s := range page.Member {
				forth = append(forth, s.ID)
			}
			last = next
		}
		for previous := last; previous != ""; previous = page.View.Previous {
			w.want(http.StatusOK, &page, u, http.MethodGet, previous, "")
			var ids []string
			for _, s := range page.Member {
				ids = append(ids, s.ID)
			}
			back = append(ids, back...)
		}
		for n := 1; n <= len(whole)/10+1; n++ {
			for _, s := range list[api.Subscription](w, u, fmt.Sprintf("/billing/v1/subscriptions?%sitemsPerPage=10&page=%d", query, n)) {
				numbered = append(numbered, s.ID)
			}
		}
		for name, got := range map[string][]string{"next": forth, "previous": back, "page": numbered} {
			if d := cmp.Diff(whole, got); d != "" {
				t.Errorf("%q by %s: %s", query, name, d)
			}
		}
		rows, err := csv.NewReader(strings.NewReader(string(w.want(http.StatusOK, nil, u, http.MethodGet,
			"/billing/v1/subscriptions?"+query+"format=csv", "").body))).ReadAll()
		if err != nil || len(rows) != len(whole)+1 {
			t.Errorf("%q: CSV of %d rows, %v", query, len(rows), err)
		}
	}
}

func cents(t *testing.T, amount string) int64 {
	t.Helper()
	m, err := billing.Currency("EUR").Parse(amount)
	if err != nil {
		t.Fatal(err)
	}
	return int64(m)
}

func yearOf(t *testing.T, w *world, u *user, query string) int64 {
	t.Helper()
	blocks := list[api.YearlyCost](w, u, "/billing/v1/costs/yearly?by=envelope&year=2026"+query)
	if len(blocks) == 0 {
		return 0
	}
	var months, offers, envelopes int64
	for _, m := range blocks[0].Months {
		months += cents(t, m.Amount)
	}
	for _, o := range blocks[0].Offers {
		offers += cents(t, o.Amount)
	}
	for _, e := range blocks[0].Envelopes {
		envelopes += cents(t, e.Amount)
	}
	total := cents(t, blocks[0].Amount)
	if months != total || offers != total || envelopes != total || len(blocks) != 1 || len(blocks[0].Months) != 12 {
		t.Errorf("%s: total %d, months %d, offers %d, envelopes %d", query, total, months, offers, envelopes)
	}
	return total
}

// Reports add up over offers, over envelopes, over any filter that splits, and over months; narrowing never adds (T14).
func TestReportsAddUp(t *testing.T) {
	t.Parallel()
	onEachEngine(t, checkSums)
}

func checkSums(t *testing.T, w *world) {
	t.Helper()
	u := crowd(w, 60)
	all := yearOf(t, w, u, "")
	if all == 0 {
		t.Fatal("nothing is charged")
	}
	for _, split := range [][]string{
		{"&offer=A", "&offer[]=B&offer[]=C"},
		{"&envelope=E", "&envelope=F"},
		{"&periodicity=daily", "&periodicity[]=weekly&periodicity[]=monthly"},
		{"&amount[lt]=4", "&amount[gte]=4"},
		{"&startDate[before]=2026-03-31", "&startDate[strictly_after]=2026-03-31"},
		{"&status=planned", "&status[]=active&status[]=held&status[]=ended"},
	} {
		var sum int64
		for _, part := range split {
			cost := yearOf(t, w, u, part)
			if cost > all {
				t.Errorf("%s costs %d of %d", part, cost, all)
			}
			sum += cost
		}
		if sum != all {
			t.Errorf("%v sum up to %d of %d", split, sum, all)
		}
	}
	var months int64
	for m := range 12 {
		for _, b := range list[api.MonthlyCost](w, u, fmt.Sprintf("/billing/v1/costs/monthly?month=2026-%02d", m+1)) {
			months += cents(t, b.Amount)
		}
	}
	if months != all {
		t.Errorf("the months sum up to %d, the year is %d", months, all)
	}
	// Disjoint scopes add up to the whole (F8-5).
	var scopes int64
	for _, o := range []billing.OfferCode{"A", "B", "C"} {
		scopes += yearOf(t, w, w.writer(o), "")
	}
	if omniscient := yearOf(t, w, w.admin, ""); scopes != all || omniscient != all {
		t.Errorf("scopes sum up to %d, omniscient %d, of %d", scopes, omniscient, all)
	}
	if report := w.want(http.StatusCreated, nil, w.admin, http.MethodPost, "/billing/v1/reconciliations", ""); !strings.Contains(string(report.body), `"clean":true`) {
		t.Errorf("%s", report)
	}
}
