package harness

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/reports"
)

// claimable are the features that a profile declares and a run can look for, in the order of Appendix 2.
func claimable() []string {
	return []string{"changeOffering", "endUser", "renewLogin", "realizingResource", "technicalInformation", "consultById"}
}

// Claims holds what the profile declares against what the run showed: verdicts of the feature's requirements, and signs
// of it in the partner's own messages.
func (r *Run) Claims(rows []reports.Requirement, exchanges []reports.Exchange) []reports.Claim {
	verdicts := map[string]reports.Verdict{}
	for _, row := range rows {
		verdicts[row.ID] = row.Verdict
	}
	signs := r.signs(exchanges)
	var out []reports.Claim
	for _, feature := range claimable() {
		declared, _ := r.profile.Declared(feature)
		c := reports.Claim{Feature: feature, Declared: declared, Requirements: []string{}, Exchange: reports.NoExchange}
		for _, q := range r.pack.Requirements() {
			if q.Feature == feature {
				c.Requirements = append(c.Requirements, q.ID)
			}
		}
		if s, seen := signs[feature]; seen {
			c.Sign, c.Exchange = s.path, s.exchange
		}
		c.State = claimState(c, verdicts)
		out = append(out, c)
	}
	return out
}

func claimState(c reports.Claim, verdicts map[string]reports.Verdict) reports.ClaimState {
	switch {
	case !c.Declared && c.Sign != "":
		return reports.ClaimUnder
	case !c.Declared:
		return reports.ClaimNone
	}
	state := reports.ClaimUnproven
	for _, id := range c.Requirements {
		switch verdicts[id] {
		case reports.Failed:
			return reports.ClaimOver
		case reports.Passed, reports.Warning:
			state = reports.ClaimKept
		}
	}
	return state
}

// sign is the first place where the partner's messages show a feature.
type sign struct {
	path     string
	exchange int
}

// signs looks through what the partner answered and reported. It reads no more into a message than that a member of the
// feature's is there with something in it: a declared feature is judged by its requirements, not here.
func (r *Run) signs(exchanges []reports.Exchange) map[string]sign {
	out := map[string]sign{}
	note := func(feature, path string, exchange int) {
		if _, known := out[feature]; !known {
			out[feature] = sign{path, exchange}
		}
	}
	for _, e := range exchanges {
		switch {
		case e.Direction == reports.OrangeToPartner && e.Kind == "call" && e.Response.Status/100 == 2:
			r.signsInLicences(licencesIn(e.Response.Body), e.ID, note)
		case e.Direction == reports.PartnerToOrange && e.Kind == "event":
			r.signsInOperations(e.Request.Body, e.ID, note)
		}
	}
	return out
}

// licencesIn is a bare array of licences; nothing where a body is anything else.
func licencesIn(b *reports.Body) gjson.Result {
	if b == nil || b.Base64 != "" || b.Truncated || !strings.HasPrefix(strings.TrimSpace(b.Text), "[") || !gjson.Valid(b.Text) {
		return gjson.Result{}
	}
	return gjson.Parse(b.Text)
}

func (r *Run) signsInLicences(licences gjson.Result, exchange int, note func(feature, path string, exchange int)) {
	licences.ForEach(func(_, licence gjson.Result) bool {
		for feature, role := range map[string]string{"endUser": "licence.user", "realizingResource": "licence.resources"} {
			if path := r.pack.Path(role); filled(licence.Get(path)) {
				note(feature, "$[*]."+path, exchange)
			}
		}
		return true
	})
}

func (r *Run) signsInOperations(b *reports.Body, exchange int, note func(feature, path string, exchange int)) {
	if b == nil || b.Base64 != "" || b.Truncated || !gjson.Valid(b.Text) {
		return
	}
	licences := r.pack.Path("event.licences")
	gjson.Get(b.Text, licences).ForEach(func(_, licence gjson.Result) bool {
		for feature, role := range map[string]string{
			"endUser": "operations.user", "realizingResource": "operations.resource", "renewLogin": "operations.right",
		} {
			path := r.pack.Path(role)
			if filled(licence.Get(path)) || filled(licence.Get(r.pack.Path("operations.wrapper")+"."+path)) {
				note(feature, "$."+licences+"[*]."+path, exchange)
			}
		}
		return true
	})
}

// filled says whether a member is there with something in it.
func filled(v gjson.Result) bool {
	switch {
	case !v.Exists() || v.Type == gjson.Null:
		return false
	case v.IsArray():
		return len(v.Array()) > 0
	case v.IsObject():
		return len(v.Map()) > 0
	}
	return v.String() != ""
}
