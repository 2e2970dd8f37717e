package console

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/web"
)

// armed are the faults that were switched on here, by id. The mock Orange does not list its own.
type armed struct {
	mu  sync.Mutex
	all []control.Fault
}

// maxFaults is how many faults may be armed here at once.
const maxFaults = 20

func (a *armed) list() []control.Fault {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.all)
}

func (a *armed) put(f control.Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, f)
}

func (a *armed) drop(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = slices.DeleteFunc(a.all, func(f control.Fault) bool { return f.ID == id })
}

// faultKinds are those that can be switched on, in the order of their description.
func faultKinds() []control.FaultKind {
	return []control.FaultKind{
		control.FaultUnavailableOnce, control.FaultExpiredOnce, control.FaultCutOnce, control.FaultRefuseAlways, control.FaultTokenRevoked, control.FaultOfferClosed,
		control.FaultRateLimited, control.FaultServerError, control.FaultUnavailable, control.FaultSlow, control.FaultNoAnswer, control.FaultCutBefore,
		control.FaultContentType, control.FaultHugeAnswer, control.FaultGarbage,
	}
}

// entryRow is one call at the mock Orange, as page and script show it.
type entryRow struct {
	Seq         int64  `json:"seq"`
	At          string `json:"at"`
	Kind        string `json:"kind"`
	Call        string `json:"call"`
	Application string `json:"application"`
	Status      string `json:"status"`
	Note        string `json:"note"`
	Body        string `json:"body"`
	Answer      string `json:"answer"`
}

func (c *Console) entryRow(r *http.Request, e control.Entry) entryRow {
	row := entryRow{
		Seq: e.Seq, At: e.At.UTC().Format("15:04:05.000"), Kind: c.text(r, "entry."+string(e.Kind)), Call: e.Method + " " + e.Path, Application: e.Auth.Application,
		Status: "–", Body: printable(e.Body), Answer: printable(e.ResponseBody),
	}
	if e.Status > 0 {
		row.Status = strconv.Itoa(e.Status)
	}
	if e.Grant != nil {
		row.Application = e.Grant.ClientID
		row.Body = "" // credentials
	}
	var notes []string
	if e.Kind == control.KindEvent && e.Auth.State != control.AuthValid {
		notes = append(notes, c.text(r, "entry.auth", string(e.Auth.State)))
	}
	if e.Fault != "" {
		notes = append(notes, c.text(r, "entry.fault", string(e.Fault)))
	}
	for _, v := range e.Violations {
		notes = append(notes, v.Requirement+" "+v.Path+": "+c.text(r, "entry.violation", v.Expected, v.Seen))
	}
	row.Note = strings.Join(notes, "; ")
	return row
}

// printable is a body as far as a page shows it.
func printable(body []byte) string {
	const shown = 4000
	text := strings.ToValidUTF8(string(body[:min(len(body), shown)]), "�")
	if len(body) > shown {
		text += "…"
	}
	return text
}

type gatewayPage struct {
	Facts  gatewayFacts
	Rows   []entryRow // newest first
	Faults []control.Fault
	Kinds  []option
	Form   faultForm
	Wrong  string
	Stream string
}

type faultForm struct{ Kind, Key, On, Times string }

func (c *Console) showGateway(w http.ResponseWriter, r *http.Request, _ caller) error {
	return c.gatewayPage(w, r, http.StatusOK, faultForm{}, "")
}

func (c *Console) gatewayPage(w http.ResponseWriter, r *http.Request, status int, form faultForm, wrong string) error {
	const shown = 100
	d := gatewayPage{Faults: c.faults.list(), Form: form, Wrong: wrong}
	var err error
	if d.Facts, err = c.gateway(r.Context()); err != nil {
		return err
	}
	entries, err := c.options.Orange().Journal(r.Context(), 0)
	if err != nil {
		return err
	}
	last := int64(0)
	if len(entries) > 0 {
		last = entries[len(entries)-1].Seq
	}
	for _, e := range slices.Backward(entries[max(0, len(entries)-shown):]) {
		d.Rows = append(d.Rows, c.entryRow(r, e))
	}
	for _, kind := range faultKinds() {
		d.Kinds = append(d.Kinds, option{string(kind), string(kind) + " – " + c.text(r, "fault."+string(kind)), string(kind) == form.Kind})
	}
	d.Stream = Base + "/gateway/events?after=" + strconv.FormatInt(last, 10)
	c.render(w, r, status, web.Page{Name: "gateway", Title: c.text(r, "gateway.title"), Section: "nav.gateway", Data: d})
	return nil
}

// streamGateway follows the journal until the browser goes.
func (c *Console) streamGateway(w http.ResponseWriter, r *http.Request, _ caller) error {
	entries, err := c.options.Orange().Subscribe(r.Context(), place(r))
	if err != nil {
		return err
	}
	out := openStream(w)
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	text := ": journal\n\n"
	for {
		if out.send(text) != nil {
			return nil // the browser has gone
		}
		select {
		case e, open := <-entries:
			if !open {
				return nil
			}
			text = message(e.Seq, c.entryRow(r, e))
		case <-ticker.C:
			text = ": alive\n\n"
		case <-r.Context().Done():
			return nil
		}
	}
}

func (c *Console) addFault(w http.ResponseWriter, r *http.Request, _ caller) error {
	form := faultForm{r.PostForm.Get("kind"), strings.TrimSpace(r.PostForm.Get("key")), r.PostForm.Get("on"), strings.TrimSpace(r.PostForm.Get("times"))}
	times := 0
	if form.Times != "" {
		var err error
		if times, err = strconv.Atoi(form.Times); err != nil || (times < 1 && times != control.FaultAlways) || times > 1000 {
			return c.gatewayPage(w, r, http.StatusUnprocessableEntity, form, c.text(r, "fault.times"))
		}
	}
	if len(c.faults.list()) >= maxFaults {
		return c.gatewayPage(w, r, http.StatusConflict, form, c.text(r, "fault.tooMany", maxFaults))
	}
	f, err := c.options.Orange().AddFault(r.Context(), control.Fault{
		Kind: control.FaultKind(form.Kind), Key: form.Key, On: control.FaultEndpoint(form.On), Times: times,
	})
	if err != nil {
		if errors.Is(err, r.Context().Err()) {
			return err
		}
		return c.gatewayPage(w, r, http.StatusUnprocessableEntity, form, err.Error())
	}
	c.faults.put(f)
	return goTo(w, r, "/gateway", "faultOn")
}

func (c *Console) removeFault(w http.ResponseWriter, r *http.Request, _ caller) error {
	id := r.PostForm.Get("id")
	if !slices.ContainsFunc(c.faults.list(), func(f control.Fault) bool { return f.ID == id }) {
		return goTo(w, r, "/gateway", "faultOff")
	}
	// It may have gone with a reset of the mock: then it is off already.
	err := c.options.Orange().RemoveFault(r.Context(), id)
	c.faults.drop(id)
	if err != nil {
		c.log.Debug("remove a fault", "error", err)
	}
	return goTo(w, r, "/gateway", "faultOff")
}
