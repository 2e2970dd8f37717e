package main

import (
	"fmt"
	"slices"
	"strings"
)

const profileIntroduction = `# The profile

What you declare in Appendix 2 of the agreement, and how Clementine reaches your server: one YAML file. All but ` + "`partner`, `offer`, `mode` and `offerings`" + ` has a default.

` + "```sh" + `
clementine profile init partner.yaml     # writes the example at the end of this page
clementine profile check partner.yaml    # what is wrong, with file and line; else what it leaves out
` + "```" + `

- ` + "`${NAME}`" + ` in any value is read from the environment, so that no secret has to stand in the file; ` + "`$${NAME}`" + ` stays as it is.
- Paths of files are relative to the profile. An unknown setting is an error.
- A feature that is absent or false is not declared: its requirements are skipped, by name.
- The schema is ` + "[`schemas/profile.schema.json`](../schemas/profile.schema.json)" + `; editors that know JSON Schema complete and check by it.
`

// profilePage is the schema as tables, a section for each setting of the first level, then what each feature adds and
// the example.
func profilePage(schema []byte, f facts) (string, error) {
	root, err := readSchema(schema)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(generated + "\n" + profileIntroduction + "\n" + "## Settings\n\n" + head("setting", "value", "default", "what it says"))
	for _, m := range root.properties {
		b.WriteString(m.row(m.name, slices.Contains(root.required, m.name)))
	}
	for _, m := range root.properties {
		lines := m.schema.below("")
		if len(lines) > 0 {
			fmt.Fprintf(&b, "\n### %s\n\n%s\n\n%s%s", m.name, m.schema.description, head("setting", "value", "default", "what it says"), strings.Join(lines, ""))
		}
		if m.name == "triggers" {
			b.WriteString(root.triggers())
		}
	}
	b.WriteString("\n## What a feature adds\n\nRequirements that are judged only where the profile says so. `events`, `uc5` and `production` follow from mode, triggers and offer.\n\n")
	b.WriteString(head("feature", "judges"))
	var names []string
	judges := map[string][]string{}
	for _, r := range f.pack.Requirements() {
		if r.Feature != "" {
			if judges[r.Feature] == nil {
				names = append(names, r.Feature)
			}
			judges[r.Feature] = append(judges[r.Feature], link("requirements.md", r.ID))
		}
	}
	for _, name := range names {
		b.WriteString(row(code(name), strings.Join(judges[name], ", ")))
	}
	fmt.Fprintf(&b, "\n## Example\n\n```yaml\n%s```\n", f.example)
	return b.String(), nil
}

func (s *schemaNode) triggers() string {
	var b strings.Builder
	trigger := s.defs["trigger"]
	b.WriteString("\nEach trigger is one of these:\n\n" + head("kind", "value", "default", "what it says"))
	for _, m := range trigger.properties {
		b.WriteString(m.row(m.name, false) + strings.Join(m.schema.below(m.name+"."), ""))
	}
	return b.String()
}
