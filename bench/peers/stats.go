package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// reading is one measurement: a figure in the unit of its table, and the processor time behind it, zero where it is not known.
type reading struct{ value, cpu float64 }

// contender is one of those that are measured in turn.
type contender struct {
	name string
	run  func(context.Context) (reading, error)
}

// table is what one comparison prints: the first contender is ours, or the one that the others are held against.
type table struct {
	title, unit, cpuUnit string
	more                 bool // whether a larger figure is better
	contenders           []contender
	notes                []string
	readings             map[string][]reading
}

// measure runs each contender once to warm it up, and then once a round, every other round in the opposite order: what
// disturbs the machine meanwhile disturbs all of them.
func (t *table) measure(ctx context.Context, rounds int) error {
	t.readings = map[string][]reading{}
	order := slices.Clone(t.contenders)
	for round := range rounds + 1 {
		for _, c := range order {
			got, err := c.run(ctx)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", t.title, c.name, err)
			}
			if round > 0 {
				t.readings[c.name] = append(t.readings[c.name], got)
			}
		}
		slices.Reverse(order)
	}
	return nil
}

// quartiles of a list that is not empty: the nearest of its values.
func quartiles(list []float64) (q1, median, q3 float64) {
	sorted := slices.Sorted(slices.Values(list))
	at := func(part float64) float64 { return sorted[int(math.Round(part*float64(len(sorted)-1)))] }
	return at(0.25), at(0.5), at(0.75)
}

func spread(list []float64) string {
	q1, median, q3 := quartiles(list)
	return fmt.Sprintf("%s [%s, %s]", figure(median), figure(q1), figure(q3))
}

func figure(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// ratios are those of the first contender to another one, round by round; above 1 the first is better.
func (t *table) ratios(name string, of func(reading) float64, more bool) []float64 {
	var list []float64
	for i, ours := range t.readings[t.contenders[0].name] {
		a, b := of(ours), of(t.readings[name][i])
		if !more {
			a, b = b, a
		}
		list = append(list, a/b)
	}
	return list
}

// print writes the table in Markdown.
func (t *table) print(w io.Writer) {
	fmt.Fprintf(w, "\n### %s\n\n| | %s: median [quartiles] | %s | times better, %s | times less CPU |\n|---|---|---|---|---|\n",
		t.title, t.unit, t.cpuUnit, t.contenders[0].name)
	for i, c := range t.contenders {
		values, cpus := make([]float64, 0), make([]float64, 0)
		for _, r := range t.readings[c.name] {
			values, cpus = append(values, r.value), append(cpus, r.cpu)
		}
		cells := []string{c.name, spread(values), "–", "", ""}
		if slices.Min(cpus) > 0 {
			cells[2] = spread(cpus)
		}
		if i > 0 {
			cells[3] = spread(t.ratios(c.name, func(r reading) float64 { return r.value }, t.more))
			if slices.Min(cpus) > 0 && t.readings[t.contenders[0].name][0].cpu > 0 {
				cells[4] = spread(t.ratios(c.name, func(r reading) float64 { return r.cpu }, false))
			}
		}
		fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
	}
	for _, n := range t.notes {
		fmt.Fprintf(w, "\n%s\n", n)
	}
}
