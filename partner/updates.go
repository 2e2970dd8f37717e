package partner

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/wire"
)

// postUpdate changes licences for Orange (UserService UC2, UC3, UC4), as one transaction.
func (p *Partner) postUpdate(c *gin.Context) (answer, error) {
	var request wire.UpdateRequest
	if err := decode(c, &request); err != nil {
		return answer{}, err
	}
	if err := p.refuse(checkUpdate(request)); err != nil {
		return answer{}, err
	}
	return p.accept(c.Request.Context(), updateKind, request.ExternalReference, func(t tx) (answer, *job, error) {
		request.ID = p.ids("upd")
		if p.rules.UpdateAtOnce(request) {
			a, err := reply(http.StatusOK, p.apply(t, request))
			return a, nil, err
		}
		a, err := reply(http.StatusAccepted, wire.Update{
			ID: request.ID, ExternalReference: request.ExternalReference, State: wire.Acknowledged,
		})
		return a, &job{ID: request.ID, Lane: laneOfUpdate(t, request), Update: &request}, err
	})
}

// laneOfUpdate is the customer of the first licence that is known.
func laneOfUpdate(t reader, request wire.UpdateRequest) string {
	for _, change := range request.UserServices {
		if l, known := t.Licence(change.ID); known {
			return laneOfLicence(t, l)
		}
	}
	return request.ID
}

func laneOfLicence(t reader, l wire.UserService) string {
	f, _ := t.Fleet(l.RelatedProductRefID)
	c, _ := t.Customer(f.Customer)
	return laneOf(c)
}

// checkUpdate says what is malformed: what no state of the partner could mend.
func checkUpdate(request wire.UpdateRequest) error {
	if len(request.UserServices) == 0 {
		return wire.MissingField("userServices")
	}
	for i, change := range request.UserServices {
		at := fmt.Sprintf("userServices[%d]", i)
		operation := change.ProductOfferingOperation
		switch {
		case change.ID == "":
			return wire.MissingField(at + ".id")
		case change.ExternalState == "" && operation.Action == "":
			return wire.MissingField(at + ".externalState or productOfferingOperation.action")
		case change.ExternalState != "" && !slices.Contains(externalStates(), change.ExternalState):
			return wire.InvalidField(at+".externalState", "must be suspended, inactive, active or deleted")
		case operation.Action != "" && operation.Action != wire.Swap:
			return wire.InvalidField(at+".productOfferingOperation.action", "must be swap")
		case operation.Action == wire.Swap && operation.ProductOffering.ExternalReference.ID == "":
			return wire.MissingField(at + ".productOfferingOperation.productOffering.externalReference.id")
		}
	}
	return nil
}

func externalStates() []wire.State {
	return []wire.State{wire.Suspended, wire.Inactive, wire.Active, wire.Deleted}
}

// apply carries an update out, completely or not at all, and returns it in its final state.
func (p *Partner) apply(t tx, request wire.UpdateRequest) wire.Update {
	known := concerned(t, request.UserServices)
	changed, err := p.rules.Update(known, request.UserServices)
	for _, l := range changed {
		t.PutLicence(l)
	}
	result := wire.Update{ID: request.ID, ExternalReference: request.ExternalReference}
	if err != nil {
		result.State = wire.Failed
		result.Note = p.note(err)
		return result
	}
	result.State = wire.Completed
	result.UserServices = named(request.UserServices, slices.Concat(known, changed))
	return result
}

// concerned are all licences of the fleets of the licences that changes name.
func concerned(t reader, changes []wire.Change) []wire.UserService {
	var licences []wire.UserService
	seen := map[string]bool{}
	for _, change := range changes {
		l, known := t.Licence(change.ID)
		if !known || seen[l.RelatedProductRefID] {
			continue
		}
		seen[l.RelatedProductRefID] = true
		licences = append(licences, t.Licences(l.RelatedProductRefID)...)
	}
	return licences
}

// named picks the licences that changes name, each once, in its latest form.
func named(changes []wire.Change, licences []wire.UserService) []wire.UserService {
	latest := byID(licences)
	var picked []wire.UserService
	for _, change := range changes {
		if l, known := latest[change.ID]; known {
			picked = append(picked, l)
			delete(latest, change.ID)
		}
	}
	return picked
}

func byID(licences []wire.UserService) map[string]wire.UserService {
	m := make(map[string]wire.UserService, len(licences))
	for _, l := range licences {
		m[l.ID] = l
	}
	return m
}

// update is the reference's rule for changes: all of them, or an error and none.
func (p *Partner) update(known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
	licences := byID(known)
	for _, change := range changes {
		l, found := licences[change.ID]
		switch {
		case !found:
			return nil, fmt.Errorf("licence %q is not known", change.ID)
		case l.State == wire.Deleted:
			return nil, fmt.Errorf("licence %q is deleted", change.ID)
		}
		l, err := p.change(l, change)
		if err != nil {
			return nil, err
		}
		licences[l.ID] = l
	}
	return named(changes, slices.Collect(maps.Values(licences))), nil
}

// change gives a licence as one change leaves it. Its login, end user and resource stay (UserService UC2, UC4).
func (p *Partner) change(l wire.UserService, change wire.Change) (wire.UserService, error) {
	if operation := change.ProductOfferingOperation; operation.Action == wire.Swap {
		code := operation.ProductOffering.ExternalReference.ID
		offering, known := p.offering(code)
		switch {
		case !p.profile.Features.ChangeOffering:
			return l, fmt.Errorf("licence %q: a change of offering is not part of the agreement", l.ID)
		case !known:
			return l, fmt.Errorf("licence %q: product offering %q is not in the catalogue", l.ID, code)
		}
		l.ProductOffering = wire.Offering{
			Name: offering.Name, ExternalReference: operation.ProductOffering.ExternalReference,
		}
	}
	switch change.ExternalState {
	case wire.Suspended, wire.Inactive:
		l.State = wire.Inactive
	case wire.Active:
		l.State = wire.Active
	case wire.Deleted:
		l.State = wire.Deleted
	}
	if change.ExternalState != "" {
		l.ExternalState = change.ExternalState
	}
	return l, nil
}
