package console

import (
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/clementine-ope/clementine/harness"
	"github.com/clementine-ope/clementine/reports"
)

// What of a call by hand is shown.
const (
	handBodies = 32 << 10 // bytes of one body
	handCalls  = 20       // requests with their answers
)

// handResult is what is kept of a call by hand once it is over.
type handResult struct {
	judged harness.Judged // without exchanges
	calls  []sentCall
	silent string // why there was no answer at all; empty where there was one
}

// sentCall is one request with its answer.
type sentCall struct {
	exchange       reports.Exchange // without bodies
	request, reply string
}

// sentPage is how a call by hand is shown.
type sentPage struct {
	ID                string
	Over              bool
	Question          *question
	Stream            string
	Head              template.HTML // of the sequence
	Rows              []happening
	Verdict, Sentence string
	Clauses, Others   []clauseRow // judged; not judged
	Notes             []string
	Calls             []callRow
	Problem           string
}

// clauseRow is a requirement with what this call shows of it.
type clauseRow struct {
	ID, Text, Verdict, Reason string
	Waived                    string // until which day; empty where it is not
	Findings                  []findingRow
}

type findingRow struct{ Expected, Seen, Path, Hint string }

type callRow struct {
	Title, Method, URL, RequestBody string
	Status                          int
	ContentType, AnswerBody, Error  string
	Took                            int64 // ms
	First                           bool
}

func resultOf(j harness.Judged) *handResult {
	out := &handResult{judged: j}
	out.judged.Exchanges = nil
	// An event may be journalled before the answer that it follows.
	slices.SortStableFunc(j.Exchanges, func(a, b reports.Exchange) int { return a.At.Compare(b.At) })
	for i, e := range j.Exchanges[:min(len(j.Exchanges), handCalls)] {
		call := sentCall{e, shownBody(e.Request.Body), shownBody(e.Response.Body)}
		call.exchange.Request.Body, call.exchange.Response.Body = nil, nil
		if e.Kind == "token" {
			call.request, call.reply = "", "" // credentials
		}
		if i == 0 && e.Response.Status == 0 {
			out.silent = e.Error
		}
		out.calls = append(out.calls, call)
	}
	return out
}

// shownBody is a recorded body, pretty where it is JSON, as far as it is shown.
func shownBody(b *reports.Body) string {
	text := printableAll([]byte(b.Raw()))
	if len(text) <= handBodies {
		return text
	}
	return strings.ToValidUTF8(text[:handBodies], "") + "…"
}

func (c *Console) sentPage(r *http.Request, by caller, call *handCall) (*sentPage, error) {
	s := call.live.state(0)
	d := &sentPage{ID: call.live.run.ID, Over: s.over, Question: s.asked, Stream: s.stream(Base + "/helper/" + call.live.run.ID)}
	n, err := c.narrator(r, call.live)
	if err != nil {
		return nil, err
	}
	if d.Head, err = n.draw.Head(); err != nil {
		return nil, err
	}
	for i, e := range s.events {
		h, err := n.tell(i, e)
		if err != nil {
			return nil, err
		}
		d.Rows = append(d.Rows, h)
	}
	switch {
	case !s.over:
	case call.problem != nil:
		d.Verdict, d.Sentence, d.Problem = "broken", c.text(r, "sent.broke"), said(by.lang, call.problem.Error())
	default:
		c.describe(r, by, d, call.result)
	}
	return d, nil
}

func (c *Console) describe(r *http.Request, by caller, d *sentPage, result *handResult) {
	for i, call := range result.calls {
		e := call.exchange
		row := callRow{
			Title: "#" + strconv.Itoa(e.ID) + " " + e.Request.Method, Method: e.Request.Method, URL: e.Request.URL, RequestBody: call.request, Status: e.Response.Status,
			AnswerBody: call.reply, Error: said(by.lang, e.Error), Took: int64(e.DurationMs), First: i == 0,
		}
		for name, values := range e.Response.Headers {
			if strings.EqualFold(name, "Content-Type") && len(values) > 0 {
				row.ContentType = values[0]
			}
		}
		d.Calls = append(d.Calls, row)
	}
	if result.silent != "" {
		d.Verdict, d.Sentence = "broken", c.text(r, "sent.noAnswer")
		return
	}
	for _, note := range result.judged.Notes {
		d.Notes = append(d.Notes, said(by.lang, note))
	}
	failed, held := 0, 0
	for _, q := range result.judged.Clauses {
		row := c.clauseRow(by, q, result.judged.Findings)
		switch q.Verdict {
		case reports.Skipped:
			d.Others = append(d.Others, row)
			continue
		case reports.Failed:
			failed++
		case reports.Passed, reports.Warning:
			held++
		}
		d.Clauses = append(d.Clauses, row)
	}
	switch {
	case failed > 0:
		d.Verdict, d.Sentence = "failed", c.text(r, "sent.failed", failed, failed+held)
	case result.judged.Stopped != "" || held == 0:
		d.Verdict, d.Sentence = "inconclusive", said(by.lang, result.judged.Stopped)
	default:
		d.Verdict, d.Sentence = "passed", c.text(r, "sent.held", held)
	}
}

// mostFindings is how many a row shows; that all calls were wrong in one way is said once.
const mostFindings = 3

func (c *Console) clauseRow(by caller, q reports.Requirement, findings []reports.Finding) clauseRow {
	row := clauseRow{ID: q.ID, Text: q.Text, Verdict: string(q.Verdict), Reason: said(by.lang, q.Reason)}
	if full, known := c.options.Pack.Requirement(q.ID); known {
		row.Text = clause(by.lang, full)
	}
	for _, f := range findings {
		if f.Requirement != q.ID {
			continue
		}
		shown := findingRow{said(by.lang, f.Expected), f.Seen, f.Path, said(by.lang, f.Hint)}
		if !f.Verbatim {
			shown.Seen = said(by.lang, f.Seen)
		}
		if len(row.Findings) < mostFindings && !slices.Contains(row.Findings, shown) {
			row.Findings = append(row.Findings, shown)
		}
	}
	return row
}
