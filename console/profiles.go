package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/web"
)

// input is a field as it is shown.
type input struct {
	ID, Name, Kind, Label, Help, Value, Problem string
	RowTitle                                    string // of the row that it is in
	Checked, Kept                               bool   // Kept: a secret is there
	Options                                     []option
}

type formSection struct {
	Key    string
	Inputs []input
	Rows   [][]input // where the section is a list
	Open   bool
}

type profileForm struct {
	ID       string // empty for a new one
	Name     string
	Problems []string
	Sections []formSection
	YAML     string // as it was pasted, or as it is kept, without secrets
	Gateway  gatewayFacts
	Pasted   bool
}

// gatewayFacts are what a partner has to set on its own side.
type gatewayFacts struct {
	URL, TokenURL, ClientID string
	Secret                  string // only the one that everybody knows; empty for another
}

func (c *Console) gateway(ctx context.Context) (gatewayFacts, error) {
	info, err := c.options.Orange().Info(ctx)
	return gatewayFacts{info.GatewayURL, info.TokenURL, c.options.ClientID, profile.Known(c.options.ClientSecret)}, err
}

// fresh is what a new form begins with: the least that is valid but for a name and an address.
func fresh() document {
	return document{
		"mode": "sync", "offer": "mba2-beta", "ping": "/ping", "auth": map[string]any{"type": "none"},
		"offerings": []any{
			map[string]any{"code": "NOTES-S", "name": "Notes Standard"}, map[string]any{"code": "NOTES-L", "name": "Notes Large"},
		},
	}
}

func (c *Console) newProfile(w http.ResponseWriter, r *http.Request, _ caller) error {
	return c.profilePage(w, r, http.StatusOK, stored{}, fresh(), nil, "")
}

// readProfile reads one that is kept.
func (c *Console) readProfile(r *http.Request, by caller) (stored, document, error) {
	s, err := c.profiles.get(r.Context(), by.sees(), r.PathValue("id"))
	if err != nil {
		return s, nil, err
	}
	_, d, _ := readDocument(s.Document)
	return s, d, nil
}

func (c *Console) showProfile(w http.ResponseWriter, r *http.Request, by caller) error {
	s, d, err := c.readProfile(r, by)
	if err != nil {
		return err
	}
	return c.profilePage(w, r, http.StatusOK, s, d, nil, "")
}

// checked is what is wrong with a profile for this caller, besides what the command line says.
func (c *Console) checked(ctx context.Context, by caller, text string) (*profile.Profile, document, []*profile.Error, error) {
	p, d, problems := readDocument(text)
	if p == nil {
		return p, d, problems, nil
	}
	if p.BaseURL == "" {
		problems = append(problems, &profile.Error{Field: "baseURL", Msg: "is required: it is the server that is judged"})
	}
	// Calls of an application are its owner's: nobody follows those of somebody else.
	if named, _ := d.get([]any{"orange", "clientID"}).(string); by.account != "" && named != "" {
		own, err := c.options.Partners.Owns(ctx, by.account, named)
		if err != nil {
			return nil, nil, nil, err
		}
		if !own {
			problems = append(problems, &profile.Error{Field: "orange.clientID", Msg: "is not the client id of one of your applications in the developer portal"})
		}
	}
	return p, d, problems, nil
}

func (c *Console) createProfile(w http.ResponseWriter, r *http.Request, by caller) error {
	d := filled(document{}, r.PostForm)
	return c.keepProfile(w, r, by, stored{Owner: by.owner}, d, d.text(), false)
}

func (c *Console) pasteProfile(w http.ResponseWriter, r *http.Request, by caller) error {
	text := strings.ReplaceAll(r.PostForm.Get("yaml"), "\r\n", "\n")
	return c.keepProfile(w, r, by, stored{Owner: by.owner}, nil, text, true)
}

func (c *Console) saveProfile(w http.ResponseWriter, r *http.Request, by caller) error {
	s, before, err := c.readProfile(r, by)
	if err != nil {
		return err
	}
	d := filled(before, r.PostForm)
	return c.keepProfile(w, r, by, s, d, d.text(), false)
}

// keepProfile checks and stores a profile, or shows the form again with what is wrong.
func (c *Console) keepProfile(w http.ResponseWriter, r *http.Request, by caller, s stored, d document, text string, pasted bool) error {
	p, read, problems, err := c.checked(r.Context(), by, text)
	if err != nil {
		return err
	}
	if !pasted {
		problems = append(problems, idleCredentials(r.PostForm)...)
	}
	if len(problems) > 0 {
		if d == nil {
			d = fresh()
		}
		if !pasted {
			text = ""
		}
		return c.profilePage(w, r, http.StatusUnprocessableEntity, s, d, problems, text)
	}
	if d == nil {
		d = read
	}
	s.Name, s.Document = p.Partner.Name, text
	if s.ID != "" {
		err = c.profiles.update(r.Context(), s.ID, s.Name, s.Document)
	} else {
		s.ID, err = c.profiles.create(r.Context(), s)
	}
	if errors.Is(err, errTooManyProfiles) {
		c.site.Error(w, r, http.StatusConflict, "error.tooManyProfiles", maxProfiles)
		return nil
	}
	if err != nil {
		return err
	}
	return goTo(w, r, "/profiles/"+s.ID+"/run", "saved")
}

