package portal

import (
	"context"
	"fmt"
	"slices"
)

// Check is one line of a checklist. Its words are those of Service.Say.
type Check struct {
	Key  string
	Done bool
	Args []any // for its words
}

// Step is one step of the integration phase.
type Step struct {
	Number   int // 1: non-production; 2: production
	Offer    Offer
	Access   []Check // what the partner needs before a run counts
	Run      *Run    // that the rest is about: the newest one that settles the step, else the newest; nil without one
	Checks   []Check // of the run
	UseCases []UseCase
	Done     bool
}

// Integration is how far a partner is.
type Integration struct {
	Account Account
	Steps   []Step
	Ready   bool // both steps are done: the operational phase may start
}

// Integration fills the checklist of an account from its subscriptions and its runs.
func (s *Service) Integration(ctx context.Context, account string) (Integration, error) {
	a, err := s.Account(ctx, account)
	if err != nil {
		return Integration{}, err
	}
	apps, err := s.Applications(ctx, account)
	if err != nil {
		return Integration{}, err
	}
	runs, err := s.Runs(ctx, account)
	if err != nil {
		return Integration{}, err
	}
	out := Integration{Account: a}
	beta, _ := FindOffer(OfferBeta)
	production, _ := FindOffer(OfferProduction)
	first := fill(Step{Number: 1, Offer: beta}, apps, runs, func(r Run, contracts []string) []Check {
		f := r.Facts
		return []Check{
			{"whole", f.Selection == "" && !f.Interrupted, []any{f.Selection}},
			verdictCheck(f), contractCheck(f, contracts),
		}
	})
	second := fill(Step{Number: 2, Offer: production}, apps, runs, func(r Run, contracts []string) []Check {
		f := r.Facts
		checks := []Check{
			{"step1", first.Done, nil}, {"uninterrupted", !f.Interrupted, nil}, verdictCheck(f), contractCheck(f, contracts),
		}
		if first.Run != nil {
			checks = append(checks, Check{"mode", f.Mode == first.Run.Facts.Mode, []any{first.Run.Facts.Mode, f.Mode}})
		}
		return checks
	})
	out.Steps = []Step{first, second}
	out.Ready = first.Done && second.Done
	return out, nil
}

func verdictCheck(f Facts) Check {
	return Check{"verdict", f.Verdict == "passed", []any{f.Counts.Failed, f.Counts.Broken + f.Counts.Inconclusive}}
}

func contractCheck(f Facts, contracts []string) Check {
	given := f.Contract
	if given == "" {
		given = "–"
	}
	return Check{"contract", slices.Contains(contracts, f.Contract), []any{given}}
}

// fill settles a step: what opens its offer, and the run that counts.
func fill(step Step, apps []Application, runs []Run, checks func(r Run, contracts []string) []Check) Step {
	var best Subscription
	var contracts []string
	found := false
	for _, a := range apps {
		for _, sub := range a.Subscriptions {
			if sub.Offer != step.Offer.Code {
				continue
			}
			if sub.Configuration.Contract != "" {
				contracts = append(contracts, sub.Configuration.Contract)
			}
			if !found || merit(sub) > merit(best) {
				best, found = sub, true
			}
		}
	}
	step.Access = []Check{
		{"application", len(apps) > 0, nil}, {"subscribed", found, []any{step.Offer.Name}},
		{"approved", best.State == Approved, []any{step.Offer.Name}}, {"configured", !best.ConfiguredAt.IsZero(), nil},
		{"terms", best.TermsVersion != "", nil},
	}
	for _, r := range runs {
		if r.Step != step.Number {
			continue
		}
		c, u := checks(r, contracts), r.Facts.UseCases
		if step.Number == 2 {
			u = slices.DeleteFunc(slices.Clone(u), func(u UseCase) bool { return u.ID != "INT" })
			// Only a short pass is due: INT-01 was settled in step 1.
			u = shortPass(u)
		}
		settled := allDone(c) && allDone(step.Access) && !slices.ContainsFunc(u, func(u UseCase) bool { return u.State == UseCaseOpen })
		if step.Run == nil || settled {
			step.Run, step.Checks, step.UseCases, step.Done = &r, c, u, settled
		}
		if settled {
			break
		}
	}
	return step
}

