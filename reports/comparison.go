package reports

import "strings"

// The statuses of a control run.
const (
	Compared    = "compared"
	NoReference = "no reference for this pack"
	NotRun      = "not run"
)

// Reference says whether the scenarios that failed ran against the built-in reference partner too. Empty where none
// failed. It changes no verdict and no exit code.
type Reference struct {
	Status string `json:"status"` // compared | no reference for this pack | not run
	Reason string `json:"reason,omitempty"`
}

// Comparison sets what the reference partner did in the same scenario, with the same seed, beside what a finding saw.
type Comparison struct {
	// Exchange is the reference's counterpart; none where Note says why. Its id counts in the control run, not in
	// Results.Exchanges.
	Exchange *Exchange `json:"exchange,omitempty"`
	// Differences has the place of the finding first, the others by path; More is how many were left out.
	Differences []Difference `json:"differences"`
	More        int          `json:"more,omitempty"`
	// ByNature are the places where two correct partners differ as well: ids of their own, dates, URLs, free text.
	ByNature []string `json:"byNature,omitempty"`
	Note     string   `json:"note,omitempty"`
}

// Difference is one place where the partner's message and the reference's are not the same.
type Difference struct {
	// Path is a JSON path ($.orderItem[0].state, indexes as in the partner's message) or a part of the message:
	// status, call, token, Content-Type, body, event.
	Path string `json:"path"`
	Kind string `json:"kind"` // value | missing | extra | length | message | form | nature | changed | reused | event
	// Partner and Reference are what stands there, JSON as it is written; empty where nothing does.
	Partner   string `json:"partner"`
	Reference string `json:"reference"`
	Words     string `json:"words"`
}

// The kinds of a difference.
const (
	diffValue   = "value"
	diffMissing = "missing" // the partner lacks it
	diffExtra   = "extra"   // only the partner has it
	diffLength  = "length"  // of a list
	diffMessage = "message" // status, content type and the like
	diffForm    = "form"    // the partner's body is not what JSON should be
	diffNature  = "nature"  // differs by nature, but is what the finding is about
	diffChanged = "changed" // an id of the partner's, for what had another one before
	diffReused  = "reused"  // an id of the partner's that stands for something else already
	diffEvent   = "event"   // a call of the reference's that the partner did not make
)

// Parts of a message that are no JSON path.
const (
	partStatus = "status"
	partCall   = "call"
	partToken  = "token"
	partType   = "Content-Type"
	partBody   = "body"
	partEvent  = "event"
)

// Side is one of two runs of the same scenarios. Steps has the exchanges of each scenario, by the step that made them,
// as far as the scenario came; one that looks back over the whole run is not in it.
type Side struct {
	Results Results
	Steps   map[string][][]int
}

// What is compared is bounded: a hostile partner's messages are large, and so may be the number of its findings.
const (
	comparedFindings = 150      // of a run
	comparedAtMost   = 12       // differences kept of one finding
	comparedClip     = 200      // runes of one value
	wordsClip        = 60       // runes of one value, in words
	comparedBody     = 32 << 10 // bytes of a body of the reference's that are kept
)

// Compare sets beside each finding of the partner's run, except follow-ons, what the reference did; it changes nothing
// else. The two runs must have the same seed, so that what Orange sends is the same in both. natural tells by path
// (members alone: orderItem.productRef.id) where partners have values of their own.
func Compare(partner *Side, reference Side, natural func(path string) bool) {
	c := &comparer{l: labelsFor("en"), partner: *partner, reference: reference, natural: natural}
	theirs := map[string]Scenario{}
	for _, s := range reference.Results.Scenarios {
		theirs[s.ID] = s
	}
	room := comparedFindings
	for i := range partner.Results.Scenarios {
		s := &partner.Results.Scenarios[i]
		control, ran := theirs[s.ID]
		if !stands(*s) {
			continue
		}
		pairs := pairing{}
		if ran {
			pairs = c.pairs(s.ID)
		}
		for j := range s.Findings {
			f := &s.Findings[j]
			switch {
			case f.FollowOf != "":
			case ran && room > 0:
				room--
				f.Reference = c.finding(s.ID, *f, pairs)
				c.remark(f.Reference, control)
			case partner.Steps[s.ID] == nil:
				f.Reference = &Comparison{Differences: []Difference{}, Note: c.l.T("looksBack")}
			default:
				f.Reference = &Comparison{Differences: []Difference{}, Note: c.l.T("leftOut")}
			}
		}
	}
}

