package console

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/fault"
	"github.com/clementine-ope/clementine/web"
)

// maxFaults is how many faults may be armed before the console arms no more.
const maxFaults = 50

// The fields of the form of a fault that are no settings; those are named as on the control port.
const (
	faultKind = "kind"
	faultOn   = "on"
	faultKey  = "key"
)

// faultSettings are the settings of all kinds, in the order of the form.
func faultSettings() []string {
	return []string{"times", "retryAfterSeconds", "delayMs", "status", "bytes", "contentType"}
}

// faultRow is an armed fault.
type faultRow struct {
	ID, Kind, Says, On, Key, Settings string
	Acted                             int
}

type faultForm struct {
	Kinds, On []option
	Inputs    []input
	Problems  []string
	Wrong     map[string]string
	Takes     []faultTaking
}

// faultTaking is what a kind takes, in words.
type faultTaking struct {
	Kind, Says, On string
	Settings       []string
}

func (c *Console) faultRows(r *http.Request) ([]faultRow, error) {
	armed, err := c.options.Orange().Faults(r.Context())
	if err != nil {
		return nil, err
	}
	var out []faultRow
	for _, f := range armed {
		values := map[string]string{"contentType": f.ContentType}
		for name, n := range map[string]int64{
			"times": int64(f.Times), "retryAfterSeconds": int64(f.RetryAfterSeconds), "delayMs": f.DelayMs, "status": int64(f.Status), "bytes": f.Bytes,
		} {
			if n != 0 {
				values[name] = strconv.FormatInt(n, 10)
			}
		}
		var settings []string
		for _, name := range faultSettings() {
			if values[name] != "" {
				settings = append(settings, name+" "+values[name])
			}
		}
		out = append(out, faultRow{
			ID: f.ID, Kind: string(f.Kind), Says: c.text(r, "fault."+string(f.Kind)), On: c.text(r, "entry."+string(f.On)), Key: f.Key,
			Settings: strings.Join(settings, ", "), Acted: f.Acted,
		})
	}
	return out, nil
}

func (c *Console) faultForm(r *http.Request, typed url.Values, wrong map[string]string) faultForm {
	lang := web.VisitOf(r.Context()).Lang
	f := faultForm{Wrong: wrong}
	taken := map[string][]string{}
	for _, k := range fault.References() {
		kind := string(k.Kind)
		f.Kinds = append(f.Kinds, option{kind, kind + " – " + c.text(r, "fault."+kind), kind == typed.Get(faultKind)})
		row := faultTaking{Kind: kind, Says: c.text(r, "fault."+kind)}
		var on []string
		for _, each := range k.On {
			on = append(on, c.text(r, "entry."+each))
		}
		row.On = strings.Join(on, ", ")
		for _, s := range k.Settings {
			row.Settings = append(row.Settings, c.text(r, "fault.setting", s.Name, limitIn(lang, s.Limit), s.Default))
			taken[s.Name] = append(taken[s.Name], kind)
		}
		f.Takes = append(f.Takes, row)
	}
	for _, on := range []fault.Endpoint{fault.OnEvent, fault.OnToken} {
		f.On = append(f.On, option{string(on), c.text(r, "entry."+string(on)), string(on) == typed.Get(faultOn)})
	}
	f.Inputs = append(f.Inputs, input{ID: faultKey, Name: faultKey, Kind: kindText, Value: typed.Get(faultKey), Label: c.text(r, "fault.key"), Help: c.text(r, "fault.keyHelp")})
	for _, name := range faultSettings() {
		in := input{ID: name, Name: name, Kind: kindNumber, Value: typed.Get(name), Problem: wrong[name], Label: c.text(r, "faultField."+name)}
		if in.Help = c.text(r, "faultHelp."+name); name != "times" {
			in.Help += " " + c.text(r, "fault.takenBy", strings.Join(taken[name], ", "))
		}
		if name == "contentType" {
			in.Kind = kindText
		}
		f.Inputs = append(f.Inputs, in)
	}
	for _, each := range append([]string{"", faultKind, faultOn}, faultSettings()...) {
		label := map[string]string{"": "fault.title", faultKind: "fault.kind", faultOn: "fault.endpoint"}[each]
		if label == "" {
			label = "faultField." + each
		}
		if wrong[each] != "" {
			f.Problems = append(f.Problems, c.text(r, "profile.fieldWrong", c.text(r, label), wrong[each]))
		}
	}
	return f
}

