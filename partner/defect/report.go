package defect

import (
	"errors"
	"net/http"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

// What the changes that the partner reports need: their triggers. A user is changed or unlinked who was added before.
const (
	userAdd        = "endUser.add"
	userModify     = "endUser.add endUser.modify"
	userDelete     = "endUser.add endUser.delete"
	resourceModify = "realizingResource.modify"
	loginModify    = "login.modify"
)

func endUser() []Defect {
	return family("end user", []Defect{
		{
			Name: "new-user-without-id", Requirement: "US-UC5-01", Mode: Both, Needs: userAdd,
			How: "Users live in a directory under their e-mail address, so there seemed to be no id to send.",
			Seam: func() partner.Seam {
				return onUserOperation("add", func(op []byte) []byte { return remove(op, "endUser.id") })
			},
		},
		{
			Name: "new-user-without-data", Requirement: "US-UC5-01", Mode: Both, Needs: userAdd,
			How: "For reasons of privacy the event holds the user's id alone.",
			Seam: func() partner.Seam {
				return onUserOperation("add", func(op []byte) []byte {
					return put(op, "endUser", only([]byte(gjson.GetBytes(op, "endUser").Raw), "id"))
				})
			},
		},
		{
			Name: "new-user-reported-as-modified", Requirement: "US-UC5-01", Mode: Both, Needs: userAdd,
			How: "Linking a user is an update of the licence's row, so the event says modify.",
			Seam: func() partner.Seam {
				return onUserOperation("add", func(op []byte) []byte { return set(op, "action", "modify") })
			},
		},
		{
			Name: "new-user-not-reported", Requirement: "US-UC5-01", Mode: Both, Needs: userAdd,
			How: "Only the administration page sends events; users who register by the link that they were sent are missed.",
			Seam: func() partner.Seam {
				return dropping(func(d *partner.Delivery) bool { return userAction(d) == "add" })
			},
		},
		{
			Name: "modified-user-gets-new-id", Requirement: "US-UC5-02", Mode: Both, Needs: userModify,
			How:  "The directory writes each version of a user as a new record, and the record's key is the id.",
			Seam: renewingUserIDs,
		},
		{
			Name: "modified-user-without-data", Requirement: "US-UC5-02", Mode: Both, Needs: userModify,
			How: "The event lists what changed by the names of the fields, for Orange to ask for them.",
			Seam: func() partner.Seam {
				return onUserOperation("modify", func(op []byte) []byte { return remove(op, "endUser") })
			},
		},
		{
			Name: "modified-user-reported-as-update", Requirement: "US-UC5-02", Mode: Both, Needs: userModify,
			How: "The action is called update in the partner's own model, and the enumeration was not mapped.",
			Seam: func() partner.Seam {
				return onUserOperation("modify", func(op []byte) []byte { return set(op, "action", "update") })
			},
		},
	})
}

func userAction(d *partner.Delivery) string {
	return gjson.GetBytes(d.Body, "resource.userServices.0.endUserOperation.0.action").String()
}

// onReports rewrites each licence with its operations in an event about the partner's own change.
func onReports(rewrite func(licence []byte) []byte) partner.Seam {
	return onEvent(func(d *partner.Delivery) {
		if isReport(d) {
			d.Body = each(d.Body, "resource.userServices", rewrite)
		}
	})
}

// onUserOperation rewrites the operations on end users with that action.
func onUserOperation(action string, rewrite func(op []byte) []byte) partner.Seam {
	return onReports(func(licence []byte) []byte {
		return each(licence, "endUserOperation", func(op []byte) []byte {
			if text(op, "action") != action {
				return op
			}
			return rewrite(op)
		})
	})
}

func linkedUser() []Defect {
	return family("end user", []Defect{
		{
			Name: "unlinked-user-still-shown", Requirement: "US-UC5-03", Mode: Both, Needs: userDelete,
			How:  "The user is marked as removed, and GET does not look at the mark.",
			Seam: func() partner.Seam { return showingUsers(true) },
		},
		{
			Name: "unlinking-names-another-user", Requirement: "US-UC5-03", Mode: Both, Needs: userDelete,
			How: "The event holds the id of the account that unlinked the user.",
			Seam: func() partner.Seam {
				return onUserOperation("delete", func(op []byte) []byte { return set(op, "endUser.id", "administrator-1") })
			},
		},
		{
			Name: "unlinking-not-reported", Requirement: "US-UC5-03", Mode: Both, Needs: userDelete,
			How: "Events are sent by the hook after a save, and a removal is no save.",
			Seam: func() partner.Seam {
				return dropping(func(d *partner.Delivery) bool { return userAction(d) == "delete" })
			},
		},
		{
			Name: "second-user-linked", Requirement: "US-UC5-04", Mode: Both, Needs: userAdd,
			How:  "The tool lets a second user take a licence over without unlinking the first.",
			Seam: linkingTwice,
		},
		{
			Name: "user-added-under-two-ids", Requirement: "US-UC5-04", Mode: Both, Needs: userAdd,
			How:  "The directory holds an old and a new account of the same person, and both are reported as added.",
			Seam: addingTwo,
		},
		{
			Name: "new-user-not-shown", Requirement: "US-UC5-07", Mode: Both, Needs: userAdd,
			How: "The consultation was written before end users were, and leaves them out.",
			Seam: func() partner.Seam {
				return onConsulted(func(licence []byte) []byte { return remove(licence, "endUser") })
			},
		},
		{
			Name: "modified-user-shown-as-before", Requirement: "US-UC5-07", Mode: Both, Needs: userModify,
			How:  "The user's data is copied into the licence when it is linked, and the copy never changes.",
			Seam: func() partner.Seam { return showingUsers(false) },
		},
	})
}

// linkingTwice links an end user to a licence that has one.
func linkingTwice() partner.Seam {
	return rules(func(r *partner.Rules) {
		next := r.Refuse
		r.Refuse = func(reason error) error {
			var refusal *wire.Error
			if errors.As(reason, &refusal) && refusal.Status == http.StatusConflict {
				return nil
			}
			return next(reason)
		}
	})
}

// renewingUserIDs gives an end user another id with each modification, in the event and in GET.
func renewingUserIDs() partner.Seam {
	ids := newMarks()
	return partner.Join(
		onReports(func(licence []byte) []byte {
			return each(licence, "endUserOperation", func(op []byte) []byte {
				if text(op, "action") != "modify" {
					return op
				}
				ids.put(text(licence, "id"), text(op, "endUser.id")+"-v2")
				return set(op, "endUser.id", text(op, "endUser.id")+"-v2")
			})
		}),
		onConsulted(func(licence []byte) []byte {
			id, renewed := ids.get(text(licence, "id"))
			if !renewed {
				return licence
			}
			return change(licence, "endUser.id", func(gjson.Result) any { return id })
		}),
	)
}

// showingUsers shows the first end user of a licence for ever; one that was unlinked too, if gone is set.
func showingUsers(gone bool) partner.Seam {
	users := newMarks()
	return partner.Join(
		onReports(func(licence []byte) []byte {
			if op := gjson.GetBytes(licence, "endUserOperation.0"); op.Get("action").String() == "add" {
				users.put(text(licence, "id"), op.Get("endUser").Raw)
			}
			return licence
		}),
		onConsulted(func(licence []byte) []byte {
			first, linked := users.get(text(licence, "id"))
			if linked && has(licence, "endUser") != gone {
				return put(licence, "endUser", []byte(first))
			}
			return licence
		}),
	)
}

// addingTwo reports each new user twice, under another id first.
func addingTwo() partner.Seam {
	return onReports(func(licence []byte) []byte {
		op := []byte(gjson.GetBytes(licence, "endUserOperation.0").Raw)
		if text(op, "action") != "add" {
			return licence
		}
		former := set(op, "endUser.id", "former-"+text(op, "endUser.id"))
		return put(licence, "endUserOperation", array([][]byte{former, op}))
	})
}

func resourceAndLogin() []Defect {
	return family("resource and login", []Defect{
		{
			Name: "resource-without-type", Requirement: "US-UC5-05", Mode: Both, Needs: resourceModify,
			How: "The type never changes, so the event holds the new value only.",
			Seam: func() partner.Seam {
				return onResource(func(op []byte) []byte { return remove(op, "realizingResource.type") })
			},
		},
		{
			Name: "report-of-another-resource-type", Requirement: "US-UC5-05", Mode: Both, Needs: resourceModify,
			How: "The type is the partner's own word for it, not the one in the agreement.",
			Seam: func() partner.Seam {
				return onResource(func(op []byte) []byte { return set(op, "realizingResource.type", "tenant") })
			},
		},
		{
			Name: "resource-without-properties", Requirement: "US-UC5-05", Mode: Both, Needs: resourceModify + " resourceProperties",
			How: "The event says that the resource changed, not to what.",
			Seam: func() partner.Seam {
				return onResource(func(op []byte) []byte { return remove(op, "realizingResource.characteristic") })
			},
		},
		{
			Name: "login-with-another-key", Requirement: "US-UC5-06", Mode: Both, Needs: loginModify,
			How: "The key is the name of the column, username.",
			Seam: func() partner.Seam {
				return onLogin(func(op []byte) []byte { return set(op, "loginKeyValue.key", "username") })
			},
		},
		{
			Name: "login-without-mail", Requirement: "US-UC5-06", Mode: Both, Needs: loginModify,
			How: "The partner sends the new login to the user itself and sees no use for the address.",
			Seam: func() partner.Seam {
				return onLogin(func(op []byte) []byte { return remove(op, "email") })
			},
		},
		{
			Name: "login-without-value", Requirement: "US-UC5-06", Mode: Both, Needs: loginModify,
			How: "Logins are secret to the security team, so the event leaves the value out.",
			Seam: func() partner.Seam {
				return onLogin(func(op []byte) []byte { return remove(op, "loginKeyValue.value") })
			},
		},
		{
			Name: "old-login-kept-beside-new", Requirement: "US-UC5-06", Mode: Both, Needs: loginModify,
			How: "A new login is one row more in a table, and all rows are shown.",
			Seam: func() partner.Seam {
				return onConsulted(func(licence []byte) []byte {
					if r := gjson.GetBytes(licence, "right.0"); r.Exists() {
						return put(licence, "right.-1", set([]byte(r.Raw), "loginKeyValue.value", "former-"+text(licence, "id")))
					}
					return licence
				})
			},
		},
	})
}

func onResource(rewrite func(op []byte) []byte) partner.Seam {
	return onReports(func(licence []byte) []byte { return each(licence, "realizingResourceOperation", rewrite) })
}

func onLogin(rewrite func(op []byte) []byte) partner.Seam {
	return onReports(func(licence []byte) []byte { return each(licence, "rightOperation", rewrite) })
}

func reportForm() []Defect {
	return family("form of reports", []Defect{
		{
			Name: "report-with-own-type", Requirement: "US-UC5-08", Mode: Both, Needs: "uc5",
			How: "The event's type is the name of the operation.",
			Seam: func() partner.Seam {
				return onEventsThat(isReport, func(event []byte) []byte { return set(event, "type", "userServiceOperation") })
			},
		},
	})
}
