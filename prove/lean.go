package prove

import (
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner/defect"
)

// needsOf lists what a profile must declare for a defect to show: what the defect says, and the feature of the
// requirement that it breaks. An event of an asynchronous partner needs nothing.
func (o *Options) needsOf(d *defect.Defect, mode profile.Mode) []string {
	needs := strings.Fields(d.Needs)
	if r, known := o.Pack.Requirement(d.Requirement); known && r.Feature != "" {
		needs = append(needs, r.Feature)
	}
	if slices.Contains(needs, "changeOffering") {
		needs = append(needs, profile.NeedTwoOfferings)
	}
	needs = slices.DeleteFunc(needs, func(need string) bool { return need == "events" && mode == profile.Async })
	slices.Sort(needs)
	return slices.Compact(needs)
}

// leanest gives the profiles that declare what a defect needs and nothing else. They are several where any of some
// triggers will do.
func leanest(rich *profile.Profile, needs []string) []*profile.Profile {
	lean := *rich
	lean.Features, lean.Triggers = profile.Features{}, map[string]profile.Trigger{}
	if !slices.Contains(needs, profile.NeedTwoOfferings) {
		lean.Offerings = rich.Offerings[:1]
	}
	anyTrigger := false
	for _, need := range needs {
		if need == "events" || need == "uc5" {
			anyTrigger = true
		}
		declare(&lean, rich, need)
	}
	if !anyTrigger {
		return []*profile.Profile{&lean}
	}
	var several []*profile.Profile
	for _, name := range profile.AnyTrigger() {
		one := lean
		one.Triggers = map[string]profile.Trigger{}
		for set, trigger := range lean.Triggers {
			one.Triggers[set] = trigger
		}
		declare(&one, rich, name)
		several = append(several, &one)
	}
	return several
}

// declare switches on in lean what meets a need, as it is in rich.
func declare(lean, rich *profile.Profile, need string) {
	switch need {
	case "changeOffering":
		lean.Features.ChangeOffering = true
	case "consultById":
		lean.Features.ConsultByID = true
	case "technicalInformation":
		lean.Features.TechnicalInformation = rich.Features.TechnicalInformation
	case "endUser":
		lean.Features.EndUser = true
	case "renewLogin":
		lean.Features.RenewLogin = true
	case "realizingResource":
		lean.Features.RealizingResource = rich.Features.RealizingResource
	case profile.TriggerResourceModify:
		lean.Features.RealizingResource = rich.Features.RealizingResource
		lean.Triggers[need] = rich.Triggers[need]
	case profile.TriggerLoginModify:
		lean.Features.RenewLogin = true
		lean.Triggers[need] = rich.Triggers[need]
	case profile.TriggerEndUserAdd, profile.TriggerEndUserModify, profile.TriggerEndUserDelete:
		lean.Features.EndUser = true
		lean.Triggers[need] = rich.Triggers[need]
	}
}
