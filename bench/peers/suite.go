package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/clementine-ope/clementine/bench/reference"
	"github.com/clementine-ope/clementine/reports"
)

// judged is the partner of the demo without triggers, which a collection has no means to answer for.
const judged = `partner: {name: Reference partner}
mode: sync
orange: {listen: "127.0.0.1:0"}
delays: {event: 10s, quiet: 0s, retry: 10s}
` + reference.Declared

// suite judges a fresh partner by the suite, and has newman make the same calls to another one.
func (b *bench) suite(ctx context.Context, out io.Writer) error {
	profile := filepath.Join(b.dir, "partner.yaml")
	if err := os.WriteFile(profile, []byte(judged), 0o600); err != nil {
		return err
	}
	recorded := filepath.Join(b.dir, "recorded")
	if _, err := b.judge(ctx, profile, recorded); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(recorded, "results.json"))
	if err != nil {
		return err
	}
	var results reports.Results
	if err := json.Unmarshal(text, &results); err != nil {
		return err
	}
	collection, calls := collect(results)
	text, err = json.MarshalIndent(collection, "", " ")
	if err != nil {
		return err
	}
	path := filepath.Join(b.dir, "suite.postman_collection.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return err
	}
	t := &table{
		title: fmt.Sprintf("Suite: the same %d requests to the reference partner", calls), unit: "ms, whole process", cpuUnit: "ms of CPU",
		contenders: []contender{
			{"clementine run", func(ctx context.Context) (reading, error) {
				return b.judge(ctx, profile, filepath.Join(b.dir, "judged"))
			}},
			{"newman run", func(ctx context.Context) (reading, error) {
				return b.beside(ctx, profile, func(url string) (reading, error) {
					took, cpu, _, err := finished(ctx, nil, b.bin("newman"), "run", path, "--env-var", "baseURL="+url, "--reporters", "junit",
						"--reporter-junit-export", filepath.Join(b.dir, "newman.xml"))
					return reading{float64(took.Milliseconds()), float64(cpu.Milliseconds())}, err
				})
			}},
		},
		notes: []string{fmt.Sprintf("The suite judges each answer by the contract, plays Orange and writes its five reports (%d scenarios, verdict %s); newman checks the status of each answer, "+
			"takes over ids by the scripts of an exported collection, and writes JUnit. The suite makes up to 4 calls at once, newman one.", len(results.Scenarios), results.Verdict)},
	}
	if err := t.measure(ctx, b.rounds); err != nil {
		return err
	}
	t.print(out)
	return nil
}

// beside starts a reference partner, does something to it, and ends it.
func (b *bench) beside(ctx context.Context, profile string, do func(url string) (reading, error)) (reading, error) {
	partner, err := b.serve(ctx, nil, "/ping", b.clementine, func(port string) []string {
		return []string{"partner", "--profile", profile, "--listen", "127.0.0.1:" + port}
	})
	if err != nil {
		return reading{}, err
	}
	got, err := do(partner.base)
	return got, errors.Join(err, partner.process.stop())
}

func (b *bench) judge(ctx context.Context, profile, into string) (reading, error) {
	return b.beside(ctx, profile, func(url string) (reading, error) {
		took, cpu, _, err := finished(ctx, nil, b.clementine, "run", "--partner", url, "--profile", profile, "--out", into, "--no-reference")
		return reading{float64(took.Milliseconds()), float64(cpu.Milliseconds())}, err
	})
}
