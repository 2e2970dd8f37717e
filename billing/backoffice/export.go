package backoffice

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/sheet"
)

// exportStall is how long a reader of an export may take nothing before it is cut off.
const exportStall = 30 * time.Second

// export streams the list as a table for spreadsheets: the filters and the order of the screen, every row.
func (b *Backoffice) export(c *gin.Context, by caller) error {
	query := c.Request.URL.Query()
	format := query.Get("format")
	dialect, known := map[string]sheet.Dialect{"csv": {BOM: true}, "csv-fr": {French: true, BOM: true}}[format]
	if !known {
		return &badQuery{"error.filterValue", []any{"format", format}}
	}
	q, err := readList(query, by.today, "format")
	if err != nil {
		return err
	}
	c.Header("Content-Type", sheet.MediaType)
	c.Header("Content-Disposition", `attachment; filename="subscriptions-`+by.today.String()+`.csv"`)
	out := sheet.NewWriter(&steady{c.Writer, http.NewResponseController(c.Writer)}, dialect)
	if err = out.Head(b.exportHead(c)...); err != nil {
		b.cutOff(c, err)
		return nil
	}
	err = b.store.StreamSubscriptions(c.Request.Context(), by.scope, q.filter, q.order, func(s *billing.Subscription) error {
		last, _ := s.Term.Last()
		return out.Row(sheet.Text(string(s.ID)), sheet.Text(s.Reference), sheet.Text(s.Label), sheet.Text(string(s.Offer)),
			sheet.Text(string(s.Envelope)), sheet.Text(string(s.Periodicity)), sheet.Text(string(s.Rule)),
			sheet.Number(s.Currency.Format(s.Amount())), sheet.Text(string(s.Currency)), sheet.Text(s.Term.From.String()),
			sheet.Text(last.String()), sheet.Text(string(s.StatusOn(by.today))))
	})
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		b.cutOff(c, err)
	}
	return nil
}

func (b *Backoffice) exportHead(c *gin.Context) []string {
	names := make([]string, 0, 12)
	for _, key := range []string{"id", "reference", "label", "offer", "envelope", "periodicity", "rule", "amount", "currency",
		"startDate", "endDate", "status"} {
		names = append(names, b.site.Text(c.Request, "field."+key))
	}
	return names
}

// cutOff ends an export that has begun by breaking the connection: half a table must not look like a whole one.
func (b *Backoffice) cutOff(c *gin.Context, err error) {
	b.log.Error("export cut off", "error", err)
	// With its deadline over, the server cannot end the answer as if it were complete, and closes the connection.
	_ = http.NewResponseController(c.Writer).SetWriteDeadline(time.Unix(1, 0))
}

// steady renews the deadline of the connection at each write, so that a slow reader is served and a stalled one is not.
type steady struct {
	to         http.ResponseWriter
	controller *http.ResponseController
}

// Write writes to the connection.
func (s *steady) Write(p []byte) (int, error) {
	// Where there is no connection (a recorder, in tests), there is no deadline to set.
	_ = s.controller.SetWriteDeadline(time.Now().Add(exportStall))
	n, err := s.to.Write(p)
	if err != nil {
		return n, fmt.Errorf("write export: %w", err)
	}
	return n, nil
}

// exportLink is the address of the export of a list.
func exportLink(u *url.URL, format string) string {
	values := u.Query()
	for _, name := range []string{"cursor", "done"} {
		values.Del(name)
	}
	values.Set("format", format)
	return "/subscriptions/export?" + values.Encode()
}
