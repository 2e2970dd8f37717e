package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports/archive"
	"github.com/clementine-ope/clementine/reports/baseline"
	"github.com/clementine-ope/clementine/steps"
	"github.com/clementine-ope/clementine/web"
)

// The fields of the form of a run that are no setting of the profile.
const (
	fieldMode       = "mode"
	fieldOnly       = "only"
	fieldMore       = "more" // requirements and scenarios, besides the use cases of fieldOnly
	fieldLang       = "lang"
	fieldSeed       = "seed"
	fieldChallenge  = "challenge"
	fieldResilience = "resilience"
	fieldAlone      = "noReference"
	fieldBaseline   = "baseline"
	fieldUpload     = "baselineFile"
)

// maxBaseline bounds an uploaded baseline, in bytes; a form with one is a little larger.
const maxBaseline = 4 << 20

// settings are those of the profile that a run may have otherwise.
func settings() []field {
	return []field{
		one(kindURL, "baseURL"), one(kindNumber, "concurrency"), one(kindText, "delays.answer"), one(kindText, "delays.event"), one(kindText, "delays.quiet"),
		one(kindText, "delays.retry"), one(kindText, "delays.visible"),
	}
}

// choosing is the form of a run: what was typed, and what is wrong with it, by field.
type choosing struct {
	form     url.Values
	baseline string
	choices  choices
	document document
	profile  *profile.Profile
	wrong    map[string]string
}

type choice struct {
	ID, Name      string
	Modes, Langs  []option
	UseCases      []option
	More          input
	Bound         []input // seed and challenge
	Settings      []input // of this run, other than the profile's
	Resilience    bool
	Alone         bool
	Baseline      string
	Wrong         map[string]string
	Problems      []string
	Problem       string
	BaseURL       string
	Asks          bool
	Authenticates string
	Plan          []planRow
	Planned       string
	Tuned         bool            // a setting of this run is filled in
	Live          []liveRow       // with Problem: what is under way here
	Elsewhere     []unfinishedRow // and in other programs
}

