package mockorange

import (
	"github.com/clementine-ope/clementine/schemas"
)

// CheckEvent and EchoEvent are what the gateway makes of a body, for tests.
func CheckEvent(p *schemas.Pack, body []byte) int {
	c, _ := eventReader{p}.check(body)
	return int(c)
}

func EchoEvent(body []byte, id string) []byte         { return echo(body, id) }
func EventKeys(p *schemas.Pack, body []byte) []string { return eventReader{p}.keys(body) }
func EventSchema(p *schemas.Pack, body []byte) string { return eventReader{p}.updateSchema(body) }
