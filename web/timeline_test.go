package web_test

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/clementine-ope/clementine/web"
)

func plain(v int64) string { return strconv.FormatInt(v, 10) }

// A bar starts at zero, is as long as its figure says, and stays inside the drawing: whatever the figures.
func TestTimelineIsToScale(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		figure := rapid.Int64Range(-1e15, 1e15)
		if rapid.Bool().Draw(t, "no negatives") {
			figure = rapid.Int64Range(0, 1e6)
		}
		months := make([]web.MonthValue, 12)
		largest := int64(0)
		for i := range months {
			months[i] = web.MonthValue{Month: "2026-01", Value: figure.Draw(t, "value"), Previous: figure.Draw(t, "previous")}
			largest = max(largest, abs(months[i].Value), abs(months[i].Previous))
		}
		got := web.NewTimeline(months, "", plain, plain)
		if largest == 0 {
			return
		}
		perUnit := 0.0
		for i, g := range got.Groups {
			for _, bar := range []struct {
				shape web.BarShape
				value int64
			}{{g.Current, months[i].Value}, {g.Previous, months[i].Previous}} {
				edge := bar.shape.Y
				if bar.value >= 0 {
					edge = bar.shape.Y + bar.shape.Height
				}
				if math.Abs(edge-got.Zero) > 0.11 {
					t.Fatalf("the bar of %d leaves from %g, not from zero at %g", bar.value, edge, got.Zero)
				}
				if bar.shape.Y < 0 || bar.shape.Y+bar.shape.Height > float64(got.Height) || bar.shape.X < got.Left || bar.shape.X+bar.shape.Width > got.Right {
					t.Fatalf("the bar of %d is outside: %+v", bar.value, bar.shape)
				}
				if abs(bar.value) == largest {
					perUnit = bar.shape.Height / float64(largest)
				}
			}
		}
		for i, g := range got.Groups {
			if want := float64(abs(months[i].Value)) * perUnit; math.Abs(g.Current.Height-want) > 0.3 {
				t.Fatalf("the bar of %d is %g high, want %g", months[i].Value, g.Current.Height, want)
			}
		}
	})
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

func TestTimelineOfNothing(t *testing.T) {
	t.Parallel()
	got := web.NewTimeline([]web.MonthValue{{Month: "2026-01"}}, "", plain, plain)
	if len(got.Groups) != 1 || got.Groups[0].Current.Height != 0 || got.Groups[0].Label != "" {
		t.Errorf("a month of nothing is drawn as %+v", got.Groups)
	}
}
