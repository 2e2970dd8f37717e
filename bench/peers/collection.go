package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/reports"
)

// The parts of a Postman collection (v2.1.0) that are used here.
type (
	collection struct {
		Info map[string]string `json:"info"`
		Item []item            `json:"item"`
	}
	item struct {
		Name    string  `json:"name"`
		Request request `json:"request"`
		Event   []hook  `json:"event"`
	}
	request struct {
		Method string              `json:"method"`
		URL    string              `json:"url"`
		Header []map[string]string `json:"header"`
		Body   map[string]string   `json:"body,omitempty"`
	}
	hook struct {
		Listen string `json:"listen"`
		Script script `json:"script"`
	}
	script struct {
		Type string   `json:"type"`
		Exec []string `json:"exec"`
	}
)

// collect makes a collection of the calls that a run has made to the partner, in their order. What an answer gave and a later
// call of the scenario needs is carried over by a variable, as a person would write it.
func collect(r reports.Results) (c collection, calls int) {
	c.Info = map[string]string{
		"name": "The suite's calls", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
	}
	for _, s := range r.Scenarios {
		var exchanges []reports.Exchange
		for _, id := range s.Exchanges {
			if e, ok := r.Exchange(id); ok && e.Direction == "orange-to-partner" && e.Error == "" {
				exchanges = append(exchanges, e)
			}
		}
		names := map[string]string{r.Partner.BaseURL: "{{baseURL}}"}
		for i, e := range exchanges {
			c.Item = append(c.Item, itemOf(e, exchanges[i+1:], names, fmt.Sprintf("%s %d", s.ID, i)))
			calls++
		}
	}
	return c, calls
}

func itemOf(e reports.Exchange, later []reports.Exchange, names map[string]string, name string) item {
	put := replacer(names)
	it := item{Name: name, Request: request{Method: e.Request.Method, URL: put.Replace(e.Request.URL)}}
	if types := e.Request.Headers["Content-Type"]; len(types) > 0 {
		it.Request.Header = []map[string]string{{"key": "Content-Type", "value": types[0]}}
	}
	if body := e.Request.Body.Raw(); body != "" {
		it.Request.Body = map[string]string{"mode": "raw", "raw": put.Replace(body)}
	}
	lines := []string{fmt.Sprintf("pm.test('status', () => pm.response.to.have.status(%d));", e.Response.Status)}
	var answer any
	if json.Unmarshal([]byte(e.Response.Body.Raw()), &answer) == nil {
		needed := func(value string) bool {
			return slices.ContainsFunc(later, func(l reports.Exchange) bool {
				return strings.Contains(l.Request.URL, value) || strings.Contains(l.Request.Body.Raw(), value)
			})
		}
		carry(answer, "pm.response.json()", func(value, path string) {
			if names[value] != "" || !needed(value) || strings.Contains(it.Request.URL+e.Request.Body.Raw(), value) {
				return
			}
			variable := fmt.Sprintf("id%d_%d", e.ID, len(lines))
			names[value] = "{{" + variable + "}}"
			lines = append(lines, fmt.Sprintf("pm.collectionVariables.set('%s', %s);", variable, path))
		})
	}
	it.Event = []hook{{"test", script{"text/javascript", lines}}}
	return it
}

// shortestID is the length below which a text is a state or a name, not an id.
const shortestID = 6

// carry calls found with each text of a value that may be an id, and how to get there.
func carry(value any, path string, found func(value, path string)) {
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			carry(value[key], fmt.Sprintf("%s[%q]", path, key), found)
		}
	case []any:
		for i, v := range value {
			carry(v, fmt.Sprintf("%s[%d]", path, i), found)
		}
	case string:
		if len(value) >= shortestID {
			found(value, path)
		}
	}
}

func replacer(names map[string]string) *strings.Replacer {
	var pairs []string
	for old, now := range names {
		pairs = append(pairs, old, now)
	}
	return strings.NewReplacer(pairs...)
}
