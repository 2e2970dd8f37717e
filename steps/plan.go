package steps

import (
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/cucumber/godog"

	"github.com/clementine-ope/clementine/features"
	"github.com/clementine-ope/clementine/harness"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/schemas"
)

// PlannedScenario is one scenario as --list shows it.
type PlannedScenario struct {
	ID, Feature, Name string
	Requirements      []string
	// Skipped says why it will not run; empty if it will.
	Skipped string
	// Steps are its lines: what is called and created.
	Steps []string
}

// source is one set of features that godog runs together.
type source struct {
	fs      fs.FS
	paths   []string
	extra   bool
	closing bool
}

func (o *Options) sources() []source {
	all := []source{{fs: features.FS, paths: features.Main()}}
	for _, f := range o.Extra {
		all = append(all, source{fs: f, paths: []string{"."}, extra: true})
	}
	return append(all, source{fs: features.FS, paths: []string{features.Closing}, closing: true})
}

// planned is a scenario with what decides whether it runs.
type planned struct {
	PlannedScenario
	key     string
	own     []string
	traffic bool // gives the closing scenarios something to look at
	closing bool
	narrow  bool              // a closing scenario that looks at nothing but what is selected
	apart   bool              // of the resilience section
	skipped map[string]string // requirement -> reason
	ran     *recorded
}

// Plan lists the scenarios that a run would go through, and makes no call.
func Plan(o Options) ([]PlannedScenario, error) {
	if err := o.fill(); err != nil {
		return nil, err
	}
	if err := o.checkOnly(); err != nil {
		return nil, err
	}
	sets, err := o.plan()
	if err != nil {
		return nil, err
	}
	var out []PlannedScenario
	for _, set := range sets {
		for _, p := range set {
			out = append(out, p.PlannedScenario)
		}
	}
	return out, nil
}

// plan reads every feature and decides for each scenario which of its requirements apply. One list for each source.
func (o *Options) plan() ([][]*planned, error) {
	var sets [][]*planned
	selected, looksBack := 0, false
	for _, src := range o.sources() {
		set, err := o.planSource(src)
		if err != nil {
			return nil, err
		}
		for _, p := range set {
			looksBack = looksBack || p.closing && !p.narrow && p.Skipped == "" && o.chosen(p)
		}
		sets = append(sets, set)
	}
	if err := o.checkScenarios(sets); err != nil {
		return nil, err
	}
	// A closing scenario judges nothing without something to look back at.
	for i, set := range sets {
		sets[i] = slices.DeleteFunc(set, func(p *planned) bool {
			return p.apart && !o.looksAtResilience() || !o.chosen(p) && (!p.traffic || !looksBack)
		})
		selected += len(sets[i])
	}
	if selected == 0 {
		return nil, &CannotJudgeError{Blame: "configuration", Sentence: fmt.Sprintf("--only %s selects no scenario: name requirement ids (PO-UC2-02) or use cases (PO-UC2, US-UC5, GEN).", strings.Join(o.Only, ","))}
	}
	return sets, nil
}

func (o *Options) planSource(src source) ([]*planned, error) {
	suite := godog.TestSuite{Name: "clementine", Options: &godog.Options{FS: src.fs, Paths: src.paths, Output: io.Discard, Strict: true}}
	fts, err := suite.RetrieveFeatures()
	if err != nil {
		if src.extra {
			return nil, &ConfigError{fmt.Sprintf("--features: %v", err)}
		}
		return nil, fmt.Errorf("read the features: %w", err)
	}
	var out []*planned
	ids := map[string]int{}
	for _, ft := range fts {
		for _, p := range ft.Pickles {
			var tags, lines []string
			for _, t := range p.Tags {
				tags = append(tags, strings.TrimPrefix(t.Name, "@"))
			}
			for _, s := range p.Steps {
				lines = append(lines, s.Text)
			}
			id := identify(ft.Uri, p.Name, ids)
			pl := o.planScenario(PlannedScenario{ID: id, Feature: ft.Feature.Name, Name: p.Name, Steps: lines}, tags, src.extra)
			pl.key = ft.Uri + "\x00" + p.Name
			pl.traffic = slices.Contains(tags, "traffic")
			pl.closing, pl.narrow = src.closing, src.closing && slices.Contains(tags, "selected")
			pl.apart = !src.extra && slices.Contains(tags, resilienceTag)
			out = append(out, pl)
		}
	}
	return out, nil
}

// identify makes a scenario's stable id: its file and its name.
func identify(uri, name string, ids map[string]int) string {
	base := strings.TrimSuffix(path.Base(uri), ".feature") + "/" + slug(name)
	ids[base]++
	if n := ids[base]; n > 1 {
		return fmt.Sprintf("%s-%d", base, n)
	}
	return base
}

func slug(s string) string {
	return strings.Trim(strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.'
	}), "-"), "-")
}

