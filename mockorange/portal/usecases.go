package portal

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
)

// UseCaseState says whether a run has judged a use case.
type UseCaseState string

// The states.
const (
	UseCaseDone   UseCaseState = "done"   // judged, and nothing failed
	UseCaseOpen   UseCaseState = "open"   // something failed, or could not be judged
	UseCaseNotDue UseCaseState = "notDue" // not declared, or of the other mode or offer
)

// UseCase is a group of requirements: PO-UC2, GEN, or the part of US-UC5 that one declared feature switches on.
type UseCase struct {
	ID      string            `json:"id"`
	Feature string            `json:"feature,omitempty"` // of the profile; empty for what every partner has
	State   UseCaseState      `json:"state"`
	Passed  int               `json:"passed"`
	Due     int               `json:"due"`
	Open    []OpenRequirement `json:"open,omitempty"`
}

// OpenRequirement is one that keeps a use case open, with the run's verdict: failed, inconclusive, broken, or skipped
// where nothing of the use case was judged.
type OpenRequirement struct {
	ID      string `json:"id"`
	Verdict string `json:"verdict"`
	Reason  string `json:"reason,omitempty"`
	Text    string `json:"text"`
	TextFR  string `json:"textFR,omitempty"`
}

// profileOf reads back what the checklist needs of the profile in a results.json: what is declared.
func profileOf(r reports.Results) (*profile.Profile, error) {
	data, err := json.Marshal(r.Profile)
	if err != nil {
		return nil, err
	}
	var p struct {
		Offer    string                     `json:"offer"`
		Features profile.Features           `json:"features"`
		Triggers map[string]json.RawMessage `json:"triggers"`
	}
	if err := json.Unmarshal(data, &p); err != nil {
		return nil, err
	}
	out := &profile.Profile{Offer: p.Offer, Mode: profile.Mode(r.Mode), Features: p.Features, Triggers: map[string]profile.Trigger{}}
	for name := range p.Triggers {
		out.Triggers[name] = profile.Trigger{}
	}
	return out, nil
}

func (s *Service) facts(r reports.Results, p *profile.Profile) Facts {
	return Facts{
		Offer: p.Offer, Mode: r.Mode, Verdict: r.Verdict, Selection: reports.Plain(r.Selection), Interrupted: r.Interrupted,
		Partner: reports.Plain(r.Partner.Name), Contract: reports.Plain(r.Partner.Contract), Suite: reports.Plain(r.Suite.Version),
		Pack: reports.Plain(r.Suite.Contract), StartedAt: r.StartedAt, Counts: r.Counts, Challenge: reports.Plain(cmp.Or(r.Challenge, "none")),
		UseCases: useCases(s.opts.Requirements, r, p),
	}
}

// useCases groups the catalogue in its order and looks each requirement up in the run.
func useCases(catalogue []Requirement, r reports.Results, p *profile.Profile) []UseCase {
	rows := map[string]reports.Requirement{}
	for _, row := range r.Requirements {
		rows[row.ID] = row
	}
	var out []UseCase
	at := map[[2]string]int{}
	skipped := map[[2]string][]OpenRequirement{}
	for _, q := range catalogue {
		key := groupOf(q)
		i, there := at[key]
		if !there {
			i = len(out)
			at[key], out = i, append(out, UseCase{ID: key[0], Feature: key[1], State: UseCaseNotDue})
		}
		if !due(q, key[0], p) {
			continue
		}
		out[i].Due++
		row, judged := rows[q.ID]
		open := OpenRequirement{ID: q.ID, Verdict: string(row.Verdict), Reason: reports.Plain(row.Reason), Text: q.Text, TextFR: q.TextFR}
		switch {
		case !judged:
			open.Verdict = string(reports.Inconclusive)
			out[i].Open = append(out[i].Open, open)
		case row.Verdict == reports.Passed || row.Verdict == reports.Warning:
			out[i].Passed++
		case row.Verdict == reports.Skipped:
			skipped[key] = append(skipped[key], open)
		default:
			out[i].Open = append(out[i].Open, open)
		}
	}
	for key, i := range at {
		u := &out[i]
		if u.Passed == 0 && len(u.Open) == 0 {
			u.Open = skipped[key] // nothing of it has been judged, and that is what is open
		}
		switch {
		case len(u.Open) > 0:
			u.State = UseCaseOpen
		case u.Due > 0:
			u.State = UseCaseDone
		}
	}
	return out
}

// groupOf is the use case of a requirement, and the feature that a partner writes to have it.
func groupOf(q Requirement) [2]string {
	useCase := q.ID
	if i := strings.LastIndexByte(q.ID, '-'); i > 0 {
		useCase = q.ID[:i]
	}
	switch q.Feature {
	case "events", "uc5", "production": // which no profile writes
		return [2]string{useCase, ""}
	}
	return [2]string{useCase, q.Feature}
}

// due says whether a partner of this profile has to be judged by a requirement. Advice is not.
func due(q Requirement, useCase string, p *profile.Profile) bool {
	if q.Level == "advice" || (q.Mode != "both" && q.Mode != string(p.Mode)) {
		return false
	}
	if resource := p.Features.RealizingResource; q.Feature == "realizingResource" && useCase == "US-UC5" && resource != nil && !resource.Changeable {
		return false // only a resource that is declared changeable changes
	}
	declared, _ := p.Declared(q.Feature)
	return declared
}
