package reports

import (
	"fmt"
	"strings"
	"sync"

	"github.com/clementine-ope/clementine/reports/french"
)

// labels are the words of the reports in one language.
type labels struct{ lang int }

// labelsFor returns the words for a language tag; English unless it is French.
func labelsFor(lang string) labels {
	if strings.EqualFold(lang, "fr") || strings.HasPrefix(strings.ToLower(lang), "fr-") {
		return labels{lang: 1}
	}
	return labels{lang: 0}
}

// T returns the words for a key; the key itself where there are none.
func (l labels) T(key string) string {
	m, ok := messages[key]
	switch {
	case !ok:
		return key
	case l.lang == 1:
		return printed()[key]
	}
	return m[0]
}

// printed is the French of the messages by the rules of print.
var printed = sync.OnceValue(func() map[string]string {
	out := make(map[string]string, len(messages))
	for key, m := range messages {
		out[key] = french.Typography(m[1])
	}
	return out
})

// say is a sentence of the suite's that is stored in English.
func (l labels) say(english string) string {
	if l.lang == 1 {
		return french.Say(english)
	}
	return english
}

// known is a message that was stored in whichever language the run had, in the reader's.
func (l labels) known(stored string, keys ...string) string {
	for _, key := range keys {
		if m := messages[key]; m[0] == stored || m[1] == stored {
			return l.T(key)
		}
	}
	return stored
}

// cites reports whether a source, as it is shown, is in English where the page is not.
func (l labels) cites(shown string) bool { return l.lang == 1 && !strings.Contains(shown, "déduit") }

func (l labels) f(key string, args ...any) string { return fmt.Sprintf(l.T(key), args...) }

// n picks the singular (key + "1") or the plural (key + "N") and fills in the number.
func (l labels) n(key string, count int) string {
	if count == 1 || count == 0 && l.lang == 1 {
		return l.f(key+"1", count)
	}
	return l.f(key+"N", count)
}

// wait says which requirements wait for one that failed.
func (l labels) wait(ids []string) string {
	key := "waitN"
	if len(ids) == 1 {
		key = "wait1"
	}
	return l.f(key, len(ids), strings.Join(ids, ", "))
}

// Code is the language tag of the words.
func (l labels) Code() string { return [...]string{"en", "fr"}[l.lang] }