func (o *Options) planScenario(s PlannedScenario, tags []string, extra bool) *planned {
	p := &planned{PlannedScenario: s, skipped: map[string]string{}}
	// A scenario that walks through an undeclared feature is not run at all, whatever else it would judge on the way.
	whole := ""
	for _, tag := range tags {
		req, known := o.Pack.Requirement(tag)
		switch {
		case tag == "async" || tag == "sync":
			if tag != string(o.Profile.Mode) {
				whole = "for " + map[string]string{"async": "asynchronous", "sync": "synchronous"}[tag] + " partners only"
			}
		case known:
			p.Requirements = append(p.Requirements, tag)
			ok, reason := harness.Applies(o.Profile, req)
			if !ok {
				p.skipped[tag] = reason
			}
			if declared, why := declared(o.Profile, req); !declared && whole == "" {
				whole = why
			}
		case extra:
			p.Requirements, p.own = append(p.Requirements, tag), append(p.own, tag)
		}
	}
	if extra && len(p.Requirements) == 0 {
		id := "OWN-" + s.ID
		p.Requirements, p.own = []string{id}, []string{id}
	}
	if whole != "" {
		for _, id := range p.Requirements {
			if p.skipped[id] == "" {
				p.skipped[id] = whole
			}
		}
	}
	if len(p.skipped) == len(p.Requirements) && len(p.Requirements) > 0 {
		p.Skipped = p.skipped[p.Requirements[0]]
	}
	return p
}

// declared tells whether the feature that a requirement belongs to is declared, whatever its mode.
func declared(p *profile.Profile, req schemas.Requirement) (bool, string) {
	if req.Feature == "" {
		return true, ""
	}
	return p.Declared(req.Feature)
}

// applicable lists the requirements that the scenario can judge with this partner.
func (p *planned) applicable() []string {
	var out []string
	for _, id := range p.Requirements {
		if p.skipped[id] == "" {
			out = append(out, id)
		}
	}
	return out
}

// chosen reports whether --only selects the scenario.
func (o *Options) chosen(p *planned) bool {
	if o.chosenIDs != nil {
		return o.chosenIDs[p.ID]
	}
	if len(o.Only) == 0 {
		return true
	}
	if slices.Contains(o.Only, p.ID) {
		return true
	}
	return slices.ContainsFunc(p.Requirements, func(id string) bool {
		return slices.ContainsFunc(o.Only, func(want string) bool { return selects(want, id) })
	})
}

// isScenario reports whether a part of a selection is the id of a scenario: no requirement's has a slash.
func isScenario(want string) bool { return strings.Contains(want, "/") }

// checkScenarios refuses a selection that names a scenario which there is not.
func (o *Options) checkScenarios(sets [][]*planned) error {
	for _, want := range o.Only {
		// An untagged scenario of the user's own gives its requirement its id, slash and all.
		named := slices.ContainsFunc(slices.Concat(sets...), func(p *planned) bool {
			return p.ID == want || slices.ContainsFunc(p.own, func(id string) bool { return selects(want, id) })
		})
		if isScenario(want) && !named {
			return &CannotJudgeError{Blame: "configuration", Sentence: fmt.Sprintf("--only %s selects nothing: no scenario has this id. results.json lists them.", want)}
		}
	}
	return nil
}

// selects reports whether want names the requirement, its use case (PO-UC2, UC2) or its group (GEN).
func selects(want, id string) bool {
	want, id = strings.ToUpper(strings.TrimSpace(want)), strings.ToUpper(id)
	return want != "" && (id == want || strings.HasPrefix(id, want+"-") || strings.Contains(id, "-"+want+"-"))
}

// checkOnly refuses a selection of which a part names nothing.
func (o *Options) checkOnly() error {
	judged, reason := len(o.Only) == 0 || len(o.Extra) > 0 || slices.ContainsFunc(o.Only, isScenario), ""
	for _, r := range o.Pack.Requirements() {
		for _, want := range o.Only {
			if selects(want, r.ID) {
				ok, why := harness.Applies(o.Profile, r)
				judged, reason = judged || ok, why
			}
		}
	}
	for _, want := range o.Only {
		named := slices.ContainsFunc(o.Pack.Requirements(), func(r schemas.Requirement) bool { return selects(want, r.ID) })
		if !named && len(o.Extra) == 0 && !isScenario(want) {
			return &CannotJudgeError{Blame: "configuration", Sentence: fmt.Sprintf("--only %s selects nothing: no requirement or use case has this name. Examples: PO-UC2-02, PO-UC2, US-UC5, GEN.", want)}
		}
	}
	if !judged {
		return &CannotJudgeError{Blame: "configuration", Sentence: fmt.Sprintf("--only %s leaves nothing to judge with this profile: %s.", strings.Join(o.Only, ","), reason)}
	}
	return nil
}

// useCase groups a scenario by the first requirement that it judges: PO-UC2, US-UC4, GEN, …
func useCase(requirements []string) string {
	if len(requirements) == 0 {
		return ""
	}
	id := requirements[0]
	if i := strings.LastIndexByte(id, '-'); i > 0 {
		return id[:i]
	}
	return id
}

// folder is the first part of the scenario's file.
func (p *planned) folder() string {
	folder, _, _ := strings.Cut(p.key, "/")
	return folder
}

// row starts the scenario's entry in the results.
func (p *planned) row() reports.Scenario {
	return reports.Scenario{ID: p.ID, Feature: p.Feature, Name: p.Name, UseCase: useCase(p.Requirements), Requirements: p.Requirements, Steps: []reports.Step{}}
}
