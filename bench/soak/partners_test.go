package soak_test

import (
	"testing"

	"github.com/clementine-ope/clementine/bench/soak"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

func together(t *testing.T, partners int, seam func(int) partner.Seam) soak.PartnersResult {
	t.Helper()
	r, err := soak.Partners(t.Context(), soak.PartnersOptions{
		Clementine: program, Database: server.Address(t), Partners: partners, Log: t.Output(), Seam: seam,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d requirements, alone in %v, %d together in %s: %d different, %d not passed", r.Requirements, r.Alone, partners, r.Together, r.Different, r.Failed)
	return r
}

func TestPartnersAtOnceAreJudgedAsAlone(t *testing.T) {
	t.Parallel()
	r := together(t, 4, nil)
	if err := r.Err(); err != nil {
		t.Error(err)
	}
	if r.Failed != 0 || r.Requirements < 80 {
		t.Errorf("of %d requirements each, %d did not pass at the reference partner", r.Requirements, r.Failed)
	}
}

// The soak must see a verdict that is another than alone: the third partner, which is not among those that run alone, hides its licences.
func TestAnotherVerdictIsSeen(t *testing.T) {
	t.Parallel()
	r := together(t, 3, func(number int) (s partner.Seam) {
		if number == 2 {
			s.Rules = func(reference partner.Rules) partner.Rules {
				reference.Shown = func(licence wire.UserService) (wire.UserService, bool) { return licence, false }
				return reference
			}
		}
		return s
	})
	if r.Different == 0 || r.Failed == 0 || r.Err() == nil {
		t.Errorf("a partner that hides its licences was judged as the others: %d different, %d not passed", r.Different, r.Failed)
	}
}
