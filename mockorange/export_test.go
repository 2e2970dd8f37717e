package mockorange

import (
	"context"

	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/schemas"
)

// ErrGap is errGap, for tests.
var ErrGap = errGap

// Journal is a journal of any size, for tests.
type Journal struct{ j *journal }

// NewJournal makes one.
func NewJournal(entries int, bytes int64) Journal { return Journal{newJournal(entries, bytes)} }

func (j Journal) Add(e control.Entry)                      { j.j.add(j.j.place(), e) }
func (j Journal) Place() int64                             { return j.j.place() }
func (j Journal) Fill(place int64, e control.Entry)        { j.j.add(place, e) }
func (j Journal) Clear()                                   { j.j.clear() }
func (j Journal) Close()                                   { j.j.close() }
func (j Journal) All(after int64) ([]control.Entry, error) { return j.j.all(after) }
func (j Journal) Subscribe(ctx context.Context, after int64) (<-chan control.Entry, error) {
	return j.j.subscribe(ctx, after)
}

// CheckEvent and EchoEvent are what the gateway makes of a body, for tests.
func CheckEvent(p *schemas.Pack, body []byte) int {
	c, _ := eventReader{p}.check(body)
	return int(c)
}

func EchoEvent(body []byte, id string) []byte         { return echo(body, id) }
func EventKeys(p *schemas.Pack, body []byte) []string { return eventReader{p}.keys(body) }
func EventSchema(p *schemas.Pack, body []byte) string { return eventReader{p}.updateSchema(body) }
