package reports

import (
	"fmt"
	"html/template"
	"sort"
	"strings"
)

const (
	htmlBody        = 64 << 10  // bytes of a body that a finding shows
	htmlWholeBodies = 512 << 10 // bytes of bodies that all findings show together; then they are short
)

type exchangeView struct {
	ID                                      int
	Anchor, Method, Target, Status, Time    string
	Out                                     bool // orange-to-partner
	Direction, At, Kind, Auth, Error, Fault string
	Request, Response                       messageView
	Curl, Hurl, Needs                       string
	Elsewhere                               bool   // a finding shows it whole
	Packed                                  string // where its text is: chunk and place in it, as in "3.12"
}

type messageView struct {
	Line    string
	Headers string // a line each
	Body    template.HTML
	Note    string // what is not shown
}

func (b *builder) findings() []findingSection {
	var out []findingSection
	for _, v := range []Verdict{Failed, Broken, Inconclusive, Warning} {
		s := findingSection{Title: b.l.T(strings.ToUpper(string(v[:1])) + string(v[1:]) + "Title")}
		for _, c := range causes(b.r, v) {
			if b.hasArticle(c.Requirement) {
				s.Articles = append(s.Articles, b.article(c))
			}
		}
		if len(s.Articles) > 0 {
			out = append(out, s)
		}
	}
	return out
}

func (b *builder) article(c cause) findingArticle {
	q := c.Requirement
	a := findingArticle{verdictView: b.verdict(q.Verdict), ID: b.show(q.ID), Anchor: b.anchors[q.ID], Level: b.l.T(b.show(q.Level)), Text: b.show(q.Text),
		Source: b.show(q.Source), Reason: b.show(q.Reason)}
	a.Waived = b.show(waiverLine(b.r, c.Requirement.ID, b.l))
	if len(c.Waiting) > 0 {
		a.Waiting = b.show(b.l.wait(c.Waiting))
	}
	for i, g := range c.Findings {
		if i == htmlFindings {
			a.More = b.l.n("andFindings", len(c.Findings)-i)
			break
		}
		a.Findings = append(a.Findings, b.finding(g))
	}
	return a
}

func (b *builder) finding(g group) findingView {
	f := findingView{Expected: b.show(g.Expected), Seen: b.show(g.Seen), Path: b.show(g.Path), Hint: b.show(g.Hint), Follows: b.show(g.FollowOf)}
	for _, s := range g.Scenarios {
		f.Scenarios = append(f.Scenarios, b.scenes[s.ID])
	}
	f.Scenarios, f.More = fold(f.Scenarios)
	e, ok := b.r.Exchange(g.Exchange)
	switch {
	case !ok:
	case b.placed[e.ID]:
		f.See = &link{exchangeAnchor(e.ID), fmt.Sprintf("#%d", e.ID)}
	default:
		b.placed[e.ID] = true
		view := b.exchange(e)
		f.Exchange = &view
	}
	f.Reference = b.comparison(g.Reference)
	f.Sequence = b.sequence(g)
	return f
}

func exchangeAnchor(id int) string { return fmt.Sprintf("x%d", id) }

// line views an exchange as one line.
func (b *builder) line(e Exchange) exchangeView {
	v := exchangeView{ID: e.ID, Anchor: exchangeAnchor(e.ID), Method: b.l.shortened(visible(e.Request.Method), 20), Target: b.target(e.Request.URL),
		Status: "–", Time: b.l.milliseconds(e.DurationMs), Out: e.Direction == OrangeToPartner}
	if e.Response.Status != 0 {
		v.Status = fmt.Sprint(e.Response.Status)
	}
	return v
}

// exchange views an exchange whole, with headers, a curl line and a hurl entry.
func (b *builder) exchange(e Exchange) exchangeView {
	v := b.line(e)
	v.Direction, v.Kind, v.At, v.Error, v.Fault = b.l.T(e.Direction), visible(e.Kind), b.offset(e), b.show(e.Error), b.show(e.Fault)
	v.Auth = visible(strings.Join(strings.Fields(e.Auth.Scheme+" "+e.Auth.Application+" "+e.Auth.State), " "))
	v.Request.Line = b.show(e.Request.Method + " " + e.Request.URL)
	v.Response.Line = v.Status
	v.Request.Headers, v.Response.Headers = headerLines(e.Request.Headers), headerLines(e.Response.Headers)
	v.Request.Body, v.Request.Note = b.body(e.Request.Body)
	v.Response.Body, v.Response.Note = b.body(e.Response.Body)
	v.Curl, v.Hurl = visible(Curl(e)), visibleLines(Hurl(e))
	if strings.Contains(v.Curl, `"$TOKEN"`) || strings.Contains(v.Curl, `"$GATEWAY"`) {
		v.Needs = b.l.T("curlNeeds")
	}
	return v
}

