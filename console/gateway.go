package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/web"
)

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
	Faults []faultRow
	Form   faultForm
	Stream string
}

func (c *Console) showGateway(w http.ResponseWriter, r *http.Request, _ caller) error {
	return c.gatewayPage(w, r, http.StatusOK, nil, nil)
}

func (c *Console) gatewayPage(w http.ResponseWriter, r *http.Request, status int, typed url.Values, wrong map[string]string) error {
	const shown = 100
	d := gatewayPage{Form: c.faultForm(r, typed, wrong)}
	var err error
	if d.Faults, err = c.faultRows(r); err != nil {
		return err
	}
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
