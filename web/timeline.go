package web

import "math"

// The drawing of a timeline, in units of its viewBox.
const (
	timelineWidth  = 960
	timelineHeight = 300
	plotTop        = 28
	plotBottom     = 262
	plotLeft       = 64
	plotRight      = 952
	barGap         = 3
	scaleSteps     = 5
)

// MonthValue is one month of a timeline: its figure this year and the same month's last year.
type MonthValue struct {
	Month    string // YYYY-MM
	Value    int64
	Previous int64
	Forecast bool // not over yet: what is known now
}

// Timeline is a bar chart of twelve months beside those of the year before, drawn as SVG. Bars start at zero, always.
type Timeline struct {
	Width, Height int
	Summary       string // one sentence that says what the bars show
	Groups        []BarGroup
	Lines         []ScaleLine
	Zero          float64 // y of the zero line
	Left, Right   float64
}

// BarGroup is one month.
type BarGroup struct {
	Month    string
	Middle   float64 // x
	Previous BarShape
	Current  BarShape
	Forecast bool
	Label    string
	LabelX   float64
	LabelY   float64
}

// BarShape is one bar; Text is its figure in full.
type BarShape struct {
	X, Y, Width, Height float64
	Text                string
}

// ScaleLine is one line of the scale.
type ScaleLine struct {
	Y     float64
	Label string
}

// NewTimeline lays the months out. full writes a figure as it is in the table, brief as there is room for above a bar.
func NewTimeline(months []MonthValue, summary string, full, brief func(int64) string) Timeline {
	low, high, unit := scale(months)
	y := func(v float64) float64 {
		return round(plotBottom - (v-low)/(high-low)*(plotBottom-plotTop))
	}
	t := Timeline{Width: timelineWidth, Height: timelineHeight, Summary: summary, Zero: y(0), Left: plotLeft, Right: plotRight}
	for i := range int(math.Round((high-low)/unit)) + 1 {
		v := low + float64(i)*unit
		t.Lines = append(t.Lines, ScaleLine{y(v), brief(int64(math.Round(v)))})
	}
	if len(months) == 0 {
		return t
	}
	step := float64(plotRight-plotLeft) / float64(len(months))
	width := math.Floor((step - 16) / 2)
	bar := func(x float64, v int64) BarShape {
		top, bottom := y(math.Max(0, float64(v))), y(math.Min(0, float64(v)))
		return BarShape{X: round(x), Y: top, Width: width, Height: round(bottom - top), Text: full(v)}
	}
	for i, m := range months {
		middle := plotLeft + (float64(i)+0.5)*step
		g := BarGroup{
			Month: m.Month, Middle: round(middle), Forecast: m.Forecast,
			Previous: bar(middle-width-barGap/2, m.Previous), Current: bar(middle+barGap/2, m.Value),
		}
		if m.Value != 0 {
			g.Label, g.LabelX, g.LabelY = brief(m.Value), round(g.Current.X+width/2), g.Current.Y-6
		}
		t.Groups = append(t.Groups, g)
	}
	return t
}

// scale is the range of the axis and its step: round steps, of which as few as hold zero and every figure.
func scale(months []MonthValue) (low, high, step float64) {
	for _, m := range months {
		for _, v := range []int64{m.Value, m.Previous} {
			low, high = math.Min(low, float64(v)), math.Max(high, float64(v))
		}
	}
	if low == 0 && high == 0 {
		return 0, scaleSteps, 1
	}
	step = niceStep((high - low) / scaleSteps)
	return math.Floor(low/step) * step, math.Ceil(high/step) * step, step
}

// niceStep is the smallest of 1, 2, 2.5 and 5 times a power of ten that is not below v.
func niceStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if m*power >= v {
			return m * power
		}
	}
	return 10 * power
}

func round(v float64) float64 { return math.Round(v*10) / 10 }
