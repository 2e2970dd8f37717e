package variant

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

// changes are what a partner reports of itself (UserService UC5).
func changes() []Variant {
	return []Variant{
		{
			Name: "changed-user-by-what-changed", Why: "US-UC5-02: modify changes the user's data and keeps the id; what did not change need not be repeated.",
			Seam: func() partner.Seam {
				return onOperations("endUserOperation", "modify", func(operation map[string]any) {
					if user, ok := operation["endUser"].(map[string]any); ok {
						keep(user, "id", "familyName", "email")
					}
				})
			},
		},
		{
			Name: "unlinked-user-not-named", Why: "US-UC5-03: delete unlinks the user; a licence has one at most, so that it need not be named.",
			Seam: func() partner.Seam {
				return onOperations("endUserOperation", "delete", func(operation map[string]any) { delete(operation, "endUser") })
			},
		},
		{
			Name: "unlinked-user-in-full", Why: "US-UC5-03: delete unlinks the user, who may be given with all that is known.",
			Seam: func() partner.Seam {
				return onOperations("endUserOperation", "delete", func(operation map[string]any) {
					if user, ok := operation["endUser"].(map[string]any); ok {
						user["givenName"], user["familyName"] = "Example", "User"
					}
				})
			},
		},
		{
			Name: "more-told-at-the-same-time", Why: "wire.md, 5: a licence has several kinds of operations, and nothing says that one event holds them all.",
			Seam: func() partner.Seam { return alsoCharacteristics(0) },
		},
		{
			Name: "more-told-well-before", Why: "wire.md, 5: a licence has several kinds of operations; nothing says that the events of one change follow at once on each other.",
			Seam: func() partner.Seam { return alsoCharacteristics(600 * time.Millisecond) },
		},
		{
			Name: "one-person-on-two-licences", Why: "US-UC5-01: add links a user to a licence; the customer may link a person to two, each told by an event of its own.",
			Seam: linkingTwo,
		},
		{
			Name: "login-reset", Why: "wire.md, 5: the action of a rightOperation is modify, add or reset.",
			Seam: func() partner.Seam { return loginBy("reset") },
		},
		{
			Name: "login-added", Why: "wire.md, 5: the action of a rightOperation is modify, add or reset.",
			Seam: func() partner.Seam { return loginBy("add") },
		},
	}
}

func loginBy(action string) partner.Seam {
	return onOperations("rightOperation", "modify", func(operation map[string]any) { operation["action"] = action })
}

// onOperations changes the operations of one name and action.
func onOperations(name, action string, change func(operation map[string]any)) partner.Seam {
	return onEvents(func(m *message) {
		if m.kind != aReport {
			return
		}
		each(at(m.doc, "userServices"), func(licence map[string]any) {
			each(licence[name], func(operation map[string]any) {
				if strings.EqualFold(text(operation["action"]), action) {
					change(operation)
				}
			})
		})
	})
}

// alsoCharacteristics tells of each licence, when it tells of anything, what it is like, in an event of its own: so long
// before, or under way at the same time.
func alsoCharacteristics(before time.Duration) partner.Seam {
	return partner.Seam{Deliver: func(ctx context.Context, d *partner.Delivery, next partner.Deliverer) error {
		licence := gjson.GetBytes(d.Body, "resource.userServices.0.id").String()
		if licence == "" || gjson.GetBytes(d.Body, "resource.state").Exists() {
			return next(ctx, d)
		}
		also := *d
		also.ID += "-also"
		also.Body = encode(map[string]any{"type": "updateNotification", "time": wire.Time(time.Now()), "resource": map[string]any{
			"userServices": []any{map[string]any{"id": licence, "serviceCharacteristicOperation": []any{
				map[string]any{"action": "add", "characteristic": []any{map[string]any{"name": "language", "value": "fr"}}},
			}}},
		}})
		if before > 0 {
			err := next(ctx, &also)
			if !wait(ctx, before) {
				return errors.Join(err, ctx.Err())
			}
			return errors.Join(err, next(ctx, d))
		}
		told := make(chan error, 1)
		go func() { told <- next(ctx, &also) }()
		return errors.Join(next(ctx, d), <-told)
	}}
}

// linkingTwo links each new end user to another licence of the fleet too, and tells of it once the first event is delivered.
func linkingTwo() partner.Seam {
	var mu sync.Mutex
	neighbours, users := map[string]string{}, map[string]any{}
	seen := onAnswers(func(m *message) {
		mu.Lock()
		defer mu.Unlock()
		last := map[string]any(nil)
		each(m.doc, func(licence map[string]any) {
			if last != nil && m.kind == aFleet {
				neighbours[text(last["id"])] = text(licence["id"])
			}
			if last = licence; licence["endUser"] == nil && users[text(licence["id"])] != nil {
				licence["endUser"] = users[text(licence["id"])]
			}
		})
	})
	return partner.Join(seen, partner.Seam{Deliver: func(ctx context.Context, d *partner.Delivery, next partner.Deliverer) error {
		operation := gjson.GetBytes(d.Body, "resource.userServices.0.endUserOperation.0")
		mu.Lock()
		other := neighbours[gjson.GetBytes(d.Body, "resource.userServices.0.id").String()]
		told := users[other] != nil
		if also := operation.Get("action").String() == "add" && other != "" && !told; !also {
			mu.Unlock()
			return next(ctx, d)
		}
		user, _ := decode([]byte(operation.Get("endUser").Raw))
		users[other] = user
		mu.Unlock()
		second := *d
		second.ID += "-two"
		second.Body = encode(map[string]any{"type": "updateNotification", "time": wire.Time(time.Now()), "resource": map[string]any{
			"userServices": []any{map[string]any{"id": other, "endUserOperation": []any{map[string]any{"action": "add", "endUser": user}}}},
		}})
		return errors.Join(next(ctx, d), next(ctx, &second))
	}})
}
