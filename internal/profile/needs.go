package profile

import "fmt"

// NeedTwoOfferings is the need of a second offering, to which a licence can be moved.
const NeedTwoOfferings = "twoOfferings"

// Meets says whether the profile gives what a check or a known fault needs, and if not, why in words. A need is a
// feature (see Declared), a trigger by its name, or NeedTwoOfferings. uc5, and events of a synchronous partner, need a
// trigger that can start any change: that of a new user, of a login or of a resource.
func (p *Profile) Meets(need string) (ok bool, reason string) {
	switch need {
	case NeedTwoOfferings:
		if len(p.Offerings) < 2 {
			return false, "the profile has one offering only"
		}
		return true, ""
	case TriggerEndUserAdd, TriggerEndUserModify, TriggerEndUserDelete, TriggerResourceModify, TriggerLoginModify:
		reason := p.NoTrigger(need)
		return reason == "", reason
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
