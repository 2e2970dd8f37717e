package partner

import (
	"bytes"
	"cmp"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/wire"
)

// The customer tool is where the partner's customers manage their licences themselves; the partner then reports the
// change to Orange by an event, in both modes (UserService UC5). Here it is a small HTTP API without pages, and whoever
// reaches it may use it: a real one signs its users in. A body is optional; what it leaves out is made up.

// toolChange is one change: it alters the licence and says what to report, or refuses.
type toolChange func(d *desk, body []byte) error

// desk is what a change works on.
type desk struct {
	*Partner
	tx         tx
	customer   customer
	fleet      fleet
	licence    wire.UserService
	operations wire.LicenceOperations // what happened to the licence
	others     []wire.UserService     // licences that change with it
	reports    []wire.LicenceOperations
}

func (p *Partner) toolRoutes(g *gin.RouterGroup) {
	features := p.profile.Features
	if features.EndUser {
		g.POST("/user/add", p.tool((*desk).addUser))
		g.POST("/user/modify", p.tool((*desk).modifyUser))
		g.POST("/user/delete", p.tool((*desk).deleteUser))
	}
	if r := features.RealizingResource; r != nil && r.Changeable {
		g.POST("/resource/modify", p.tool((*desk).modifyResource))
	}
	if features.RenewLogin {
		g.POST("/login/modify", p.tool((*desk).modifyLogin))
	}
}

// tool changes, stores the change together with its event, and answers the licence as it now is: 404 if there is none,
// 409 if its state does not allow the change.
func (p *Partner) tool(change toolChange) gin.HandlerFunc {
	return p.handle(func(c *gin.Context) (answer, error) {
		body, err := read(c)
		if err != nil {
			return answer{}, err
		}
		var d desk
		var event Delivery
		err = p.store.Update(c.Request.Context(), func(t tx) error {
			l, known := t.Licence(c.Param("licence"))
			if !known || l.State == wire.Deleted {
				return wire.NotFound("such licence")
			}
			d = desk{Partner: p, tx: t, licence: l, operations: wire.LicenceOperations{ID: l.ID}}
			d.fleet, _ = t.Fleet(l.RelatedProductRefID)
			d.customer, _ = t.Customer(d.fleet.Customer)
			if err := change(&d, bytes.TrimSpace(body)); err != nil {
				return err
			}
			event, err = d.close()
			return err
		})
		if err != nil {
			return answer{}, err
		}
		p.backlog.event(event)
		return reply(http.StatusOK, d.licence)
	})
}

// close stores what changed and its event.
func (d *desk) close() (Delivery, error) {
	for _, l := range append(d.others, d.licence) {
		d.tx.PutLicence(l)
	}
	event, err := d.event(laneOf(d.customer), updateEvents, wire.Updated, wire.Operations{
		UserServices: append([]wire.LicenceOperations{d.operations}, d.reports...),
	})
	if err != nil {
		return Delivery{}, err
	}
	d.tx.PutDelivery(event)
	return event, nil
}

// addUser links an end user to a licence that has none (UC5.1). Where the resource comes with the assignment, it is
// initialized by the same event.
func (d *desk) addUser(body []byte) error {
	if d.licence.EndUser.ID != "" {
		if err := d.refuse(wire.Conflict("The licence has an end user already.")); err != nil {
			return err
		}
	}
	user := wire.EndUser{GivenName: "Example", FamilyName: "User", Email: d.ids("user") + "@example.com"}
	if err := optional(body, &user); err != nil {
		return err
	}
	user.ID = d.ids("usr")
	d.licence.EndUser = user
	d.operations.EndUserOperation = []wire.EndUserOperation{{Action: wire.Add, EndUser: user}}
	if d.resourceFrom("assignment") && len(d.licence.RealizingResource) == 0 {
		d.setResource(d.assigned())
	}
	return nil
}

// assigned is the resource of a licence that gets its first end user.
func (d *desk) assigned() wire.Resource {
	if !d.resourcePer("fleet") {
		return d.newResource(d.licence.ID)
	}
	if d.fleet.Resource.Type == "" {
		d.fleet.Resource = d.newResource(d.fleet.ID)
		d.tx.PutFleet(d.fleet)
	}
	return d.fleet.Resource
}

