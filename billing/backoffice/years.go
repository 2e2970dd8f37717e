package backoffice

import (
	"fmt"
	"math"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/web"
)

// The years that a page can be asked for: one more on either side can be written as a date.
const (
	firstYear = 2
	lastYear  = 9998
)

// yearSwitch leads from a year to those beside it.
type yearSwitch struct {
	Year                         int
	Previous, Next               int
	PreviousLink, NextLink, This string
}

// chosenYear is the year parameter, or the year of today.
func chosenYear(c *gin.Context, by caller) (int, error) {
	text := c.Query("year")
	if text == "" {
		y, _, _ := by.today.Civil()
		return y, nil
	}
	y, err := strconv.Atoi(text)
	if err != nil || y < firstYear || y > lastYear {
		return 0, &badQuery{"error.filterValue", []any{"year", text}}
	}
	return y, nil
}

func switchYear(u *url.URL, year int) yearSwitch {
	at := func(y int) string { return web.With(u, "year", strconv.Itoa(y)) }
	s := yearSwitch{Year: year, Previous: year - 1, Next: year + 1, This: strconv.Itoa(year)}
	if year > firstYear {
		s.PreviousLink = at(year - 1)
	}
	if year < lastYear {
		s.NextLink = at(year + 1)
	}
	return s
}

// timeline draws months and says in one sentence what they show.
func (b *Backoffice) timeline(c *gin.Context, by caller, months []web.MonthValue, currency billing.Currency) web.Timeline {
	full := func(v int64) string { return by.money(billing.Minor(v), currency) }
	if len(months) == 0 {
		return web.Timeline{}
	}
	highest, lowest := months[0], months[0]
	var total, previous int64
	for _, m := range months {
		if m.Value > highest.Value {
			highest = m
		}
		if m.Value < lowest.Value {
			lowest = m
		}
		total, previous = total+m.Value, previous+m.Previous
	}
	summary := b.site.Text(c.Request, "timeline.summary", full(total), full(previous),
		by.lang.Month(highest.Month), full(highest.Value), by.lang.Month(lowest.Month), full(lowest.Value))
	return web.NewTimeline(months, summary, full, func(v int64) string { return by.brief(v, currency) })
}

// brief is a figure as there is room for above a bar: three digits, at the price of exactness, which the table has.
func (by caller) brief(v int64, currency billing.Currency) string {
	digits, _ := currency.Digits()
	units := float64(v) / math.Pow10(digits)
	suffix := ""
	for _, step := range []struct {
		from   float64
		suffix string
	}{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if math.Abs(units) >= step.from {
			units, suffix = units/step.from, "\u00a0"+step.suffix
			break
		}
	}
	decimals := 0
	if units != math.Trunc(units) && math.Abs(units) < 100 {
		decimals = 1
	}
	return by.lang.Number(fmt.Sprintf("%.*f", decimals, units)) + suffix
}

// change is by how much a figure differs from the one before, in percent; "" where that says nothing.
func (by caller) change(now, before billing.Minor) string {
	if before <= 0 {
		return ""
	}
	percent := float64(now-before) / float64(before) * 100
	sign := ""
	if percent > 0 {
		sign = "+"
	}
	number := sign + by.lang.Number(strconv.FormatFloat(percent, 'f', 1, 64))
	if by.lang == web.French {
		return number + "\u00a0%"
	}
	return number + "%"
}
