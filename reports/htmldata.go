package reports

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
)

const (
	htmlChunk     = 50       // exchanges whose bodies are packed together
	htmlPerCall   = 1400     // bytes that one exchange may take in the page, packed, on the average
	htmlFreely    = 1 << 20  // bytes that all of them may take besides
	htmlPackBody  = 64 << 10 // bytes of a packed body
	htmlShortBody = 2 << 10  // bytes of a body where whole ones would take too much
	htmlLeastBody = 400      // bytes of one where that would, too
)

// chunkView is what some exchanges in a row say, packed. A page of thousands opens at once, because a browser unpacks
// only what a reader opens.
type chunkView struct {
	ID   int
	Rows []exchangeView
	Data template.HTML // base64 of a gzip of a JSON array of packedExchange
}

// packedExchange is one exchange as the page's script lays it out, all of it text. An empty part is left out.
type packedExchange struct {
	About        string `json:"about,omitempty"`
	Error        string `json:"error,omitempty"`
	Request      string `json:"request,omitempty"` // line, headers and body
	RequestNote  string `json:"requestNote,omitempty"`
	Response     string `json:"response,omitempty"`
	ResponseNote string `json:"responseNote,omitempty"`
	Curl         string `json:"curl,omitempty"`
	Hurl         string `json:"hurl,omitempty"`
}

// chunks lists the exchanges, and packs those that no finding shows: whole bodies while there is room, then short ones.
func (b *builder) chunks() ([]chunkView, error) {
	var out []chunkView
	left := htmlFreely
	for from := 0; from < len(b.r.Exchanges); from += htmlChunk {
		list := b.r.Exchanges[from:min(from+htmlChunk, len(b.r.Exchanges))]
		left += len(list) * htmlPerCall
		var data string
		for _, limit := range []int{htmlPackBody, htmlShortBody, htmlLeastBody} {
			var err error
			if data, err = b.pack(list, limit); err != nil {
				return nil, err
			}
			// No chunk may take more than a fair share of what is left, or the last ones would be bare.
			if len(data) <= max(left/2, len(list)*htmlPerCall) {
				break
			}
		}
		left -= len(data)
		c := chunkView{ID: from / htmlChunk, Data: template.HTML(data)} // #nosec G203 -- base64
		for i, e := range list {
			row := b.line(e)
			row.Elsewhere, row.Packed = b.placed[e.ID], fmt.Sprintf("%d.%d", c.ID, i)
			c.Rows = append(c.Rows, row)
		}
		out = append(out, c)
	}
	return out, nil
}

func (b *builder) pack(list []Exchange, limit int) (string, error) {
	packed := make([]packedExchange, len(list))
	for i, e := range list {
		if !b.placed[e.ID] {
			packed[i] = b.packed(e, limit)
		}
	}
	raw, err := json.Marshal(packed)
	if err != nil {
		return "", err
	}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err = w.Write(raw); err == nil {
		err = w.Close()
	}
	return base64.StdEncoding.EncodeToString(zipped.Bytes()), err
}

func (b *builder) packed(e Exchange, limit int) packedExchange {
	p := packedExchange{Error: b.show(e.Error)}
	about := []string{b.l.T(e.Direction)}
	if e.Kind != "" {
		about = append(about, visible(e.Kind))
	}
	p.About = strings.Join(append(about, b.offset(e)), ", ")
	if e.Fault != "" {
		p.About += b.l.T("semicolon") + b.l.T("fault") + b.l.T("colon") + b.show(e.Fault)
	}
	var body string
	body, p.RequestNote = b.text(e.Request.Body, limit, true)
	p.Request = message(b.show(e.Request.Method+" "+e.Request.URL), headerLines(e.Request.Headers), body)
	body, p.ResponseNote = b.text(e.Response.Body, limit, true)
	if e.Response.Status != 0 {
		p.Response = message(fmt.Sprint(e.Response.Status), headerLines(e.Response.Headers), body)
	}
	if limit == htmlPackBody {
		p.Curl, p.Hurl = visible(Curl(e)), visibleLines(Hurl(e))
	}
	return p
}

func message(line, headers, body string) string {
	parts := []string{line}
	if headers != "" {
		parts = append(parts, headers)
	}
	if body != "" {
		parts = append(parts, "", body)
	}
	return strings.Join(parts, "\n")
}
