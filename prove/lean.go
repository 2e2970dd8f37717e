package prove

import (
	"maps"
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
		one.Triggers = maps.Clone(lean.Triggers)
		declare(&one, rich, name)
		several = append(several, &one)
	}
	return several
}

// declare switches on in lean what meets a need, and no more of what rich has.
func declare(lean, rich *profile.Profile, need string) {
	switch need {
	case "changeOffering":
		lean.Features.ChangeOffering = true
	case "consultById":
		lean.Features.ConsultByID = true
	case "technicalInformation":
		declareTechnical(lean, rich, false)
	case profile.NeedRequiredTechnical:
		declareTechnical(lean, rich, true)
	case "endUser":
		lean.Features.EndUser = true
	case "renewLogin":
		lean.Features.RenewLogin = true
	case "realizingResource", profile.NeedResourceOfFleet, profile.NeedResourceFromOrder, profile.NeedResourceProperties:
		declareResource(lean, rich, need)
	case profile.TriggerResourceModify:
		declareResource(lean, rich, need)
		lean.Triggers[need] = rich.Triggers[need]
	case profile.TriggerLoginModify:
		lean.Features.RenewLogin = true
		lean.Triggers[need] = rich.Triggers[need]
	case profile.TriggerEndUserAdd, profile.TriggerEndUserModify, profile.TriggerEndUserDelete:
		lean.Features.EndUser = true
		lean.Triggers[need] = rich.Triggers[need]
	}
}

func declareTechnical(lean, rich *profile.Profile, required bool) {
	one := rich.Features.TechnicalInformation[0]
	if before := lean.Features.TechnicalInformation; len(before) > 0 {
		required = required || before[0].Required
	}
	one.Required = required
	lean.Features.TechnicalInformation = []profile.TechnicalInformation{one}
}

// declareResource adds one side of the realizing resource to what lean has of it.
func declareResource(lean, rich *profile.Profile, need string) {
	resource := profile.RealizingResource{Type: rich.Features.RealizingResource.Type, Per: "licence", From: "assignment"}
	if before := lean.Features.RealizingResource; before != nil {
		resource = *before
	}
	switch need {
	case profile.NeedResourceOfFleet:
		resource.Per = "fleet"
	case profile.NeedResourceFromOrder:
		resource.From = "order"
	case profile.NeedResourceProperties:
		resource.Properties = rich.Features.RealizingResource.Properties
	case profile.TriggerResourceModify:
		resource.Changeable = true
	}
	lean.Features.RealizingResource = &resource
}
