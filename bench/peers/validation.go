package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/schemas"
)

// validationRounds is how often all example payloads are validated for one reading.
const validationRounds = 300

// payload is an example of the pack.
type payload struct {
	schema string
	valid  bool
	body   []byte
}

func (b *bench) payloads() ([]payload, error) {
	files, err := filepath.Glob(filepath.Join(b.pack, "examples", "*", "*.json"))
	if err != nil {
		return nil, err
	}
	var all []payload
	for _, f := range files {
		if strings.HasSuffix(f, ".want.json") {
			continue
		}
		body, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		all = append(all, payload{filepath.Base(filepath.Dir(f)), strings.HasPrefix(filepath.Base(f), "valid"), body})
	}
	return all, nil
}

// validation judges the example payloads of the contract pack, and has ajv validate them.
func (b *bench) validation(ctx context.Context, out io.Writer) error {
	all, err := b.payloads()
	if err != nil {
		return err
	}
	pack, err := schemas.LoadDir(b.pack)
	if err != nil {
		return err
	}
	mediaType := "application/json"
	wrong := 0
	for _, p := range all {
		if (len(pack.Judge(p.schema, mediaType, p.body)) == 0) != p.valid {
			wrong++
		}
	}
	var peer struct {
		Compiled float64 `json:"compiled"`
		Payloads int     `json:"payloads"`
		Wrong    int     `json:"wrong"`
		NS       float64 `json:"ns"`
	}
	script := filepath.Join(b.node, "..", "..", "validate.mjs")
	t := &table{
		title: "Validation of one payload, from bytes", unit: "µs a payload", cpuUnit: "µs of CPU a payload",
		contenders: []contender{
			{"clementine: wire form, empties, schema, findings by clause", func(context.Context) (reading, error) {
				began := time.Now()
				for range validationRounds {
					for _, p := range all {
						pack.Judge(p.schema, mediaType, p.body)
					}
				}
				return reading{float64(time.Since(began).Microseconds()) / float64(validationRounds*len(all)), 0}, nil
			}},
			{"ajv: schema", func(ctx context.Context) (reading, error) {
				_, _, output, err := finished(ctx, nil, "node", script, b.pack, fmt.Sprint(validationRounds))
				if err == nil {
					err = json.Unmarshal([]byte(output), &peer)
				}
				if err == nil && peer.Payloads != len(all) {
					err = fmt.Errorf("ajv has seen %d payloads of %d", peer.Payloads, len(all))
				}
				return reading{peer.NS / 1000, 0}, err
			}},
		},
	}
	if err := t.measure(ctx, b.rounds); err != nil {
		return err
	}
	t.notes = append(t.notes, fmt.Sprintf(
		"%d payloads of the contract pack, right and wrong ones; Clementine is mistaken about %d of them, ajv with the pack's schemas alone about %d. ajv takes %.0f ms to compile the schemas.",
		len(all), wrong, peer.Wrong, peer.Compiled/1e6))
	t.print(out)
	return nil
}
