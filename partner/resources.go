package partner

import (
	"strings"

	"github.com/clementine-ope/clementine/wire"
)

// resourceFrom tells whether licences have a realizing resource that comes at that time: order or assignment.
func (p *Partner) resourceFrom(when string) bool {
	r := p.profile.Features.RealizingResource
	return r != nil && r.From == when
}

// resourcePer tells whether there is one realizing resource per licence or per fleet.
func (p *Partner) resourcePer(what string) bool {
	r := p.profile.Features.RealizingResource
	return r != nil && r.Per == what
}

// resource is the i-th that an order gives, or else one that the partner makes for its owner, a licence or a fleet.
func (p *Partner) resource(given []wire.EndUserConfiguration, i int, owner string) wire.Resource {
	if i < len(given) && len(given[i].RealizingResource.Characteristic) > 0 {
		r := given[i].RealizingResource
		r.Type = p.profile.Features.RealizingResource.Type
		return r
	}
	return p.newResource(owner)
}

func (p *Partner) newResource(owner string) wire.Resource {
	declared := p.profile.Features.RealizingResource
	r := wire.Resource{Type: declared.Type}
	names := declared.Properties
	if len(names) == 0 {
		names = []string{strings.ToLower(declared.Type)}
	}
	for _, name := range names {
		r.Characteristic = append(r.Characteristic, wire.Characteristic{Name: name, Value: property(name, owner)})
	}
	return r
}

func property(name, owner string) string {
	switch strings.ToLower(name) {
	case "url":
		return "https://example.com/" + owner
	case "email":
		return owner + "@example.com"
	default:
		return name + "-" + owner
	}
}

// organizationCode is the login key that all licences of a customer share.
const organizationCode = "organizationCode"

// login is what gives access to a licence: its own login, or the code of its customer.
func (p *Partner) login(c customer, licence string) wire.LoginKeyValue {
	if p.profile.Login.Key == organizationCode {
		return wire.LoginKeyValue{Key: organizationCode, Value: c.OrganizationCode}
	}
	return wire.LoginKeyValue{Key: "login", Value: "user-" + licence}
}