// limitIn is what a setting may be, in a language.
func limitIn(lang web.Lang, limit string) string {
	if lang != web.French {
		return limit
	}
	return strings.NewReplacer(" to ", " à ", "or -1 for no end", "ou -1 sans fin", "a media type", "un type de média").Replace(limit)
}

// askedFault is the fault that a form asks for, and what is wrong with it, by field.
func (c *Console) askedFault(r *http.Request) (fault.Spec, map[string]string) {
	form, wrong := r.PostForm, map[string]string{}
	kinds := fault.References()
	i := slices.IndexFunc(kinds, func(k fault.Reference) bool { return string(k.Kind) == form.Get(faultKind) })
	if i < 0 {
		return fault.Spec{}, map[string]string{faultKind: c.text(r, "fault.unknown")}
	}
	kind := kinds[i]
	spec := fault.Spec{Kind: kind.Kind, On: fault.Endpoint(form.Get(faultOn)), Key: strings.TrimSpace(form.Get(faultKey))}
	if spec.On != "" && !slices.Contains(kind.On, string(spec.On)) {
		wrong[faultOn] = c.text(r, "fault.notOn")
	}
	for _, name := range faultSettings() {
		text := strings.TrimSpace(form.Get(name))
		if text == "" {
			continue
		}
		at := slices.IndexFunc(kind.Settings, func(s fault.Setting) bool { return s.Name == name })
		if at < 0 {
			wrong[name] = c.text(r, "fault.notTaken", string(kind.Kind))
			continue
		}
		alone := fault.Spec{Kind: kind.Kind}
		err := setting(&alone, name, text)
		if err == nil {
			_, err = fault.Complete(alone)
		}
		if err != nil {
			wrong[name] = c.text(r, "fault.must", limitIn(web.VisitOf(r.Context()).Lang, kind.Settings[at].Limit))
			continue
		}
		_ = setting(&spec, name, text) // it has just gone well
	}
	return spec, wrong
}

// setting sets one setting of a fault from its text. A number that would be none at all is an error, too.
func setting(s *fault.Spec, name, text string) error {
	if name == "contentType" {
		s.ContentType = text
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n == 0 || n > fault.MostBytes {
		return fmt.Errorf("%s is no number in its limits: %w", name, fault.ErrSetting)
	}
	switch name {
	case "times":
		s.Times = int(n)
	case "retryAfterSeconds":
		s.RetryAfter = int(n)
	case "delayMs":
		s.Delay = time.Duration(n) * time.Millisecond
	case "status":
		s.Status = int(n)
	case "bytes":
		s.Bytes = n
	}
	return nil
}

func (c *Console) addFault(w http.ResponseWriter, r *http.Request, _ caller) error {
	spec, wrong := c.askedFault(r)
	if len(wrong) > 0 {
		return c.gatewayPage(w, r, http.StatusUnprocessableEntity, r.PostForm, wrong)
	}
	armed, err := c.options.Orange().Faults(r.Context())
	if err != nil {
		return err
	}
	if len(armed) >= maxFaults {
		return c.gatewayPage(w, r, http.StatusConflict, r.PostForm, map[string]string{"": c.text(r, "fault.tooMany", maxFaults)})
	}
	_, err = c.options.Orange().AddFault(r.Context(), control.Fault{
		Kind: control.FaultKind(spec.Kind), Key: spec.Key, On: control.FaultEndpoint(spec.On), Times: spec.Times, RetryAfterSeconds: spec.RetryAfter,
		DelayMs: spec.Delay.Milliseconds(), Bytes: spec.Bytes, Status: spec.Status, ContentType: spec.ContentType,
	})
	if err != nil {
		return err
	}
	return goTo(w, r, "/gateway", "faultOn")
}

func (c *Console) removeFault(w http.ResponseWriter, r *http.Request, _ caller) error {
	// It may have gone with a run, or a reset of the mock: then it is off already.
	if err := c.options.Orange().RemoveFault(r.Context(), r.PostForm.Get("id")); err != nil {
		c.log.Debug("remove a fault", "error", err)
	}
	return goTo(w, r, "/gateway", "faultOff")
}
