package main

import say "github.com/clementine-ope/clementine/reports/french"

func english() wording {
	return wording{
		lang: "en",
		introduction: `# The requirements

[En français](requirements.fr.md). What a run judges, each with the clause of Orange's public documents that it comes from. A report cites these ids;
` + "`clementine run --only PO-UC2-02`" + ` judges one, ` + "`--only PO-UC2`" + ` a use case. They stand in ` + "`contract.yaml`" + ` of the [contract pack](contract-pack.md).

- *mandatory*: a breach fails the run. *optional*: so too, but only where the [profile](profile.md) declares the feature. *advice*: a breach is a warning.
- *needs*: if that one fails, this one is inconclusive and names it.
- *proven by*: partners that are wrong in one known way and that this requirement catches, see [the proof](proof.md). You can start each by
  ` + "`clementine partner --defect NAME`" + `.
`,
		levels: map[string]string{"mandatory": "mandatory", "optional": "optional", "advice": "advice"},
		modes:  map[string]string{"both": "both modes", "sync": "synchronous partners", "async": "asynchronous partners"},
		useCases: map[string]string{
			"PO-UC1": "a customer is created", "PO-UC2": "the first licences", "PO-UC3": "more licences", "PO-UC4": "the event that ends an order",
			"US-UC1": "consultation", "US-UC2": "suspension and reactivation", "US-UC3": "deletion", "US-UC4": "change of offering",
			"US-UC5": "changes that the partner reports", "US-UC6": "the event that ends an update", "INT": "the integration phase",
			"AUTH": "tokens and gateway", "GEN": "what both APIs have in common",
		},
		level: "level: ", clause: "clause: ", open: "the public documents leave the wire form open: it is our reading",
		feature: ", where `%s` is declared", needs: "needs: ", judged: "scenarios (%d): ", alone: "judged in no scenario of its own: in every exchange that shows it",
		proof: "proven by (%d):", others: "known faults that it does not catch: ", none: "no known fault proves it",
		useCaseCol: "use case", count: "requirements", colon: ": ",
	}
}

func french() wording {
	return wording{
		lang: "fr",
		introduction: `# Les exigences

[In English](requirements.md). Ce qu'un essai juge, chaque exigence avec la clause des documents publics d'Orange dont elle vient. Un rapport cite ces identifiants ;
` + "`clementine run --only PO-UC2-02`" + ` n'en juge qu'une, ` + "`--only PO-UC2`" + ` un cas d'usage. Elles se trouvent dans ` + "`contract.yaml`" + ` du [contrat technique](contract-pack.md).
Les noms des défauts sont en anglais, comme dans les rapports.

- *obligatoire* : un manquement rend l'essai non conforme. *facultative* : de même, mais seulement si le [profil](profile.md) déclare la fonction. *conseil* : un
  manquement est un avertissement.
- *suppose* : si cette exigence-là n'est pas conforme, celle-ci est non concluante et la nomme.
- *prouvée par* : des partenaires fautifs d'une seule manière connue, que cette exigence démasque, voir [la preuve](proof.md). Chacun se lance par
  ` + "`clementine partner --defect NOM`" + `.
`,
		levels: map[string]string{"mandatory": "obligatoire", "optional": "facultative", "advice": "conseil"},
		modes:  map[string]string{"both": "les deux modes", "sync": "partenaires synchrones", "async": "partenaires asynchrones"},
		useCases: map[string]string{
			"PO-UC1": "création d'un client", "PO-UC2": "les premières licences", "PO-UC3": "des licences de plus", "PO-UC4": "l'événement qui clôt une commande",
			"US-UC1": "consultation", "US-UC2": "suspension et réactivation", "US-UC3": "suppression", "US-UC4": "changement d'offre",
			"US-UC5": "changements signalés par le partenaire", "US-UC6": "l'événement qui clôt une mise à jour", "INT": "la phase d'intégration",
			"AUTH": "jetons et passerelle", "GEN": "ce que les deux API ont en commun",
		},
		level: "niveau : ", clause: "clause : ", open: "les documents publics laissent la forme ouverte : c'est notre lecture",
		feature: ", si `%s` est déclaré", needs: "suppose : ", judged: "scénarios (%d) : ", alone: "jugée dans aucun scénario propre : dans chaque échange qui la montre",
		proof: "prouvée par (%d) :", others: "défauts connus qu'elle ne démasque pas : ", none: "aucun défaut connu ne la prouve",
		useCaseCol: "cas d'usage", count: "exigences", colon: " : ",
	}
}

// said is a name of the suite's in the language of the page.
func (w wording) said(english string) string {
	if w.lang == "fr" {
		return say.Say(english)
	}
	return english
}