// messages holds each text in English and in French.
var messages = map[string][2]string{
	"passed":       {"passed", "conforme"},
	"failed":       {"failed", "non conforme"},
	"warning":      {"warning", "avertissement"},
	"skipped":      {"skipped", "écartée"},
	"inconclusive": {"inconclusive", "non concluante"},
	"broken":       {"broken", "non jugée"},

	"mandatory": {"mandatory", "obligatoire"},
	"optional":  {"optional", "facultative"},
	"advice":    {"advice", "conseil"},
	"own":       {"own", "ajoutée"},

	"passed1": {"%d passed", "%d conforme"}, "passedN": {"%d passed", "%d conformes"},
	"failed1": {"%d failed", "%d non conforme"}, "failedN": {"%d failed", "%d non conformes"},
	"warning1": {"%d warning", "%d avertissement"}, "warningN": {"%d warnings", "%d avertissements"},
	"skipped1": {"%d skipped", "%d écartée"}, "skippedN": {"%d skipped", "%d écartées"},
	"inconclusive1": {"%d inconclusive", "%d non concluante"}, "inconclusiveN": {"%d inconclusive", "%d non concluantes"},
	"broken1": {"%d broken", "%d non jugée"}, "brokenN": {"%d broken", "%d non jugées"},
	"requirements1": {"%d requirement", "%d exigence"}, "requirementsN": {"%d requirements", "%d exigences"},

	"PASSED": {"PASSED", "CONFORME"},
	"FAILED": {"FAILED", "NON CONFORME"},
	"BROKEN": {"BROKEN", "NON JUGÉ"}, "INCONCLUSIVE": {"INCONCLUSIVE", "NON CONCLUANT"},
	"INTERRUPTED":  {"INTERRUPTED, results so far", "INTERROMPU, résultats jusqu'ici"},
	"ofPassed":     {"%d of %s passed", "%d sur %s conformes"},
	"ofFailed":     {"%d of %s failed", "%d sur %s non conformes"},
	"ofBroken":     {"%d of %s could not be judged", "%d sur %s n'ont pas pu être jugées"},
	"nothing":      {"nothing could be judged", "rien n'a pu être jugé"},
	"doubt":        {"the run could not be judged", "l'essai n'a pas pu être jugé"},
	"semicolon":    {"; ", " ; "},
	"colon":        {": ", " : "},
	"characters":   {"… (%d characters)", "… (%d caractères)"},
	"expectedSeen": {"%s: expected %s, seen %s", "%s : attendu %s, constaté %s"},
	"andMoreFound": {" (and %d more)", " (et %d de plus)"},
	"pathField":    {"path", "chemin"},
	"note":         {"note", "remarque"}, "foundAt": {"expected %s, seen %s at %s", "attendu %s, constaté %s, en %s"}, "found": {"expected %s, seen %s", "attendu %s, constaté %s"},
	"andMore": {" and %d more", " et %d autres"},
	"written": {"Reports: %s, and beside it results.json, junit.xml, ctrf.json, report.clem", "Rapports : %s, et à côté results.json, junit.xml, ctrf.json, report.clem"},

	"partner": {"partner", "partenaire"}, "contract": {"contract", "contrat"}, "baseURL": {"address", "adresse"},
	"mode": {"mode", "mode"}, "offer": {"offer", "offre"}, "pack": {"contract pack", "contrat technique"},
	"sync": {"synchronous", "synchrone"}, "async": {"asynchronous", "asynchrone"},
	"suite": {"suite", "suite"}, "digest": {"suite digest", "empreinte de la suite"}, "seed": {"seed", "graine"}, "challenge": {"challenge", "défi"},
	"started": {"started", "début"}, "duration": {"duration", "durée"}, "counts": {"counts", "bilan"},
	"partial":      {"PARTIAL RUN (only %s): not a submission", "ESSAI PARTIEL (seulement %s) : ne vaut pas dossier"},
	"resumed":      {"resumed", "reprise"},
	"resumedLine1": {"%d time, on %s: %d scenarios had been judged, %d began anew", "%d fois, le %s : %d scénarios étaient jugés, %d ont recommencé"},
	"resumedLineN": {"%d times, last on %s: %d scenarios had been judged, %d began anew", "%d fois, la dernière le %s : %d scénarios étaient jugés, %d ont recommencé"},
	"altered": {"ALTERED: the bundle that this comes from is not as it was written; see clementine report verify",
		"MODIFIÉ : l'archive d'où ceci provient n'est plus telle qu'elle a été écrite ; voir clementine report verify"},
	"interrupted": {"INTERRUPTED: what follows is what was reached", "INTERROMPU : voici ce qui a été atteint"},

	"source": {"source", "source"}, "expected": {"expected", "attendu"}, "seen": {"seen", "constaté"},
	"path": {"at", "chemin"}, "hint": {"hint", "à changer"}, "exchange": {"exchange", "échange"}, "curl": {"curl", "curl"},
	"reason": {"reason", "motif"}, "noReason": {"no reason given", "sans motif"},
	"inScenario": {"in", "dans"}, "andScenarios1": {"and in %d more scenario", "et dans %d autre scénario"},
	"andScenariosN": {"and in %d more scenarios", "et dans %d autres scénarios"},
	"causes1":       {"%d cause", "%d cause"},
	"causesN":       {"%d causes", "%d causes"},
	"waitForIt1":    {"%d scenario waits for it", "%d scénario en dépend"},
	"waitForItN":    {"%d scenarios wait for it", "%d scénarios en dépendent"},
	"waitForThem1":  {"%d scenario waits for them", "%d scénario en dépend"},
	"waitForThemN":  {"%d scenarios wait for them", "%d scénarios en dépendent"},
	"showIt1":       {"%d scenario shows it", "%d scénario le montre"},
	"showItN":       {"%d scenarios show it", "%d scénarios le montrent"},
	"keeps":         {"blocks", "portée"},
	"checked":       {"checked", "vérifié"},
	"checkFirst1":   {"With this mended in the recording, %d of %d scenarios would pass", "Ceci une fois corrigé dans l’enregistrement, %d scénario sur %d serait conforme"},
	"checkFirstN":   {"With this mended in the recording, %d of %d scenarios would pass", "Ceci une fois corrigé dans l’enregistrement, %d scénarios sur %d seraient conformes"},
	"checkPass1":    {"With this mended in the recording, and what stands above, %d of %d scenarios would pass", "Ceci et ce qui précède une fois corrigés dans l’enregistrement, %d scénario sur %d serait conforme"},
	"checkPassN":    {"With this mended in the recording, and what stands above, %d of %d scenarios would pass", "Ceci et ce qui précède une fois corrigés dans l’enregistrement, %d scénarios sur %d seraient conformes"},
	"checkOther1":   {"%d would show another cause only", "%d ne montrerait plus qu’une autre cause"},
	"checkOtherN":   {"%d would show other causes only", "%d ne montreraient plus que d’autres causes"},
	"checkStill1":   {"%d would show it still", "%d la montrerait encore"},
	"checkStillN":   {"%d would show it still", "%d la montreraient encore"},
	"checkUnknown1": {"%d goes on to calls that were not recorded", "%d passe à des appels qui n’ont pas été enregistrés"},
	"checkUnknownN": {"%d go on to calls that were not recorded", "%d passent à des appels qui n’ont pas été enregistrés"},
	"andFindings1":  {"and %d other finding", "et %d autre constat"},
	"andFindingsN":  {"and %d other findings", "et %d autres constats"},
	"wait1":         {"%d requirement waits for it: %s", "%d exigence en dépend : %s"},
	"waitN":         {"%d requirements wait for it: %s", "%d exigences en dépendent : %s"},
	"longCurl":      {"%d characters long: see #%s in report.html", "%d caractères : voir #%s dans report.html"},
	"followOf":      {"follows from", "découle de"}, "noAnswer": {"no answer", "pas de réponse"},

	"FailedTitle": {"Failed", "Non conformes"}, "WarningTitle": {"Warnings", "Avertissements"},
	"BrokenTitle":       {"Broken: Clementine could not judge", "Non jugées : Clementine n'a pas pu juger"},
	"InconclusiveTitle": {"Inconclusive", "Non concluantes"}, "SkippedTitle": {"Skipped", "Écartées"},
	"PassedTitle": {"Passed", "Conformes"}, "NotesTitle": {"Notes", "Remarques"},

	"resilienceTitle": {"Resilience", "Résistance"},
	"resilienceHeld":  {"Resilience: %d of %d held (apart from conformance)", "Résistance : %d sur %d tenus (hors conformité)"},
	"andResilience1":  {"and %d more: see report.html", "et %d autre : voir report.html"},
	"andResilienceN":  {"and %d more: see report.html", "et %d autres : voir report.html"},
	"heldYes":         {"held", "tenu"}, "heldNo": {"not held", "pas tenu"},

	"reference":      {"reference", "référence"},
	"referenceTitle": {"the reference partner in the same place", "le partenaire de référence au même endroit"},
	"referenceShown": {"what the reference partner exchanges here", "ce que le partenaire de référence échange ici"},
	"referenceNone":  {"No control run: %s", "Pas de contre-essai : %s"},
	"referenceBeside": {"What failed ran against the reference partner too, with the same seed: its values stand beside each finding.",
		"Ce qui a échoué a aussi été joué contre le partenaire de référence, avec la même graine : ses valeurs figurent à côté de chaque constat."},
	"referenceFails":   {"the reference does not pass this scenario either: please report it", "la référence ne passe pas non plus ce scénario : merci de le signaler"},
	"referenceStopped": {"the reference did not come to the end of this scenario: the comparison may lack something", "la référence n'est pas allée au bout de ce scénario : la comparaison peut être incomplète"},
	"noMessage":        {"no single message of this scenario shows it, so there is nothing to compare", "aucun message de ce scénario ne le montre à lui seul : rien à comparer"},
	"noCounterpart":    {"the reference makes no such call here", "la référence ne fait pas cet appel ici"},
	"sameMessage":      {"the reference says the same in this message: what differs lies elsewhere in the scenario", "la référence dit la même chose dans ce message : la différence est ailleurs dans le scénario"},
	"cutMessage":       {"the body is not whole in the record, so it was not compared", "le corps n'est pas enregistré en entier : il n'a pas été comparé"},
	"looksBack":        {"no control run: this scenario looks back over the whole run", "pas de contre-essai : ce scénario porte sur l'essai entier"},
	"leftOut":          {"not compared: more was found than a control run covers", "non comparé : il y a plus de constats qu'un contre-essai n'en couvre"},
	"nothingHere":      {"nothing", "rien"},
	"byNature":         {"differ by nature", "diffèrent par nature"},
	"andDifferences1":  {"and %d more difference", "et %d autre différence"},
	"andDifferencesN":  {"and %d more differences", "et %d autres différences"},
	"diff value":       {"the reference says %[1]s here, the partner %[2]s", "la référence dit ici %[1]s, le partenaire %[2]s"},
	"diff missing":     {"the reference says %[1]s here, the partner nothing", "la référence dit ici %[1]s, le partenaire rien"},
	"diff extra":       {"the reference has no such member, the partner says %[2]s", "la référence n'a pas ce membre, le partenaire dit %[2]s"},
	"diff length":      {"the reference lists %[1]s here, the partner %[2]s", "la référence en liste ici %[1]s, le partenaire %[2]s"},
	"diff message":     {"the reference: %[1]s, the partner: %[2]s", "la référence : %[1]s, le partenaire : %[2]s"},
	"diff form":        {"the reference sends well-formed JSON here, the partner: %[2]s", "la référence envoie ici du JSON bien formé, le partenaire : %[2]s"},
	"diff nature": {"values differ here by nature, but this one is what the finding is about: the reference says %[1]s, the partner %[2]s",
		"les valeurs diffèrent ici par nature, mais c'est l'objet du constat : la référence dit %[1]s, le partenaire %[2]s"},
	"diff changed": {"the reference gives %[1]s here as before, the partner %[2]s, which is not what it gave before", "la référence donne ici %[1]s comme avant, le partenaire %[2]s, qui n'est pas ce qu'il donnait avant"},
	"diff reused":  {"the reference gives %[1]s here, an id of its own, the partner %[2]s, which stands for something else already", "la référence donne ici %[1]s, un id propre, le partenaire %[2]s, qui désigne déjà autre chose"},
	"diff event":   {"the reference sends %[1]s next, and no call of the partner's stands beside it", "la référence envoie ensuite %[1]s, et aucun appel du partenaire n'y répond"},

	"reviewNone":  {"Nobody has decided on this run.", "Personne n'a encore pris de décision sur cet essai."},
	"reviewed":    {"review", "décision"},
	"reviewTitle": {"Review", "Décision d'Orange"}, "waiver": {"waiver", "dérogation"},
	"review open":     {"not decided yet (%s)", "pas encore de décision (%s)"},
	"review accepted": {"accepted (as of %s)", "accepté (au %s)"},
	"review refused":  {"refused (as of %s)", "refusé (au %s)"},
	"review lapsed":   {"accepted once, and no longer (as of %s): what is not waived counts as failed", "accepté, mais ne l'est plus (au %s) : ce qui n'a plus de dérogation est non conforme"},
	"reviewWaived":    {"waived: %s", "sous dérogation : %s"},
	"reviewRunOut":    {"waived once, run out, counts as failed: %s", "dérogation échue, non conforme : %s"},
	"reviewWaiting1":  {"%d not judged because of what failed", "%d non jugée à cause de ce qui précède"},
	"reviewWaitingN":  {"%d not judged because of what failed", "%d non jugées à cause de ce qui précède"},
	"reviewUnwaived":  {"not waived: %s", "sans dérogation : %s"},
	"decision accept": {"accepted", "accepté"}, "decision refuse": {"refused", "refusé"},
	"decision waive": {"%s waived until %s", "%s : dérogation jusqu'au %s"}, "waiverOut": {"run out", "échue"},
	"reviewUnsigned": {"No signature covers this review: anybody can have written it, in anybody's name.",
		"Aucune signature ne couvre cette revue : n’importe qui a pu l’écrire, au nom de n’importe qui."},
	"reviewSigned": {"Signed by key %s: whose it is, nobody but you can tell. clementine report verify checks it.",
		"Signée par la clé %s : à qui elle est, vous seul pouvez le dire. clementine report verify la vérifie."},
	"reviewBy": {"%s, %s", "%s, le %s"},

	"disputeTitle": {"disputed finding", "constat contesté"}, "scenario": {"scenario", "scénario"},
	"disputeClaim":    {"what the partner says", "ce que dit le partenaire"},
	"disputeReadings": {"Where the sources of this clause leave a choice, and what was chosen:", "Là où les sources de cette clause laissent un choix, et ce qui a été retenu :"},
	"disputeEvidence": {"what the suite found", "ce que la suite a constaté"},
	"disputeCalls":    {"its calls", "ses appels"},
	"disputeCheck":    {"how to check it", "comment le vérifier"},
	"disputeCheckText": {"The first command judges the whole recording again and says whether anything in it was altered. The second runs this scenario again, against the server as it is now.",
		"La première commande juge à nouveau tout l'enregistrement et dit si quelque chose y a été modifié. La seconde rejoue ce scénario contre le serveur tel qu'il est maintenant."},
	"disputeFinding": {"finding", "constat"},
	"disputeBundle":  {"manifest of the bundle", "manifeste de l'archive"},
	"disputeLink":    {"link of the exchange in its chain", "maillon de l'échange dans sa chaîne"},

	"proof":          {"proof", "preuve"},
	"proofNoticed":   {"this run would have noticed %d of %d known faults", "cet essai aurait décelé %d des %d défauts connus"},
	"proofNotProven": {"not proven", "non prouvé"}, ProofOtherSuite: {ProofOtherSuite, "les fonctionnalités ou le contrat ne sont pas ceux qui ont été prouvés"},
	"proofUndeclared1": {"%d needs a feature that the profile does not declare", "%d suppose une fonction que le profil ne déclare pas"},
	"proofUndeclaredN": {"%d need features that the profile does not declare", "%d supposent des fonctions que le profil ne déclare pas"},
	"proofUnjudged1":   {"%d could not be looked for", "%d n'a pas pu être cherché"},
	"proofUnjudgedN":   {"%d could not be looked for", "%d n'ont pas pu être cherchés"},
	"proofMissed1":     {"%d is missed by the suite", "%d échappe à la suite"},
	"proofMissedN":     {"%d are missed by the suite", "%d échappent à la suite"},

	"sequence":    {"sequence of calls", "séquence d'appels"},
	"sequenceOf":  {"what passed in “%s”", "ce qui s'est passé dans « %s »"},
	"missingCall": {"missing", "manquant"}, "brokenCall": {"what the finding is about", "l'objet du constat"},
	"andCalls1": {"and %d more call", "et %d autre appel"}, "andCallsN": {"and %d more calls", "et %d autres appels"},
	"hurlTitle": {"as a hurl file", "en fichier hurl"}, "copy": {"copy", "copier"}, "download": {"save", "enregistrer"},

	"claimsTitle": {"Profile and practice", "Profil et pratique"},
	"claimsText": {"The optional features of Appendix 2 as the profile declares them, beside what the run showed.",
		"Les fonctions facultatives de l'annexe 2 telles que le profil les déclare, en regard de ce que l'essai a montré."},
	"claimsFine": {"Nothing is claimed that failed, and nothing was seen that is not claimed.", "Rien de déclaré n'a échoué, et rien n'a été vu qui ne soit déclaré."},
	"feature":    {"feature", "fonction"}, "declared": {"declared", "déclarée"}, "practice": {"in practice", "en pratique"}, "signs": {"seen in", "vu dans"},
	"declaredYes": {"yes", "oui"}, "declaredNo": {"no", "non"},
	"claim kept":     {"holds", "tenue"},
	"claim over":     {"declared, but fails", "déclarée, mais en échec"},
	"claim unproven": {"declared, not judged", "déclarée, non jugée"},
	"claim under":    {"not declared, but seen in the partner's messages", "non déclarée, mais vue dans les messages du partenaire"},
	"claim none":     {"not declared, not seen", "non déclarée, non vue"},

	"skipLink": {"to the report", "aller au rapport"}, "reportTitle": {"conformance report", "rapport de conformité"},
	"topTitle": {"What to look at first", "À regarder d'abord"}, "factsTitle": {"This run", "Cet essai"}, "contents": {"contents", "sommaire"},
	"requirementsTitle": {"Requirements", "Exigences"}, "findingsTitle": {"Findings", "Constats"}, "scenariosTitle": {"Scenarios", "Scénarios"},
	"curlNeeds": {"$TOKEN stands for credentials, which are not recorded; $GATEWAY for the URL of the mock Orange. The call is only sent again: a run judges it.",
		"$TOKEN remplace l’authentification, qui n’est pas enregistrée, et $GATEWAY l’URL du simulateur d’Orange. L’appel est seulement rejoué : c’est un essai qui le juge."},
	"exchangesTitle": {"Exchanges", "Échanges"}, "profileTitle": {"Profile", "Profil"}, "curlTitle": {"send it again with curl", "la rejouer avec curl"},
	"profileText":   {"as declared, secrets masked", "tel que déclaré, secrets masqués"},
	"exchangesText": {"All HTTP calls of the run in order. Open one to see what was said; results.json has everything.", "Tous les appels HTTP de l'essai dans l'ordre. Ouvrez-en un pour voir ce qui s'est dit ; results.json donne tout."},
	"needScript":    {"What these calls said is packed into this page, and unpacked by a script that does not run here: see results.json.", "Le contenu de ces appels est compressé dans cette page et lu par un script qui ne s'exécute pas ici : voir results.json."},
	"filter":        {"filter", "filtrer"}, "search": {"Search", "Rechercher"}, "verdict": {"verdict", "verdict"}, "all": {"all", "tous"},
	"shown":       {"requirements shown", "exigences affichées"},
	"requirement": {"requirement", "exigence"}, "clause": {"clause", "clause"}, "scenarios": {"scenarios", "scénarios"}, "exchanges": {"exchanges", "échanges"},
	"request": {"Request", "Requête"}, "response": {"Response", "Réponse"}, "fault": {"fault injected by Clementine", "panne provoquée par Clementine"},
	"binary":            {"%d bytes that are no text: see results.json", "%d octets qui ne sont pas du texte : voir results.json"},
	"cut":               {"cut here: %d bytes in all, see results.json", "abrégé : %d octets en tout, voir results.json"},
	"orange-to-partner": {"Orange to partner", "d'Orange au partenaire"}, "partner-to-orange": {"partner to Orange", "du partenaire à Orange"},
	"customer-to-partner": {"customer to partner", "du client au partenaire"}, "customerOf": {"customer", "client"},
	"andRequirements1": {"and %d more requirement", "et %d autre exigence"}, "andRequirementsN": {"and %d more requirements", "et %d autres exigences"},

	"group GEN": {"Both APIs", "Les deux API"}, "group AUTH": {"Token and gateway", "Jeton et passerelle"},
	"group INT": {"The whole sequence", "La séquence entière"}, "group OWN": {"Own requirements", "Exigences ajoutées"},
	"group PO-UC1": {"ProductOrdering UC1: customer and contacts", "ProductOrdering UC1 : client et contacts"},
	"group PO-UC2": {"ProductOrdering UC2: fleet and licences", "ProductOrdering UC2 : parc et licences"},
	"group PO-UC3": {"ProductOrdering UC3: more licences", "ProductOrdering UC3 : licences en plus"},
	"group PO-UC4": {"ProductOrdering UC4: the event", "ProductOrdering UC4 : l'événement"},
	"group US-UC1": {"UserService UC1: consultation", "UserService UC1 : consultation"},
	"group US-UC2": {"UserService UC2: suspension and reactivation", "UserService UC2 : suspension et réactivation"},
	"group US-UC3": {"UserService UC3: deletion", "UserService UC3 : suppression"},
	"group US-UC4": {"UserService UC4: change of offering", "UserService UC4 : changement d'offre"},
	"group US-UC5": {"UserService UC5: changes that the partner reports", "UserService UC5 : changements signalés par le partenaire"},
	"group US-UC6": {"UserService UC6: the event", "UserService UC6 : l'événement"},
}