// idleCredentials refuses credentials that no authentication would use.
func idleCredentials(form url.Values) []*profile.Error {
	if kind := form.Get("auth.type"); kind != "none" && kind != "" {
		return nil
	}
	for _, name := range []string{"auth.user", "auth.password", "auth.token", "auth.name", "auth.value"} {
		if strings.TrimSpace(form.Get(name)) != "" {
			return []*profile.Error{{Field: "auth.type", Msg: "is none, and credentials are filled in: choose what they are for, or leave them empty"}}
		}
	}
	return nil
}

func (c *Console) downloadProfile(w http.ResponseWriter, r *http.Request, by caller) error {
	_, d, err := c.readProfile(r, by)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="partner.yaml"`)
	_, err = w.Write([]byte(d.public().text())) // #nosec G705 -- a download, of type application/yaml
	return err
}

func (c *Console) deleteProfile(w http.ResponseWriter, r *http.Request, by caller) error {
	s, err := c.profiles.get(r.Context(), by.sees(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := errors.Join(c.profiles.remove(r.Context(), s.ID), c.runs.rows.discardOf(r.Context(), s.ID)); err != nil {
		return err
	}
	return goTo(w, r, "/", "profileDeleted")
}

func (c *Console) profilePage(w http.ResponseWriter, r *http.Request, status int, s stored, d document, problems []*profile.Error, pasted string) error {
	facts, err := c.gateway(r.Context())
	if err != nil {
		return err
	}
	f := profileForm{ID: s.ID, Name: s.Name, YAML: pasted, Gateway: facts, Pasted: pasted != ""}
	if f.YAML == "" && s.ID != "" {
		f.YAML = d.public().text()
	}
	all := sections(d)
	byField, labels := map[string]string{}, map[string]string{}
	for _, p := range problems {
		at, label := c.fieldOf(r, all, p.Field)
		if labels[p.Field] = label; !f.Pasted { // the form holds nothing of what was pasted
			byField[at] = said(web.VisitOf(r.Context()).Lang, p.Msg)
		}
	}
	for _, sec := range all {
		f.Sections = append(f.Sections, c.formSection(r, d, sec, byField))
	}
	for _, p := range problems {
		f.Problems = append(f.Problems, c.problem(r, p, labels[p.Field], f.Pasted))
	}
	title := c.text(r, "profile.new")
	trail := []web.Crumb{{Text: c.text(r, "nav.home"), Path: "/"}}
	if s.ID != "" {
		title = c.text(r, "profile.of", s.Name)
	}
	c.render(w, r, status, web.Page{Name: "profile", Title: title, Section: "nav.home", Trail: trail, Data: f})
	return nil
}

// problem is one complaint with the name of its field, or with its line where the profile was pasted.
func (c *Console) problem(r *http.Request, p *profile.Error, label string, pasted bool) string {
	says := said(web.VisitOf(r.Context()).Lang, p.Msg)
	if !pasted && label != "" {
		return c.text(r, "profile.fieldWrong", label, says)
	}
	var where []string
	if pasted && p.Line > 0 {
		where = append(where, c.text(r, "profile.line", p.Line))
	}
	if p.Field != "" {
		where = append(where, p.Field)
	}
	if len(where) == 0 {
		return says
	}
	return c.text(r, "profile.fieldWrong", strings.Join(where, ", "), says)
}

// fieldOf is the input that a complaint is shown at, and its label: its own, or the first one of what it is about.
func (c *Console) fieldOf(r *http.Request, all []section, complaint string) (name, label string) {
	for _, sec := range all {
		for _, f := range sec.Fields {
			if f.Name == complaint || strings.HasPrefix(f.Name, complaint+".") || strings.HasPrefix(f.Name, complaint+"[") {
				label = c.text(r, "field."+f.Key)
				if f.Index > 0 {
					label = c.text(r, "row."+sec.Key, f.Index) + ", " + label
				}
				return f.Name, label
			}
		}
	}
	return complaint, ""
}

func (c *Console) formSection(r *http.Request, d document, sec section, problems map[string]string) formSection {
	out := formSection{Key: sec.Key, Open: slices.Contains([]string{"who", "server", "auth", "offerings"}, sec.Key)}
	for _, f := range sec.Fields {
		in := input{
			ID: strings.NewReplacer(".", "-", "[", "-", "]", "").Replace(f.Name), Name: f.Name, Kind: f.Kind,
			Label: c.text(r, "field."+f.Key), Problem: problems[f.Name],
		}
		if f.Index > 0 {
			in.RowTitle = c.text(r, "row."+sec.Key, f.Index)
		}
		if c.site.Has("help." + f.Key) {
			in.Help = c.text(r, "help."+f.Key)
		}
		value := d.shown(f.path)
		switch f.Kind {
		case kindSecret:
			in.Kept = value != ""
		case kindCheck:
			in.Checked = value == "true"
		default:
			in.Value = value
		}
		for _, choice := range f.Choices {
			text := choice
			if key := "choice." + f.Key + "." + choice; c.site.Has(key) {
				text = c.text(r, key)
			}
			in.Options = append(in.Options, option{choice, text, choice == value})
		}
		out.Open = out.Open || in.Problem != ""
		if f.Index == 0 {
			out.Inputs = append(out.Inputs, in)
			continue
		}
		if len(out.Rows) < f.Index {
			out.Rows = append(out.Rows, nil)
		}
		out.Rows[f.Index-1] = append(out.Rows[f.Index-1], in)
	}
	return out
}