// offset is when an exchange began, from the beginning of the run.
func (b *builder) offset(e Exchange) string {
	return b.l.decimal(fmt.Sprintf("+%.3f s", e.At.Sub(b.r.StartedAt).Seconds()))
}

// target is a URL without what all calls share.
func (b *builder) target(url string) string { return shownTarget(url, b.r.Partner.BaseURL) }

func shownTarget(url, base string) string {
	if base = strings.TrimSuffix(base, "/"); base != "" && strings.HasPrefix(url, base+"/") {
		url = url[len(base):]
	} else if _, after, ok := strings.Cut(url, "://"); ok {
		if slash := strings.IndexByte(after, '/'); slash >= 0 {
			url = after[slash:]
		}
	}
	return shortened(visible(url), 200)
}

// body views a body that a finding shows, short once all of them have taken their room.
func (b *builder) body(body *Body) (shown template.HTML, note string) {
	limit := htmlBody
	if body != nil && b.budget < len(body.Text) {
		limit = htmlShortBody
	}
	text, note := b.text(body, limit, limit == htmlBody)
	b.budget -= min(len(text), limit)
	return preText(text), note
}

// text is a body as text, at most about limit bytes of it; pretty lays JSON out in lines.
func (b *builder) text(body *Body, limit int, pretty bool) (text, note string) {
	if body == nil || body.Bytes == 0 && body.Text == "" {
		return "", ""
	}
	if body.Base64 != "" {
		return "", b.l.f("binary", body.Bytes)
	}
	text = body.Text
	if pretty {
		text = prettyJSON(text)
		limit += len(text) - len(body.Text)
	}
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "")
		note = b.l.f("cut", body.Bytes)
	} else if body.Truncated {
		note = b.l.f("cut", body.Bytes)
	}
	return visibleLines(text), note
}

// preText escapes a body for the content of a pre element. It leaves quotes alone, which text content allows and
// html/template does not: they are a tenth of all JSON, and would make the page half as long again.
func preText(text string) template.HTML {
	return template.HTML(strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)) // #nosec G203 -- escaped here
}

func headerLines(headers map[string][]string) string {
	names := make([]string, 0, len(headers))
	for name := range headers {
		names = append(names, name)
	}
	sort.Strings(names)
	var lines []string
	for _, name := range names {
		for _, value := range headers[name] {
			lines = append(lines, shortened(visible(name+": "+value), 500))
		}
	}
	return strings.Join(lines, "\n")
}

func (b *builder) features() []featureView {
	at := map[string]int{}
	var out []featureView
	counts := map[int]*Counts{}
	for _, s := range b.r.Scenarios {
		i, known := at[s.Feature]
		if !known {
			i = len(out)
			at[s.Feature] = i
			out = append(out, featureView{Name: b.show(s.Feature)})
			counts[i] = &Counts{}
		}
		out[i].Scenarios = append(out[i].Scenarios, b.scenario(s))
		counts[i].add(s.Verdict)
	}
	for i := range out {
		out[i].Line = b.tally(*counts[i])
	}
	return out
}

func (b *builder) scenario(s Scenario) scenarioView {
	v := scenarioView{verdictView: b.verdict(s.Verdict), Anchor: b.scenes[s.ID].Anchor, Name: b.show(s.Name), Reason: b.show(s.Reason), Time: b.l.duration(s.DurationMs)}
	for _, id := range s.Requirements {
		if anchor, ok := b.anchors[id]; ok {
			v.Requirements = append(v.Requirements, link{anchor, b.show(id)})
		}
	}
	for _, st := range s.Steps {
		v.Steps = append(v.Steps, stepView{b.verdict(st.Verdict), b.show(st.Text)})
	}
	for _, n := range s.Notes {
		v.Notes = append(v.Notes, b.show(n))
	}
	for _, id := range s.Exchanges {
		if _, ok := b.r.Exchange(id); ok {
			v.Exchanges = append(v.Exchanges, link{exchangeAnchor(id), fmt.Sprintf("#%d", id)})
		}
	}
	return v
}
