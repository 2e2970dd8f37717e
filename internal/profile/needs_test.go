package profile_test

import (
	"testing"

	"github.com/clementine-ope/clementine/internal/profile"
)

func TestMeets(t *testing.T) {
	t.Parallel()
	user := profile.Features{EndUser: true}
	login := profile.Features{RenewLogin: true}
	fixed := profile.Features{RealizingResource: &profile.RealizingResource{}}
	changeable := profile.Features{RealizingResource: &profile.RealizingResource{Changeable: true}}
	rich := profile.Features{
		RealizingResource:    &profile.RealizingResource{Per: "fleet", From: "order", Properties: []string{"url"}},
		TechnicalInformation: []profile.TechnicalInformation{{Name: "a"}, {Name: "b", Required: true}},
	}
	poor := profile.Features{
		RealizingResource:    &profile.RealizingResource{Per: "licence", From: "assignment"},
		TechnicalInformation: []profile.TechnicalInformation{{Name: "a"}},
	}
	const none = "no trigger is set that starts a change by itself"
	for _, tt := range []struct {
		need     string
		mode     profile.Mode
		features profile.Features
		triggers []string
		reason   string // empty = met
	}{
		{"endUser", profile.Sync, user, nil, ""},
		{"endUser", profile.Sync, login, nil, "feature endUser is not declared"},
		{profile.NeedTwoOfferings, profile.Sync, user, nil, "the profile has one offering only"},
		{"endUser.add", profile.Sync, user, []string{"endUser.add"}, ""},
		{"endUser.add", profile.Sync, user, []string{"endUser.modify"}, "no trigger endUser.add in the profile"},
		{"endUser.add", profile.Sync, login, []string{"endUser.add"}, "feature endUser is not declared"},
		{"login.modify", profile.Sync, login, []string{"login.modify"}, ""},
		{"login.modify", profile.Sync, user, []string{"login.modify"}, "feature renewLogin is not declared"},
		{"realizingResource.modify", profile.Sync, changeable, []string{"realizingResource.modify"}, ""},
		{"realizingResource.modify", profile.Sync, fixed, []string{"realizingResource.modify"}, "the realizing resource is not declared changeable"},
		{"events", profile.Async, user, nil, ""},
		{"events", profile.Sync, user, nil, none},
		{"events", profile.Sync, user, []string{"endUser.add"}, ""},
		{"events", profile.Sync, login, []string{"endUser.add"}, none},
		{"events", profile.Sync, user, []string{"endUser.modify"}, none}, // it needs a user who was added
		{"uc5", profile.Async, user, nil, none},
		{"uc5", profile.Async, changeable, []string{"realizingResource.modify"}, ""},
		{profile.NeedResourceOfFleet, profile.Sync, rich, nil, ""},
		{profile.NeedResourceOfFleet, profile.Sync, poor, nil, "no realizing resource is declared for the fleet"},
		{profile.NeedResourceOfFleet, profile.Sync, user, nil, "no realizing resource is declared for the fleet"},
		{profile.NeedResourceFromOrder, profile.Sync, rich, nil, ""},
		{profile.NeedResourceFromOrder, profile.Sync, poor, nil, "no realizing resource is declared to be there from the order on"},
		{profile.NeedResourceProperties, profile.Sync, rich, nil, ""},
		{profile.NeedResourceProperties, profile.Sync, poor, nil, "no properties of a realizing resource are declared"},
		{profile.NeedRequiredTechnical, profile.Sync, rich, nil, ""},
		{profile.NeedRequiredTechnical, profile.Sync, poor, nil, "no technical information is required"},
		{"telepathy", profile.Sync, user, nil, "feature telepathy is not known"},
	} {
		p := profile.Profile{Mode: tt.mode, Features: tt.features, Triggers: map[string]profile.Trigger{}, Offerings: []profile.Offering{{Code: "a"}}}
		for _, name := range tt.triggers {
			p.Triggers[name] = profile.Trigger{Ask: "please"}
		}
		if ok, reason := p.Meets(tt.need); ok != (tt.reason == "") || reason != tt.reason {
			t.Errorf("%s, %v: %t, %q; want %q", tt.need, tt.triggers, ok, reason, tt.reason)
		}
	}
	two := profile.Profile{Offerings: []profile.Offering{{Code: "a"}, {Code: "b"}}}
	if ok, _ := two.Meets(profile.NeedTwoOfferings); !ok {
		t.Error("two offerings are not two")
	}
}
