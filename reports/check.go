package reports

import (
	"fmt"
	"slices"
)

// check reports the first thing in r that a renderer could not rely on.
func check(r Results) error {
	if !slices.Contains([]string{VerdictPassed, VerdictFailed, VerdictBroken}, r.Verdict) {
		return fmt.Errorf("verdict is %q, not passed, failed or broken", r.Verdict)
	}
	if c := r.Reference; c != nil && !slices.Contains([]string{Compared, NoReference, NotRun}, c.Status) {
		return fmt.Errorf("reference.status is %q, not %s, %s or %s", c.Status, Compared, NoReference, NotRun)
	}
	if v := r.Review; v != nil {
		for i, d := range v.Decisions {
			if !slices.Contains([]string{Accept, Waive, Refuse}, d.Kind) {
				return fmt.Errorf("review.decisions[%d].kind is %q, not %s, %s or %s", i, d.Kind, Accept, Waive, Refuse)
			}
		}
	}
	exchanges := make(map[int]bool, len(r.Exchanges))
	for i, e := range r.Exchanges {
		switch {
		case e.ID < 0:
			return fmt.Errorf("exchanges[%d].id is %d, below 0", i, e.ID)
		case exchanges[e.ID]:
			return fmt.Errorf("exchanges[%d].id %d is there twice", i, e.ID)
		case e.Direction != OrangeToPartner && e.Direction != PartnerToOrange:
			return fmt.Errorf("exchanges[%d].direction is %q, not %s or %s", i, e.Direction, OrangeToPartner, PartnerToOrange)
		}
		exchanges[e.ID] = true
	}
	requirements := make(map[string]bool, len(r.Requirements))
	for i, q := range r.Requirements {
		at := fmt.Sprintf("requirements[%d]", i)
		if err := checkRequirement(at, q, requirements); err != nil {
			return err
		}
		requirements[q.ID] = true
	}
	scenarios := make(map[string]bool, len(r.Scenarios))
	for i, s := range r.Scenarios {
		at := fmt.Sprintf("scenarios[%d]", i)
		if s.ID == "" || scenarios[s.ID] {
			return fmt.Errorf("%s.id %q is empty or there twice", at, s.ID)
		}
		scenarios[s.ID] = true
		if err := checkScenario(at, s, requirements, exchanges); err != nil {
			return err
		}
	}
	return nil
}

func checkRequirement(at string, q Requirement, seen map[string]bool) error {
	switch {
	case q.ID == "" || seen[q.ID]:
		return fmt.Errorf("%s.id %q is empty or there twice", at, q.ID)
	case rungs[q.Verdict] == 0:
		return fmt.Errorf("%s (%s).verdict is %q, which is none", at, q.ID, q.Verdict)
	case !slices.Contains([]string{Mandatory, Optional, Advice, Own}, q.Level):
		return fmt.Errorf("%s (%s).level is %q, not mandatory, optional, advice or own", at, q.ID, q.Level)
	}
	return nil
}

func checkScenario(at string, s Scenario, requirements map[string]bool, exchanges map[int]bool) error {
	if rungs[s.Verdict] == 0 {
		return fmt.Errorf("%s (%s).verdict is %q, which is none", at, s.ID, s.Verdict)
	}
	for j, id := range s.Requirements {
		if !requirements[id] {
			return fmt.Errorf("%s (%s).requirements[%d]: there is no requirement %q", at, s.ID, j, id)
		}
	}
	for j, id := range s.Exchanges {
		if !exchanges[id] {
			return fmt.Errorf("%s (%s).exchanges[%d]: there is no exchange %d", at, s.ID, j, id)
		}
	}
	for j, st := range s.Steps {
		if rungs[st.Verdict] == 0 {
			return fmt.Errorf("%s (%s).steps[%d].verdict is %q, which is none", at, s.ID, j, st.Verdict)
		}
	}
	for j, f := range s.Findings {
		switch {
		case !requirements[f.Requirement]:
			return fmt.Errorf("%s (%s).findings[%d]: there is no requirement %q", at, s.ID, j, f.Requirement)
		case f.FollowOf != "" && !requirements[f.FollowOf]:
			return fmt.Errorf("%s (%s).findings[%d].followOf: there is no requirement %q", at, s.ID, j, f.FollowOf)
		case f.Reference != nil && f.Reference.Exchange != nil && f.Reference.Exchange.Direction != OrangeToPartner && f.Reference.Exchange.Direction != PartnerToOrange:
			return fmt.Errorf("%s (%s).findings[%d].reference.exchange.direction is %q, not %s or %s", at, s.ID, j, f.Reference.Exchange.Direction, OrangeToPartner, PartnerToOrange)
		case f.Exchange != NoExchange && !exchanges[f.Exchange]:
			return fmt.Errorf("%s (%s).findings[%d].exchange: there is no exchange %d", at, s.ID, j, f.Exchange)
		}
	}
	return nil
}
