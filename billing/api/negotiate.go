package api

import (
	"mime"
	"slices"
	"strconv"
	"strings"
)

// format is one way in which an answer can be written.
type format string

// The formats. JSON-LD is the default of the stack that this API follows (facts.md, section 5).
const (
	formatJSONLD format = "jsonld"
	formatJSON   format = "json"
	formatCSV    format = "csv"
	formatLines  format = "jsonl"
	formatHTML   format = "html"
)

func (f format) mediaType() string {
	switch f {
	case formatJSONLD:
		return "application/ld+json"
	case formatCSV:
		return "text/csv"
	case formatLines:
		return "application/x-ndjson"
	case formatHTML:
		return "text/html"
	case formatJSON:
	}
	return "application/json"
}

// negotiate picks the format of an answer among those offered, the first of which is the default. An empty Accept
// takes anything. It is false where nothing that is accepted is offered.
func negotiate(accept string, offered []format) (format, bool) {
	if strings.TrimSpace(accept) == "" {
		return offered[0], true
	}
	best, bestQ := format(""), 0.0
	for _, f := range offered {
		if q := quality(accept, f.mediaType()); q > bestQ {
			best, bestQ = f, q
		}
	}
	return best, bestQ > 0
}

// quality is the weight that an Accept header gives a media type: that of the most precise range which covers it.
func quality(accept, media string) float64 {
	family, _, _ := strings.Cut(media, "/")
	ranges := []string{"*/*", family + "/*", media}
	q, precision := 0.0, -1
	for part := range strings.SplitSeq(accept, ",") {
		name, params, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil {
			continue
		}
		at := slices.Index(ranges, name)
		if at <= precision {
			continue
		}
		weight := 1.0
		if text, given := params["q"]; given {
			if weight, err = strconv.ParseFloat(text, 64); err != nil {
				continue
			}
		}
		q, precision = weight, at
	}
	return q
}
