package mockorange

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/state"
)

// heartbeat is how often an event stream shows that it is alive. A reader takes three missed ones for a dead line.
const heartbeat = 10 * time.Second

// streamEvents handles "GET /control/events": the journal as server-sent events, from ?after= or Last-Event-ID on.
func (s *Server) streamEvents(g *gin.Context) {
	from, err := after(g.Request)
	if err != nil {
		writeControl(g, refuse(http.StatusBadRequest, codeInvalidQuery, err.Error()))
		return
	}
	ctx := g.Request.Context()
	entries, err := state.Subscribe(ctx, s.state, from)
	if err != nil {
		writeControl(g, journalFailure(err))
		return
	}
	h := g.Writer.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set(control.JournalHeader, s.state.Journal())
	g.Status(http.StatusOK)
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	text, open := ": journal\n\n", true
	for open {
		_ = http.NewResponseController(g.Writer).SetWriteDeadline(time.Now().Add(writeAnswerTimeout))
		if _, err := io.WriteString(g.Writer, text); err != nil {
			return
		}
		g.Writer.Flush()
		var e control.Entry
		select {
		case e, open = <-entries:
			text = eventText(e)
		case <-ticker.C:
			text = ": alive\n\n"
		}
	}
}

func eventText(e control.Entry) string {
	data, err := json.Marshal(e)
	if err != nil {
		return fmt.Sprintf(": entry %d cannot be written\n\n", e.Seq)
	}
	return fmt.Sprintf("id: %d\ndata: %s\n\n", e.Seq, data)
}
