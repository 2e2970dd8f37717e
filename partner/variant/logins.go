package variant

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

// logins are what a partner does who makes a licence's login in its own time.
func logins() []Variant {
	return []Variant{
		{
			Name: "logins-made-later", Mode: Async,
			Why: "wire.md, 5: a rightOperation adds a login and tells Orange by an event; nothing says when, or that Orange has to ask for it.",
			Seam: func() partner.Seam {
				m := &loginMaker{made: map[string]bool{}}
				return partner.Join(onExchanges(m.serve), partner.Seam{Deliver: m.deliver})
			},
		},
		{
			Name: "tool-changes-what-is-used", Why: "The customer's tool is the partner's own: it may change logins and resources of licences only that somebody uses.",
			Seam: toolWantsUser,
		},
	}
}

// toolWantsUser refuses in the tool whatever is no change of end users, on licences that have none.
func toolWantsUser() partner.Seam {
	var mu sync.Mutex
	used := map[string]bool{}
	return onExchanges(func(next http.Handler, x *exchange) {
		_, call, _ := strings.Cut(x.request.URL.Path, "/customer-tool/")
		licence, change, _ := strings.Cut(call, "/")
		mu.Lock()
		unused := x.kind == aToolCall && !strings.HasPrefix(change, "user/") && !used[licence]
		mu.Unlock()
		if unused {
			x.status, x.body = http.StatusConflict, []byte(`{"error": "nobody uses this licence"}`)
			return
		}
		x.serve(next)
		if x.kind == aToolCall && x.status/100 == 2 {
			mu.Lock()
			used[licence] = change != "user/delete"
			mu.Unlock()
		}
	})
}

// loginMaker leaves out the logins of a fleet that is read for the first time, reports each as added once the answer has
// left, and shows it from then on.
type loginMaker struct {
	mu   sync.Mutex
	made map[string]bool // by licence; false while the event is under way
	send func(path string, body []byte) error
}

// deliver keeps how events are sent: the first one is that of an order.
func (m *loginMaker) deliver(ctx context.Context, d *partner.Delivery, next partner.Deliverer) error {
	m.mu.Lock()
	if m.send == nil {
		offer, _, _ := strings.Cut(strings.TrimPrefix(d.Path, "/"), "/")
		own := *d
		m.send = func(licence string, body []byte) error {
			login := own
			login.ID, login.Lane, login.Body = "login-"+licence, "login-"+licence, body
			login.Path = "/" + offer + "/userservice/v2/event"
			return next(context.WithoutCancel(ctx), &login)
		}
	}
	m.mu.Unlock()
	return next(ctx, d)
}

func (m *loginMaker) serve(next http.Handler, x *exchange) {
	x.serve(next)
	doc, ok := decode(x.body)
	if !ok || x.kind != aFleet && x.kind != aList && x.kind != aLicence {
		return
	}
	if x.kind == aLicence {
		doc = []any{doc}
	}
	added := map[string]map[string]any{}
	m.mu.Lock()
	each(doc, func(licence map[string]any) {
		id := text(licence["id"])
		rights, _ := licence["right"].([]any)
		if made, begun := m.made[id]; made || m.send == nil || len(rights) == 0 {
			return
		} else if right, is := rights[0].(map[string]any); is && !begun && x.kind == aFleet {
			m.made[id], added[id] = false, right
		}
		delete(licence, "right")
	})
	m.mu.Unlock()
	if x.kind == aLicence {
		doc = doc.([]any)[0]
	}
	x.body = encode(doc)
	if len(added) > 0 {
		x.after = func() { m.report(added) }
	}
}

func (m *loginMaker) report(added map[string]map[string]any) {
	for id, right := range added {
		operation := maps.Clone(right)
		operation["action"] = "add"
		body := encode(map[string]any{"type": "updateNotification", "time": wire.Time(time.Now()), "resource": map[string]any{
			"userServices": []any{map[string]any{"id": id, "rightOperation": []any{operation}}},
		}})
		if m.send(id, body) == nil {
			m.mu.Lock()
			m.made[id] = true
			m.mu.Unlock()
		}
	}
}