// comparer is one comparison of two runs under way.
type comparer struct {
	l         labels
	partner   Side
	reference Side
	natural   func(path string) bool
}

// remark says where the reference is no good example.
func (c *comparer) remark(at *Comparison, control Scenario) {
	switch {
	case stands(control):
		at.Note = c.l.T("referenceFails")
	case rungs[control.Verdict] >= rungs[Inconclusive]:
		at.Note = c.l.T("referenceStopped")
	}
}

// stands reports whether a scenario has a finding that follows from no other.
func stands(s Scenario) bool {
	for _, f := range s.Findings {
		if f.FollowOf == "" {
			return true
		}
	}
	return false
}

func (c *comparer) finding(scenario string, f Finding, p pairing) *Comparison {
	out := &Comparison{Differences: []Difference{}}
	mine, known := c.partner.Results.Exchange(f.Exchange)
	step, here := p.step[f.Exchange]
	if !known || !here {
		out.Note = c.l.T("noMessage")
		return out
	}
	id, paired := p.with[f.Exchange]
	if !paired {
		out.Note = c.l.T("noCounterpart")
		return out
	}
	theirs, _ := c.reference.Results.Exchange(id)
	out.Exchange = shortExchange(theirs)
	d := newDiffer(c.natural, segments(f.Path), p.before[f.Exchange])
	d.exchanges(mine, theirs)
	if len(d.found) == 0 {
		if next, ok := c.missingEvent(scenario, step, p); ok {
			out.Exchange = shortExchange(next)
			d.found = []Difference{{Path: partEvent, Kind: diffEvent, Reference: shortened(next.Request.Method+" "+pathOf(next.Request.URL), comparedClip)}}
			d.nature = nil
		}
	}
	if len(d.found) == 0 {
		// Two correct partners may give ids by other rules, so this counts only where nothing else differs.
		d.found = d.ids.broken
	}
	switch {
	case len(d.found) > 0:
	case d.cut:
		out.Note = c.l.T("cutMessage")
	default:
		out.Note = c.l.T("sameMessage")
	}
	out.Differences, out.ByNature = d.sorted(), d.natures()
	out.More = d.more
	if n := len(out.Differences) - comparedAtMost; n > 0 {
		out.Differences, out.More = out.Differences[:comparedAtMost], out.More+n
	}
	for i := range out.Differences {
		out.Differences[i].Words = c.l.difference(out.Differences[i])
	}
	return out
}

// shortExchange is e with its bodies cut to what a reader looks at.
func shortExchange(e Exchange) *Exchange {
	for _, body := range []**Body{&e.Request.Body, &e.Response.Body} {
		if b := *body; b != nil && len(b.Text) > comparedBody {
			cut := *b
			cut.Text, cut.Truncated = strings.ToValidUTF8(b.Text[:comparedBody], ""), true
			*body = &cut
		}
	}
	return &e
}

// missingEvent is the first event of the reference's, from that step on, that no call of the partner's stands beside,
// as far as the partner's scenario came.
func (c *comparer) missingEvent(scenario string, step int, p pairing) (Exchange, bool) {
	theirs := c.reference.Steps[scenario]
	for i := step; i < min(len(c.partner.Steps[scenario]), len(theirs)); i++ {
		for _, id := range theirs[i] {
			e, ok := c.reference.Results.Exchange(id)
			if ok && e.Kind == "event" && !p.taken[id] {
				return e, true
			}
		}
	}
	return Exchange{}, false
}

// side is what one of the two says. Where no message came, or one that is not what JSON should be, the words are ours.
func (l labels) side(d Difference, text string) string {
	if d.oursToSay() {
		return l.say(text)
	}
	return text
}

// oursToSay reports whether the two sides are told in words of the suite's.
func (d Difference) oursToSay() bool { return d.Kind == diffForm || d.Path == partStatus }

// difference says a difference in words.
func (l labels) difference(d Difference) string {
	nothing := func(s string) string {
		if s == "" {
			return l.T("nothingHere")
		}
		if runes := []rune(s); len(runes) > wordsClip {
			return string(runes[:wordsClip]) + "…"
		}
		return s
	}
	key := "diff " + d.Kind
	if _, known := messages[key]; !known {
		return d.Words
	}
	return l.f(key, nothing(l.side(d, d.Reference)), nothing(l.side(d, d.Partner)))
}