// modifyUser changes the end user's data and keeps the id (UC5.1).
func (d *desk) modifyUser(body []byte) error {
	user := d.licence.EndUser
	if user.ID == "" {
		return wire.Conflict("The licence has no end user.")
	}
	user.FamilyName, user.Email = "User-Renamed", d.ids("user")+"@example.com"
	if err := optional(body, &user); err != nil {
		return err
	}
	user.ID = d.licence.EndUser.ID
	d.licence.EndUser = user
	d.operations.EndUserOperation = []wire.EndUserOperation{{Action: wire.Modify, EndUser: user}}
	return nil
}

// deleteUser unlinks the end user (UC5.1).
func (d *desk) deleteUser([]byte) error {
	user := d.licence.EndUser
	if user.ID == "" {
		return wire.Conflict("The licence has no end user.")
	}
	d.licence.EndUser = wire.EndUser{}
	d.operations.EndUserOperation = []wire.EndUserOperation{{Action: wire.Delete, EndUser: wire.EndUser{ID: user.ID}}}
	return nil
}

// modifyResource gives the licence, or its whole fleet where they share one, another realizing resource (UC5.2).
func (d *desk) modifyResource(body []byte) error {
	r := d.newResource(d.ids("res"))
	if err := optional(body, &r); err != nil {
		return err
	}
	r.Type = d.profile.Features.RealizingResource.Type
	d.setResource(r)
	if !d.resourcePer("fleet") {
		return nil
	}
	d.fleet.Resource = r
	d.tx.PutFleet(d.fleet)
	d.share(d.tx.Licences(d.fleet.ID), func(l *wire.UserService, o *wire.LicenceOperations) {
		// Where the resource comes with the end user, a licence without one gets it then.
		if len(l.RealizingResource) > 0 {
			l.RealizingResource, o.RealizingResourceOperation = d.licence.RealizingResource, d.operations.RealizingResourceOperation
		}
	})
	return nil
}

func (d *desk) setResource(r wire.Resource) {
	d.licence.RealizingResource = []wire.Resource{r}
	d.operations.RealizingResourceOperation = []wire.ResourceOperation{{Action: wire.Modify, RealizingResource: r}}
}

// modifyLogin renews the login of a licence, or the code that all licences of the customer share (UC5.3).
func (d *desk) modifyLogin(body []byte) error {
	sent := struct {
		Value string `json:"value"`
		Email string `json:"email"`
	}{Value: d.ids("login")}
	if err := optional(body, &sent); err != nil {
		return err
	}
	right := wire.Right{
		LoginKeyValue: wire.LoginKeyValue{Key: cmp.Or(d.profile.Login.Key, "login"), Value: sent.Value},
		Email:         cmp.Or(sent.Email, d.licence.EndUser.Email, d.customer.FleetManager, "fleet.manager@example.com"),
	}
	d.licence.Right = []wire.Right{right}
	d.operations.RightOperation = []wire.RightOperation{{
		Action: wire.Modify, LoginKeyValue: right.LoginKeyValue, Email: right.Email,
	}}
	if right.LoginKeyValue.Key != organizationCode {
		return nil
	}
	d.customer.OrganizationCode = sent.Value
	d.tx.PutCustomer(d.customer)
	d.share(d.tx.LicencesOf(d.customer.ID), func(l *wire.UserService, o *wire.LicenceOperations) {
		l.Right, o.RightOperation = d.licence.Right, d.operations.RightOperation
	})
	return nil
}

// share makes a change to the other licences that are not deleted, and reports those that it was made to.
func (d *desk) share(licences []wire.UserService, change func(*wire.UserService, *wire.LicenceOperations)) {
	for _, l := range licences {
		if l.ID == d.licence.ID || l.State == wire.Deleted {
			continue
		}
		o := wire.LicenceOperations{ID: l.ID}
		change(&l, &o)
		if o.RealizingResourceOperation == nil && o.RightOperation == nil {
			continue
		}
		d.reports = append(d.reports, o)
		d.others = append(d.others, l)
	}
}

// optional reads a body, if there is one, over the values that v holds.
func optional(body []byte, v any) error {
	if len(body) == 0 {
		return nil
	}
	return parse(body, v)
}
