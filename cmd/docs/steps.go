package main

import (
	"fmt"
	"strings"

	"github.com/clementine-ope/clementine/steps"
)

const stepsIntroduction = `# The sentences of features

` + "`clementine steps`" + ` prints this list. With these sentences you can write scenarios of your own. A file in a folder of yours, ending in ` + "`.feature`" + `:

` + "```gherkin my-features/largest.feature" + `
Feature: What our largest customer does
  @ACME-01
  Scenario: Many licences at once, then more
    Given a customer with a fleet of 25 licences
    When Orange orders 25 more licences
    Then the fleets hold 25 licences more than before
` + "```" + `

They run after the suite's:

` + "```sh" + `
clementine run --profile partner.yaml --features my-features
` + "```" + `

Each scenario has a customer of its own. A tag of the [catalogue](requirements.md) says which requirement it judges; any other tag, or none, makes it a mandatory
requirement of your own, listed as such. ` + "`@async` and `@sync`" + ` bind a scenario to partners of that mode. ` + "`<n>`" + ` is a whole number, ` + "`<word>`" + ` has no blank in it,
` + "`<words>`" + ` may have. Behind a sentence stands the requirement that it judges, or what it does.
`

// stepsPage is the catalogue by topic, in the order of the API.
func stepsPage(facts) string {
	var b strings.Builder
	b.WriteString(generated + "\n" + stepsIntroduction)
	topic := ""
	for _, s := range steps.Catalogue() {
		if s.Topic != topic {
			topic = s.Topic
			fmt.Fprintf(&b, "\n## %s\n\n%s", topic, head("sentence", "what it judges or does"))
		}
		b.WriteString(row(code(s.Pattern), s.Doc))
	}
	return b.String()
}