// shortPass keeps of the integration group what step 2 asks for.
func shortPass(groups []UseCase) []UseCase {
	for i, u := range groups {
		open := slices.DeleteFunc(slices.Clone(u.Open), func(o OpenRequirement) bool { return o.ID != "INT-02" })
		groups[i].Open = open
		if groups[i].State = UseCaseDone; len(open) > 0 || u.Passed == 0 {
			groups[i].State = UseCaseOpen
		}
	}
	return groups
}

func allDone(checks []Check) bool {
	return !slices.ContainsFunc(checks, func(c Check) bool { return !c.Done })
}

// merit ranks the subscriptions of one offer by how far they are.
func merit(s Subscription) int {
	n := 0
	if s.State == Approved {
		n += 4
	}
	if !s.ConfiguredAt.IsZero() {
		n += 2
	}
	if s.TermsVersion != "" {
		n++
	}
	return n
}

// Say puts a check into words, in "fr" or English: what holds where it is done, what to do where it is open.
func (s *Service) Say(lang string, c Check) string {
	text, ok := words()[c.Key]
	if !ok {
		return c.Key
	}
	i := 0
	if lang == "fr" {
		i = 2
	}
	if !c.Done {
		i++
	}
	format := text[i]
	used := 0
	for j := range len(format) {
		if format[j] == '%' {
			used++
		}
	}
	return fmt.Sprintf(format, c.Args[:min(used, len(c.Args))]...)
}

// words are those of the checks: done and open in English, then in French.
func words() map[string][4]string {
	return map[string][4]string{
		"application": {
			"An application exists.", "Create an application.",
			"Une application existe.", "Créez une application.",
		},
		"subscribed": {
			"The application is subscribed to %s.", "Add the API %s to an application.",
			"L'application a souscrit à %s.", "Ajoutez l'API %s à une application.",
		},
		"approved": {
			"The subscription to %s is approved.", "Orange has not approved the subscription to %s.",
			"La souscription à %s est approuvée.", "Orange n'a pas approuvé la souscription à %s.",
		},
		"configured": {
			"Contract number and technical information are filled in.", "Fill in the contract number and the technical information.",
			"Le numéro de contrat et les informations techniques sont renseignés.", "Renseignez le numéro de contrat et les informations techniques.",
		},
		"terms": {
			"The terms are accepted.", "Accept the terms.",
			"Les conditions sont acceptées.", "Acceptez les conditions.",
		},
		"whole": {
			"The whole suite has run.", "Only a part has run, or the run was interrupted: run the whole suite, without --only.",
			"Toute la suite a été exécutée.", "Une partie seulement a été exécutée, ou l'exécution a été interrompue : lancez toute la suite, sans --only.",
		},
		"uninterrupted": {
			"The run came to its end.", "The run was interrupted: run it again.",
			"L'exécution est allée à son terme.", "L'exécution a été interrompue : relancez-la.",
		},
		"verdict": {
			"The run has passed.", "The run has not passed: requirements failed: %d, not judged: %d.",
			"L'exécution est réussie.", "L'exécution n'est pas réussie : exigences en échec : %d, non jugées : %d.",
		},
		"contract": {
			"The run names the contract of the subscription, %s.", "The run names the contract %s: it must be the one of the form, under partner.contract in the profile.",
			"L'exécution porte le contrat de la souscription, %s.", "L'exécution porte le contrat %s : ce doit être celui du formulaire, sous partner.contract dans le profil.",
		},
		"step1": {
			"Step 1 is done.", "Step 1 comes first.",
			"L'étape 1 est terminée.", "L'étape 1 vient d'abord.",
		},
		"mode": {
			"The partner answers in the mode of step 1, %s.", "Step 1 was settled in mode %s, and this run is in mode %s.",
			"Le partenaire répond dans le mode de l'étape 1, %s.", "L'étape 1 a été validée en mode %s, et cette exécution est en mode %s.",
		},
	}
}
