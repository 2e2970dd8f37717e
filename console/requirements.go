package console

import (
	"net/http"
	"strings"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/schemas"
	"github.com/clementine-ope/clementine/web"
)

type requirementRow struct {
	schemas.Requirement
	Words           string
	Cited           bool // the source is in English where the page is not
	Readings        []schemas.Interpretation
	Caught, Known   int // faults that break it, of both modes
	CaughtElsewhere int // by another requirement
}

type requirementGroup struct {
	ID, Name string
	Rows     []requirementRow
}

type requirementsPage struct {
	Groups        []requirementGroup
	Levels        []option
	Text          string
	Count         int
	Pack, Version string
	Proven        bool
	Faults        int
}

// showRequirements is the catalogue with what is proven of each requirement.
func (c *Console) showRequirements(w http.ResponseWriter, r *http.Request, by caller) error {
	q := r.URL.Query()
	level, text := q.Get("level"), searched(q.Get("text"))
	d := requirementsPage{Text: q.Get("text"), Pack: c.options.Pack.Name, Version: c.options.Pack.Version, Levels: c.choices(r, "level.", level, "mandatory", "optional", "advice")}
	proofs, err := c.proofs()
	if err != nil {
		return err
	}
	d.Proven = proofs != nil
	for _, faults := range proofs {
		d.Faults += len(faults)
	}
	for _, requirement := range c.options.Pack.Requirements() {
		row := requirementRow{Requirement: requirement, Words: clause(by.lang, requirement)}
		row.Source, row.Cited = reports.SourceIn(requirement.Source, string(by.lang)), reports.CitesIn(requirement.Source, string(by.lang))
		if (level != "" && requirement.Level != level) || !strings.Contains(searched(requirement.ID+" "+row.Words+" "+row.Source), text) {
			continue
		}
		for _, reading := range c.options.Pack.Interpretations() {
			for _, id := range reading.Requirements {
				if id == requirement.ID {
					reading.Contradiction, reading.Choice = said(by.lang, reading.Contradiction), said(by.lang, reading.Choice)
					row.Readings = append(row.Readings, reading)
				}
			}
		}
		for _, f := range proofs[requirement.ID] {
			row.Known++
			switch f.Verdict {
			case schemas.CaughtByNamed:
				row.Caught++
			case schemas.CaughtByAnother:
				row.CaughtElsewhere++
			}
		}
		group := groupOf(requirement.ID)
		if len(d.Groups) == 0 || d.Groups[len(d.Groups)-1].ID != group {
			d.Groups = append(d.Groups, requirementGroup{ID: group, Name: c.useCaseName(r, group)})
		}
		last := &d.Groups[len(d.Groups)-1]
		last.Rows = append(last.Rows, row)
		d.Count++
	}
	c.render(w, r, http.StatusOK, web.Page{Name: "requirements", Title: c.text(r, "requirements.title"), Section: "nav.requirements", Data: d})
	return nil
}

// searched is a text as it is looked for: whoever types it has one kind of space and of apostrophe.
func searched(text string) string {
	plain := strings.NewReplacer("’", "'", "\u00a0", " ", "\u202f", " ").Replace(text)
	return strings.ToLower(strings.TrimSpace(plain))
}

// proofs are the faults that the suite was tried on, by requirement; nil where the pack is not the one that was proven.
func (c *Console) proofs() (map[string][]schemas.Fault, error) {
	builtin, err := schemas.Builtin()
	if err != nil {
		return nil, err
	}
	if builtin.Digest != c.options.Pack.Digest {
		return nil, nil
	}
	proof, err := schemas.BuiltinProof()
	if err != nil {
		return nil, err
	}
	out := map[string][]schemas.Fault{}
	for _, f := range proof.Faults {
		if f.Verdict != schemas.NotApplicable {
			out[f.Requirement] = append(out[f.Requirement], f)
		}
	}
	return out, nil
}
