package profile

import "fmt"

// Declared says whether a feature of the requirement catalogue is on, and if not, why in words. The empty feature is
// the mandatory part: always on. Features that no profile writes are derived: events (mode async, or a trigger is set),
// uc5 (a trigger is set), production (offer mba2).
func (p *Profile) Declared(feature string) (ok bool, reason string) {
	undeclared := fmt.Sprintf("feature %s is not declared", feature)
	switch feature {
	case "":
		return true, ""
	case "changeOffering":
		ok, reason = p.Features.ChangeOffering, undeclared
	case "endUser":
		ok, reason = p.Features.EndUser, undeclared
	case "renewLogin":
		ok, reason = p.Features.RenewLogin, undeclared
	case "consultById":
		ok, reason = p.Features.ConsultByID, undeclared
	case "realizingResource":
		ok, reason = p.Features.RealizingResource != nil, undeclared
	case "technicalInformation":
		ok, reason = len(p.Features.TechnicalInformation) > 0, undeclared
	case "events":
		ok, reason = p.Mode == Async || len(p.Triggers) > 0, "no event is due: mode is sync and no trigger is set"
	case "uc5":
		ok, reason = len(p.Triggers) > 0, "no trigger is set"
	case "production":
		ok, reason = p.Offer == "mba2", fmt.Sprintf("offer is %s, not mba2", p.Offer)
	default:
		return false, fmt.Sprintf("feature %s is not known", feature)
	}
	if ok {
		return true, ""
	}
	return false, reason
}
