package console

import (
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/clementine-ope/clementine/reports/archive"
	"github.com/clementine-ope/clementine/web"
)

// heartbeat is how often a stream shows that it is alive; writePatience how long its reader may take for one piece.
const (
	heartbeat     = 10 * time.Second
	writePatience = 30 * time.Second
)

// happening is one event as page and script show it: texts in the reader's language.
type happening struct {
	Kind    string        `json:"kind"` // scenario | exchange | lost | state
	Seq     int           `json:"seq"`
	Verdict string        `json:"verdict,omitempty"` // state- class
	Word    string        `json:"word,omitempty"`    // the verdict in words
	Text    string        `json:"text,omitempty"`
	Row     template.HTML `json:"row,omitempty"` // of the sequence
	Done    int           `json:"done"`
	Total   int           `json:"total"`
	Reload  bool          `json:"reload,omitempty"` // the page has something new to show: a question, or the end
}

type livePage struct {
	liveRow
	Mode, Selection   string
	Percent           int
	Head              template.HTML // of the sequence
	Scenarios, Events []happening
	Earlier           bool // events are not drawn any more
	Next              int
	Question          *question
	Stream            string
}

// showLive is the page of a run under way: it reads the same without the script that keeps it up to date.
func (c *Console) showLive(w http.ResponseWriter, r *http.Request, by caller, l *live) error {
	s := l.state(0)
	d := livePage{
		liveRow: liveRow{l.run.ID, l.run.Partner, by.at(l.run.StartedAt), s.done, s.total}, Mode: l.run.Mode, Selection: l.run.Selection, Next: s.next, Question: s.asked,
		Stream: s.stream(Base + "/runs/" + l.run.ID),
	}
	if s.total > 0 {
		d.Percent = 100 * s.done / s.total
	}
	n, err := c.narrator(r, l)
	if err != nil {
		return err
	}
	if d.Head, err = n.draw.Head(); err != nil {
		return err
	}
	first := s.next - len(s.events)
	d.Earlier = s.next > drawnEvents
	for i, e := range s.events {
		drawn := i >= len(s.events)-drawnEvents
		if e.scenario == nil && !drawn {
			continue
		}
		h, err := n.tell(first+i, e)
		if err != nil {
			return err
		}
		if e.scenario != nil {
			d.Scenarios = append(d.Scenarios, h)
		}
		if drawn {
			d.Events = append(d.Events, h)
		}
	}
	c.render(w, r, http.StatusOK, web.Page{
		Name: "live", Title: c.text(r, "live.title", l.run.Partner), Section: "nav.runs", Data: d, Trail: []web.Crumb{{Text: c.text(r, "nav.runs"), Path: "/runs"}},
	})
	return nil
}

// stream is where a page that shows this state follows what comes after it; page is its own address.
func (s state) stream(page string) string {
	address := page + "/events?after=" + strconv.Itoa(s.next)
	if s.asked != nil {
		address += "&asked=" + s.asked.ID
	}
	return address
}

// stream is a row of server-sent events.
type stream struct {
	w http.ResponseWriter
	c *http.ResponseController
}

func openStream(w http.ResponseWriter) stream {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	return stream{w, http.NewResponseController(w)}
}

func (s stream) send(text string) error {
	// A connection without deadlines, such as a test's, needs none here.
	_ = s.c.SetWriteDeadline(time.Now().Add(writePatience))
	if _, err := io.WriteString(s.w, text); err != nil {
		return err
	}
	return s.c.Flush()
}

func message(id int64, v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return ": an event cannot be written\n\n"
	}
	return fmt.Sprintf("id: %d\ndata: %s\n\n", id, data)
}

// place is where a stream goes on: after the last event that the browser has seen.
func place(r *http.Request) int64 {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = r.URL.Query().Get("after")
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// streamRun follows a run under way, until it is over or the browser goes.
func (c *Console) streamRun(w http.ResponseWriter, r *http.Request, by caller) error {
	l := c.runs.find(by.sees(), r.PathValue("id"))
	if l == nil {
		// It may have ended while its page was on the way.
		id := r.PathValue("id")
		if _, err := c.archive.Get(r.Context(), by.sees(), id); err != nil {
			if _, err := c.runs.rows.get(r.Context(), by.sees(), id); err != nil {
				return err
			}
		}
		_ = openStream(w).send(message(0, happening{Kind: "state", Reload: true})) // the browser may have gone
		return nil
	}
	return c.follow(w, r, l)
}

// follow tells what happens until it is over, something is asked, or the browser goes.
func (c *Console) follow(w http.ResponseWriter, r *http.Request, l *live) error {
	from, asked := int(place(r)), r.URL.Query().Get("asked")
	n, err := c.narrator(r, l)
	if err != nil {
		return err
	}
	out := openStream(w)
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		s := l.state(from)
		if !out.tell(n, s, from) {
			return nil // the browser has gone
		}
		from = s.next
		now := ""
		if s.asked != nil {
			now = s.asked.ID
		}
		if s.over || now != asked {
			_ = out.send(message(int64(from), happening{Kind: "state", Done: s.done, Total: s.total, Reload: true})) // it is the last one either way
			return nil
		}
		select {
		case <-s.changed:
		case <-ticker.C:
			if out.send(": alive\n\n") != nil {
				return nil
			}
		case <-r.Context().Done():
			return nil
		}
	}
}

// tell sends the events of a state, and says first if some were lost since from; false if nobody listens any more.
func (s stream) tell(n narrator, now state, from int) bool {
	first := now.next - len(now.events)
	if first > from {
		h := n.lost(first - from)
		if h.Done, h.Total = now.done, now.total; s.send(message(int64(first), h)) != nil {
			return false
		}
	}
	for i, e := range now.events {
		h, err := n.tell(first+i, e)
		if err != nil {
			n.c.log.Error("draw a call", "error", err)
		}
		if h.Done, h.Total = now.done, now.total; s.send(message(int64(first+i+1), h)) != nil {
			return false
		}
	}
	return true
}

func (c *Console) stopRun(w http.ResponseWriter, r *http.Request, by caller) error {
	id := r.PathValue("id")
	if l := c.runs.find(by.sees(), id); l != nil {
		l.cancel(errStopped)
	} else if _, err := c.runs.rows.get(r.Context(), by.sees(), id); err == nil {
		if err := c.runs.rows.stop(r.Context(), id); err != nil {
			return err
		}
	} else if _, err := c.archive.Get(r.Context(), by.sees(), id); err != nil {
		return err
	}
	return goTo(w, r, "/runs/"+id, "stopped")
}

// answerRun is a button of a question.
func (c *Console) answerRun(w http.ResponseWriter, r *http.Request, by caller) error {
	l := c.runs.find(by.sees(), r.PathValue("id"))
	if l == nil {
		return archive.ErrNotFound
	}
	return c.answer(w, r, l, "/runs/"+l.run.ID)
}

// answer passes a button of a question on, and leads back to the page at path.
func (c *Console) answer(w http.ResponseWriter, r *http.Request, l *live, path string) error {
	answer := r.PostForm.Get("answer")
	switch answer {
	case answerDone, answerRefused, answerNot:
	default:
		c.site.Error(w, r, http.StatusBadRequest, "error.form")
		return nil
	}
	done := "answered"
	if !l.answer(r.PostForm.Get("question"), answer) {
		done = "answeredBefore"
	}
	return goTo(w, r, path, done)
}
