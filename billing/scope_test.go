package billing_test

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/clementine-ope/clementine/billing"
)

func client(role billing.Role, omniscient bool, offers ...billing.OfferCode) billing.Client {
	return billing.Client{ID: "c", Status: billing.ClientActive, Expires: billing.Forever, Role: role, Omniscient: omniscient, Offers: offers}
}

func TestScopeOf(t *testing.T) {
	t.Parallel()
	const today = billing.Day(20_000)
	suspended, expired, lastDay, unknown := client(billing.RoleAdmin, true, "A"), client(billing.RoleAdmin, true, "A"),
		client(billing.RoleReader, false, "A"), client("", false, "A")
	suspended.Status = billing.ClientSuspended
	expired.Expires = today
	lastDay.Expires = today + 1
	unknown.Status = ""
	tests := map[string]struct {
		scope billing.Scope
		want  [5]bool // sees A, sees B, writes A, writes B, administers
	}{
		"zero":              {billing.Scope{}, [5]bool{}},
		"reader":            {billing.ScopeOf(client(billing.RoleReader, false, "A"), today), [5]bool{true}},
		"writer":            {billing.ScopeOf(client(billing.RoleWriter, false, "A"), today), [5]bool{true, false, true}},
		"writer of nothing": {billing.ScopeOf(client(billing.RoleWriter, false), today), [5]bool{}},
		"omniscient":        {billing.ScopeOf(client(billing.RoleReader, true), today), [5]bool{true, true}},
		"omniscient lister": {billing.ScopeOf(client(billing.RoleReader, true, "A"), today), [5]bool{true, true}},
		"omniscient writer": {billing.ScopeOf(client(billing.RoleWriter, true, "A"), today), [5]bool{true, true, true}},
		"admin":             {billing.ScopeOf(client(billing.RoleAdmin, false), today), [5]bool{true, true, true, true, true}},
		"suspended":         {billing.ScopeOf(suspended, today), [5]bool{}},
		"expired":           {billing.ScopeOf(expired, today), [5]bool{}},
		"on its last day":   {billing.ScopeOf(lastDay, today), [5]bool{true}},
		"no status":         {billing.ScopeOf(unknown, today), [5]bool{}},
		"no role":           {billing.ScopeOf(client("", false, "A"), today), [5]bool{true}},
	}
	for name, tt := range tests {
		got := [5]bool{tt.scope.Sees("A"), tt.scope.Sees("B"), tt.scope.Writes("A"), tt.scope.Writes("B"), tt.scope.Administers()}
		if got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
		if tt.scope.All() != tt.want[1] {
			t.Errorf("%s: all: %t", name, tt.scope.All())
		}
	}
}

func (p picker) scope() billing.Scope {
	var offers []billing.OfferCode
	for _, o := range []billing.OfferCode{"C", "A", "B", "A"} {
		if p(0, 1) == 0 {
			offers = append(offers, o)
		}
	}
	role := []billing.Role{billing.RoleReader, billing.RoleWriter, billing.RoleWriter, billing.RoleAdmin}[p(0, 3)]
	return billing.ScopeOf(client(role, p(0, 3) == 0, offers...), 0)
}

// F8-2: narrowing intersects, whatever it is given, and never widens.
func TestOnlyNeverWidens(t *testing.T) {
	t.Parallel()
	property(t, func(t rapid.TB, p picker) {
		s := p.scope()
		var named []billing.OfferCode
		for _, o := range []billing.OfferCode{"D", "B", "A", "B"} {
			if p(0, 1) == 0 {
				named = append(named, o)
			}
		}
		n := s.Only(named...)
		for _, o := range []billing.OfferCode{"A", "B", "C", "D"} {
			in := slices.Contains(named, o)
			if n.Sees(o) != (in && s.Sees(o)) || n.Writes(o) != (in && s.Writes(o)) {
				t.Fatalf("%+v narrowed to %v is %+v", s, named, n)
			}
		}
		if n.All() || n.Administers() {
			t.Fatalf("%+v narrowed to %v is %+v", s, named, n)
		}
	})
}

// F8-8: one digest is one scope.
func TestDigestTellsScopesApart(t *testing.T) {
	t.Parallel()
	p := seeded(9)
	seen := map[string]billing.Scope{}
	for range 2000 {
		s := p.scope()
		before, known := seen[s.Digest()]
		if known && !reflect.DeepEqual(before, s) {
			t.Fatalf("%+v and %+v have one digest", before, s)
		}
		seen[s.Digest()] = s
	}
	if len(seen) < 20 {
		t.Errorf("only %d scopes", len(seen))
	}
	one, two := billing.ScopeOf(client("", false, "A B"), 0), billing.ScopeOf(client("", false, "A", "B"), 0)
	if one.Digest() == two.Digest() {
		t.Error("the digest does not separate codes")
	}
}

// A scope can't be widened through what it hands out, nor through the client it was made of.
func TestScopeSharesNothing(t *testing.T) {
	t.Parallel()
	c := client(billing.RoleWriter, false, "A")
	s := billing.ScopeOf(c, 0)
	c.Offers[0] = "B"
	s.Offers()[0] = "B"
	if s.Sees("B") || s.Writes("B") || !s.Sees("A") {
		t.Errorf("%+v", s)
	}
	kind := reflect.TypeFor[billing.Scope]()
	for i := range kind.NumField() {
		if kind.Field(i).IsExported() {
			t.Errorf("field %s of Scope is exported", kind.Field(i).Name)
		}
	}
}

func TestActorOf(t *testing.T) {
	t.Parallel()
	for want, c := range map[billing.ActorKind]billing.Client{
		billing.ActorClient: client(billing.RoleWriter, false, "A"), billing.ActorOmniscient: client(billing.RoleWriter, true),
		billing.ActorAdmin: client(billing.RoleAdmin, true),
	} {
		if got := billing.ActorOf(c, "r1"); got.Kind != want || got.Client != "c" || got.Request != "r1" {
			t.Errorf("%+v, want %s", got, want)
		}
	}
}