func (c *Console) chooseRun(w http.ResponseWriter, r *http.Request, by caller) error {
	s, err := c.profiles.get(r.Context(), by.sees(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return c.choosePage(w, r, by, http.StatusOK, s, choosing{}, "", nil)
}

// startRun starts a run, or says what it would call.
func (c *Console) startRun(w http.ResponseWriter, r *http.Request, by caller) error {
	s, err := c.profiles.get(r.Context(), by.sees(), r.PathValue("id"))
	if err != nil {
		return err
	}
	f, err := c.chosen(r, by, s)
	if err != nil {
		return err
	}
	var o steps.Options
	var planned []steps.PlannedScenario
	if len(f.wrong) == 0 {
		o = c.optionsOf(r.Context(), c.calling(by, s), f.profile, f.choices)
		if planned, err = c.planned(r, &f, o); err != nil {
			return err
		}
	}
	if len(f.wrong) > 0 {
		return c.choosePage(w, r, by, http.StatusUnprocessableEntity, s, f, "", nil)
	}
	if r.PostForm.Get("do") == "list" {
		return c.choosePage(w, r, by, http.StatusOK, s, f, "", planned)
	}
	p := f.profile
	b := &begun{
		Run: archive.Run{
			ID: archive.NewID(), Owner: s.Owner, StartedBy: by.name, Partner: p.Partner.Name, Contract: p.Partner.Contract, Mode: string(p.Mode), Offer: p.Offer,
			Selection: strings.Join(o.Only, ","), Suite: o.Version, StartedAt: c.options.Now().UTC(), Baseline: f.choices.Baseline,
		},
		Profile: s.ID, Client: p.Orange.ClientID, Document: f.document.text(), Choices: f.choices,
	}
	if _, err = c.runs.start(r.Context(), b, o); err != nil {
		if status, why := c.noRoom(r, err); status != 0 {
			return c.choosePage(w, r, by, status, s, f, why, nil)
		}
		return err
	}
	return goTo(w, r, "/runs/"+b.ID, "")
}

// noRoom says why a run can't begin, or go on, beside those that are under way; a status of 0 is another error.
func (c *Console) noRoom(r *http.Request, err error) (status int, why string) {
	switch {
	case errors.Is(err, errSame):
		return http.StatusConflict, c.text(r, "choose.same")
	case errors.Is(err, errBusy), errors.Is(err, errClosing):
		return http.StatusServiceUnavailable, c.text(r, "choose.busy", c.options.MaxRuns)
	}
	return 0, ""
}

// chosen reads the form, and says what is wrong with it.
func (c *Console) chosen(r *http.Request, by caller, s stored) (choosing, error) {
	form := r.PostForm
	_, d, _ := readDocument(s.Document)
	f := choosing{form: form, wrong: map[string]string{}, document: document(deepCopy(map[string]any(d)).(map[string]any))}
	f.choices = choices{
		Only: slices.Clone(form[fieldOnly]), Lang: form.Get(fieldLang), Resilience: form.Get(fieldResilience) != "", NoReference: form.Get(fieldAlone) != "",
		Challenge: strings.TrimSpace(form.Get(fieldChallenge)),
	}
	if !slices.Contains(web.Languages(), web.Lang(f.choices.Lang)) {
		f.choices.Lang = string(by.lang)
	}
	known := c.useCases()
	for _, group := range f.choices.Only {
		if !slices.Contains(known, group) {
			f.wrong[fieldOnly] = c.text(r, "choose.noUseCase", group)
		}
	}
	f.choices.Only = append(f.choices.Only, strings.FieldsFunc(form.Get(fieldMore), func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\r' || r == '\t' })...)
	if text := strings.TrimSpace(form.Get(fieldSeed)); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		if f.choices.Seed = seed; err != nil || seed == 0 {
			f.wrong[fieldSeed] = c.text(r, "choose.noSeed")
		}
	}
	if msg := steps.CheckChallenge(f.choices.Challenge); msg != "" {
		f.wrong[fieldChallenge] = c.text(r, "choose.noChallenge")
	}
	if err := c.readBaseline(r, &f); err != nil {
		return f, err
	}
	return f, c.settle(r, by, &f)
}

// settle lays what was chosen for this run over the profile.
func (c *Console) settle(r *http.Request, by caller, f *choosing) error {
	mode := f.form.Get(fieldMode)
	if mode != string(profile.Sync) && mode != string(profile.Async) {
		f.wrong[fieldMode] = c.text(r, "choose.noMode")
		mode = string(profile.Sync)
	}
	f.document.set([]string{"mode"}, mode)
	for _, each := range settings() {
		if strings.TrimSpace(f.form.Get(each.Name)) != "" {
			fill(f.document, each, f.form)
		}
	}
	p, _, problems, err := c.checked(r.Context(), by, f.document.text())
	if err != nil {
		return err
	}
	for _, each := range problems {
		f.wrong[each.Field] = said(by.lang, each.Msg)
	}
	if p == nil {
		return nil
	}
	f.profile = p
	if f.choices.Resilience && p.Mode != profile.Async {
		f.wrong[fieldResilience] = c.text(r, "choose.resilienceAsync")
	}
	if f.choices.Resilience && len(f.choices.Only) > 0 {
		f.wrong[fieldResilience] = c.text(r, "choose.resilienceWhole")
	}
	return nil
}

// readBaseline takes the baseline from the file that was uploaded, or from what was pasted.
func (c *Console) readBaseline(r *http.Request, f *choosing) error {
	f.baseline = strings.ReplaceAll(f.form.Get(fieldBaseline), "\r\n", "\n")
	file, _, err := r.FormFile(fieldUpload)
	switch {
	case errors.Is(err, http.ErrMissingFile), errors.Is(err, http.ErrNotMultipart):
	case err != nil:
		return err
	default:
		defer file.Close()
		text, err := io.ReadAll(io.LimitReader(file, maxBaseline+1))
		if err != nil {
			return fmt.Errorf("read an uploaded baseline: %w", err)
		}
		if len(text) > 0 {
			f.baseline = strings.ToValidUTF8(string(text), "\uFFFD")
		}
	}
	if strings.TrimSpace(f.baseline) == "" {
		f.baseline = ""
		return nil
	}
	if _, err := baseline.Read(strings.NewReader(f.baseline)); err != nil {
		f.wrong[fieldBaseline] = printed(web.VisitOf(r.Context()).Lang, err.Error())
		if len(f.baseline) > maxBaseline {
			f.baseline = ""
		}
	}
	f.choices.Baseline = f.baseline
	return nil
}

// planned is what the run would do; f says what is wrong if that is nothing.
func (c *Console) planned(r *http.Request, f *choosing, o steps.Options) ([]steps.PlannedScenario, error) {
	planned, err := steps.Plan(o)
	var cannot *steps.CannotJudgeError
	if errors.As(err, &cannot) {
		at := fieldMore
		if strings.TrimSpace(f.form.Get(fieldMore)) == "" {
			at = fieldOnly
		}
		f.wrong[at] = strings.TrimPrefix(said(web.VisitOf(r.Context()).Lang, cannot.Sentence), "--only ")
		return nil, nil
	}
	return planned, err
}

// optionsOf are those of a run of a profile with what was chosen for it.
func (c *Console) optionsOf(ctx context.Context, by caller, p *profile.Profile, chosen choices) steps.Options {
	c.atThisOrange(p)
	orange := ownOrange{c.options.Orange(), p.Orange.ClientID}
	o := steps.Options{
		Pack: c.options.Pack, Profile: p, Orange: orange, Only: chosen.Only, Lang: chosen.Lang, TryFixes: true, Seed: chosen.Seed, Challenge: chosen.Challenge,
		Resilience: chosen.Resilience, Version: c.options.Version, Now: c.options.Now, Dial: by.dial,
	}
	if info, err := orange.Info(ctx); err == nil {
		o.GatewayURL = info.GatewayURL
	}
	if c.options.Reference != nil && !chosen.NoReference {
		o.Reference = c.options.Reference(p)
	}
	return o
}
