package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cucumber/godog"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/schemas"
)

const (
	controlScenarios = 40          // that are run again, at most
	controlLimit     = time.Minute // for all of them
)

// Reference is a partner that is right, with what the partner under test declared, and a mock Orange of its own.
type Reference struct {
	Profile    *profile.Profile // BaseURL is the reference
	Orange     control.Orange
	GatewayURL string
}

// NoReferenceError says why there is nothing to compare with. Status is one of reports.Reference.
type NoReferenceError struct{ Status, Reason string }

func (e *NoReferenceError) Error() string { return e.Status + ": " + e.Reason }

// trails lists the exchanges of each scenario by step. A closing scenario has none: what it judges is the whole run.
func trails(sets [][]*planned) map[string][][]int {
	out := map[string][][]int{}
	for _, set := range sets {
		for _, p := range set {
			if p.ran != nil && !p.closing {
				out[p.ID] = append([][]int{}, p.ran.trail...)
			}
		}
	}
	return out
}

// walked notes which exchanges a step brought, if it ran.
func (r *recorded) walked(status godog.StepResultStatus) {
	if status == godog.StepSkipped {
		return
	}
	before := 0
	for _, ids := range r.trail {
		before += len(ids)
	}
	r.trail = append(r.trail, r.world.Seen()[before:])
}

// setBeside runs what failed once more, against the reference, and sets it beside the findings. Nothing here changes a
// verdict: that there is no control run is said in the results, and is no error.
func setBeside(ctx context.Context, o Options, own *reports.Side) {
	chosen, stands := again(*own)
	if o.Reference == nil || !stands {
		return
	}
	var reference reports.Side
	var err error
	switch {
	case ctx.Err() != nil:
		err = &NoReferenceError{Status: reports.NotRun, Reason: "the run was interrupted"}
	case len(chosen) == 0:
		err = &NoReferenceError{Status: reports.NotRun, Reason: "what failed is judged over the whole run"}
	default:
		reference, err = beside(ctx, o, chosen)
	}
	var none *NoReferenceError
	switch {
	case errors.As(err, &none):
		own.Results.Reference = &reports.Reference{Status: none.Status, Reason: none.Reason}
	case err != nil:
		own.Results.Reference = &reports.Reference{Status: reports.NotRun, Reason: err.Error()}
	default:
		own.Results.Reference = &reports.Reference{Status: reports.Compared}
		reports.Compare(own, reference, natural(o.Pack))
	}
}

// beside runs the chosen scenarios against the reference, with the same seed: what Orange sends is the same.
func beside(ctx context.Context, o Options, chosen []string) (reports.Side, error) {
	ctx, cancel := context.WithTimeout(ctx, controlLimit)
	defer cancel()
	ref, stop, err := o.Reference(ctx)
	if err != nil {
		return reports.Side{}, fmt.Errorf("start the reference partner: %w", err)
	}
	defer stop()
	o.Profile, o.Orange, o.GatewayURL = ref.Profile, ref.Orange, ref.GatewayURL
	o.Only, o.Concurrency, o.Resilience, o.Progress, o.Ask, o.Reference = nil, 0, false, nil, nil, nil
	o.journal, o.resume = nil, nil
	o.Dial, o.Watch = nil, nil // the reference is on this machine, and nobody follows it
	o.chosenIDs = map[string]bool{}
	for _, id := range chosen {
		o.chosenIDs[id] = true
	}
	if err := o.fill(); err != nil {
		return reports.Side{}, err
	}
	side, err := once(ctx, o)
	if err != nil {
		return reports.Side{}, fmt.Errorf("run against the reference partner: %w", err)
	}
	return side, nil
}

// again lists the scenarios to run once more: those with a finding that follows from no other, one for each kind of
// finding before the rest, in the order of the report. stands is true where there is such a finding at all.
func again(own reports.Side) (ids []string, stands bool) {
	var first, rest []string
	type kind struct{ requirement, expected, path string }
	known := map[kind]bool{}
	for _, s := range own.Results.Scenarios {
		here, fresh := false, false
		for _, f := range s.Findings {
			if f.FollowOf != "" {
				continue
			}
			k := kind{f.Requirement, f.Expected, f.Path}
			here, fresh = true, fresh || !known[k]
			known[k] = true
		}
		stands = stands || here
		switch {
		case !here || own.Steps[s.ID] == nil:
		case fresh:
			first = append(first, s.ID)
		default:
			rest = append(rest, s.ID)
		}
	}
	all := slices.Concat(first, rest)
	return all[:min(len(all), controlScenarios)], stands
}

// natural tells where two partners that are right differ all the same: ids that they give, what their customers choose
// by themselves, and free text. What Orange sent must come back as it was.
func natural(pack *schemas.Pack) func(path string) bool {
	members := func(roles ...string) string {
		var out []string
		for _, role := range roles {
			for _, m := range strings.Split(pack.Path(role), ".") {
				if m != "" && strings.Trim(m, "0123456789") != "" {
					out = append(out, m)
				}
			}
		}
		return strings.Join(out, ".")
	}
	exact := map[string]bool{members("error.message"): true}
	for _, prefix := range [][]string{nil, {"event.resource"}} {
		for _, roles := range [][]string{
			{"order.id"}, {"order.customer.id"}, {"order.contacts", "contact.id"}, {"order.item.id"}, {"order.fleet"}, {"order.note"}, {"update.id"},
			{"update.licences", "update.licence.id"}, {"update.licences", "licence.fleet"},
		} {
			exact[members(slices.Concat(prefix, roles)...)] = true
		}
	}
	exact[members("licence.id")], exact[members("licence.fleet")] = true, true
	var ends []string
	for _, user := range []string{"licence.user", "operation.user"} {
		for _, role := range []string{"user.id", "user.externalReference", "user.givenName", "user.familyName", "user.email"} {
			ends = append(ends, members(user, role))
		}
	}
	for _, resources := range []string{"licence.resources", "operation.resource"} {
		ends = append(ends, members(resources, "resource.characteristics", "characteristic.value"))
	}
	ends = append(ends, members("right.value"), members("licence.rights", "right.email"), members("operations.right", "right.email"))
	return func(path string) bool {
		return exact[path] || slices.ContainsFunc(ends, func(end string) bool { return path == end || strings.HasSuffix(path, "."+end) })
	}
}
