package reports_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/web/webtest"
)

// saved writes a page to disk and returns its address: a report is opened from there.
func saved(t testing.TB, r reports.Results) (address string, size int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.html")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := reports.HTML(f, r); err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return (&url.URL{Scheme: "file", Path: file}).String(), int(info.Size())
}

// openAll opens every part, and every exchange, and waits until all that was packed is laid out.
const openAll = `new Promise(done => {
	document.querySelectorAll(".exchanges .exchange > a").forEach(a => a.click());
	const look = () => {
		if (Array.from(document.querySelectorAll(".said")).some(s => !s.firstChild)) { requestAnimationFrame(look); return; }
		document.querySelectorAll("details").forEach(d => { d.open = true; });
		done(document.querySelectorAll(".said pre").length > 0);
	};
	look();
})`

func TestPageInABrowser(t *testing.T) {
	t.Parallel()
	b := webtest.New(t)
	reviewed := sample()
	reviewed.Review = &reports.Review{Decisions: []reports.Decision{
		{Kind: reports.Waive, Requirement: "PO-UC2-02", Until: "2026-12-31", Reason: "mended in the next version", By: "A reviewer", At: sampleStart},
	}}
	for _, tt := range []struct {
		name   string
		r      reports.Results
		lang   string
		widths []int64
	}{
		{"sample", sample(), "en", []int64{390, 1440}},
		{"sample", sample(), "fr", []int64{390, 1440}},
		{"reviewed", reviewed, "fr", []int64{1440}},
		{"hostile", hostile(), "en", []int64{390}},
	} {
		tt.r.Lang = tt.lang
		address, _ := saved(t, tt.r)
		for _, width := range tt.widths {
			b.Open(t, address, width)
			name := fmt.Sprintf("report-%s-%s-%d", tt.name, tt.lang, width)
			b.Picture(t, name)
			webtest.Evaluate[bool](t, b, openAll)
			b.Judge(t, name)
			b.Picture(t, name+"-open")
		}
	}
}

// A disputed finding is a page by itself.
func TestDisputeInABrowser(t *testing.T) {
	t.Parallel()
	b := webtest.New(t)
	for _, tt := range []struct {
		name, lang string
		r          reports.Results
		widths     []int64
	}{{"sample", "fr", sample(), []int64{390, 1440}}, {"hostile", "en", hostile(), []int64{390}}} {
		tt.r.Lang = tt.lang
		file := filepath.Join(t.TempDir(), "dispute.html")
		if err := os.WriteFile(file, []byte(rendered(t, disputing(t, "PO-UC2-02"), tt.r)), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, width := range tt.widths {
			b.Open(t, (&url.URL{Scheme: "file", Path: file}).String(), width)
			name := fmt.Sprintf("dispute-%s-%s-%d", tt.name, tt.lang, width)
			b.Judge(t, name)
			b.Picture(t, name)
		}
		if n := webtest.Evaluate[int](t, b, `document.querySelectorAll("img, script").length`); n != 0 {
			t.Errorf("%s: what somebody said became an element", tt.name)
		}
	}
}

// What is packed is shown when it is opened, as text and nothing else.
func TestPageUnpacksWhatIsOpened(t *testing.T) {
	t.Parallel()
	b := webtest.New(t)
	r := sample()
	// No finding shows exchange 4.
	r.Exchanges[4].Response = reports.Message{Status: 200, Body: text(`{"note":"<img src=x onerror=alert(1)> l'été"}`)}
	address, _ := saved(t, r)
	b.Open(t, address+"#x4", 1440)
	b.Do(t, chromedp.WaitVisible("#x4 .said pre"))
	shown := webtest.Evaluate[string](t, b, `document.querySelector("#x4").innerText`)
	// The titles come through attributes, whose names decide how html/template escapes them.
	for _, want := range []string{"send it again with curl", "as a hurl file", `"note": "<img src=x onerror=alert(1)> l'été"`, "POST http://localhost:8081/productordering/v2/productOrder"} {
		if !strings.Contains(shown, want) {
			t.Errorf("exchange 4 shows no %s:\n%s", want, shown)
		}
	}
	if n := webtest.Evaluate[int](t, b, `document.querySelectorAll("#x4 img").length`); n != 0 {
		t.Error("what the partner said became an element")
	}
	if n := webtest.Evaluate[int](t, b, `document.querySelectorAll("#x0 pre").length`); n != 0 {
		t.Error("an exchange that nobody opened is laid out")
	}
	if said := b.Messages(t); len(said) > 0 {
		t.Errorf("the console says %q", said)
	}
}

func TestPageFilters(t *testing.T) {
	t.Parallel()
	b := webtest.New(t)
	address, _ := saved(t, sample())
	b.Open(t, address, 1440)
	const rows = `Array.from(document.querySelectorAll("#sec-requirements tbody tr")).filter(r => r.offsetParent).map(r => r.querySelector("th").firstChild.textContent.trim()).join(" ")`
	webtest.Evaluate[bool](t, b, `(e => { e.value = "licences"; e.dispatchEvent(new Event("input")); return true; })(document.getElementById("filter-text"))`)
	if got := webtest.Evaluate[string](t, b, rows); got != "PO-UC2-02" && !strings.Contains(got, "PO-UC2-02") || strings.Contains(got, "GEN-01") {
		t.Errorf("the filter shows %q", got)
	}
	webtest.Evaluate[bool](t, b, `location.hash = "GEN-01", true`)
	b.Do(t, chromedp.WaitVisible("#GEN-01"))
}

// many is a run of a number of exchanges.
func many(exchanges int) reports.Results {
	r := whole()
	for i := len(r.Exchanges); i < exchanges; i++ {
		e := r.Exchanges[i%1000]
		e.ID, e.At = i, sampleStart.Add(time.Duration(i)*time.Millisecond)
		r.Exchanges = append(r.Exchanges, e)
	}
	return r
}

// BenchmarkReportOfTenThousand measures what a reader waits for: the time from the navigation until the page answers.
func BenchmarkReportOfTenThousand(b *testing.B) {
	tab := webtest.New(b)
	address, size := saved(b, many(10_000))
	small, _ := saved(b, sample())
	var spent, least float64
	for b.Loop() {
		least += interactive(b, tab, small)
		spent += interactive(b, tab, address)
	}
	b.ReportMetric(spent/float64(b.N), "interactive-ms")
	b.ReportMetric(least/float64(b.N), "five-exchanges-ms")
	b.ReportMetric(float64(size)/10/1e6, "MB/1000-exchanges")
}

func interactive(b *testing.B, tab *webtest.Browser, address string) float64 {
	b.Helper()
	tab.Open(b, address, 1440)
	return webtest.Evaluate[float64](b, tab, `performance.getEntriesByType("navigation")[0].domInteractive`)
}
