package profile

import (
	"fmt"
	"slices"
)

// What a known fault may need besides features and triggers.
const (
	NeedTwoOfferings       = "twoOfferings"                 // a second offering, to order or to move to
	NeedResourceOfFleet    = "resourceOfFleet"              // realizingResource.per: fleet
	NeedResourceFromOrder  = "resourceFromOrder"            // realizingResource.from: order
	NeedResourceProperties = "resourceProperties"           // properties of the realizing resource
	NeedRequiredTechnical  = "requiredTechnicalInformation" // technical information that an order must carry
)

// Meets says whether the profile gives what a known fault needs to show, and if not, why in words. A need is a feature
// (see Declared), a trigger by its name, or one of the constants above. uc5, and events of a synchronous partner, need a
// trigger that can start any change: that of a new user, of a login or of a resource.
func (p *Profile) Meets(need string) (ok bool, reason string) {
	resource := p.Features.RealizingResource
	if resource == nil {
		resource = &RealizingResource{}
	}
	switch need {
	case NeedTwoOfferings:
		return unless(len(p.Offerings) >= 2, "the profile has one offering only")
	case NeedResourceOfFleet:
		return unless(resource.Per == "fleet", "no realizing resource is declared for the fleet")
	case NeedResourceFromOrder:
		return unless(resource.From == "order", "no realizing resource is declared to be there from the order on")
	case NeedResourceProperties:
		return unless(len(resource.Properties) > 0, "no properties of a realizing resource are declared")
	case NeedRequiredTechnical:
		required := slices.ContainsFunc(p.Features.TechnicalInformation, func(t TechnicalInformation) bool { return t.Required })
		return unless(required, "no technical information is required")
	case TriggerEndUserAdd, TriggerEndUserModify, TriggerEndUserDelete, TriggerResourceModify, TriggerLoginModify:
		reason := p.NoTrigger(need)
		return unless(reason == "", reason)
	case "events", "uc5":
		if need == "events" && p.Mode == Async {
			return true, ""
		}
		for _, name := range AnyTrigger() {
			if p.NoTrigger(name) == "" {
				return true, ""
			}
		}
		return false, "no trigger is set that starts a change by itself"
	}
	return p.Declared(need)
}

// unless is the reason unless ok.
func unless(ok bool, reason string) (bool, string) {
	if ok {
		return true, ""
	}
	return false, reason
}

// AnyTrigger lists the triggers that will do where any change will, the best one first.
func AnyTrigger() []string {
	return []string{TriggerEndUserAdd, TriggerLoginModify, TriggerResourceModify}
}

// NoTrigger says why the profile can't start this change; empty if it can.
func (p *Profile) NoTrigger(name string) string {
	feature := map[string]string{TriggerLoginModify: "renewLogin", TriggerResourceModify: "realizingResource"}[name]
	if feature == "" {
		feature = "endUser"
	}
	_, set := p.Triggers[name]
	declared, reason := p.Declared(feature)
	switch {
	case !set:
		return fmt.Sprintf("no trigger %s in the profile", name)
	case !declared:
		return reason
	case name == TriggerResourceModify && !p.Features.RealizingResource.Changeable:
		return "the realizing resource is not declared changeable"
	}
	return ""
}
