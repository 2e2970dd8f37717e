package ledger_test

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"

	"github.com/clementine-ope/clementine/mockorange/control"
)

// oracle knows each licence by itself and walks every day: nothing of it is shared with ledger or billing.
type oracle struct {
	licences map[string]*oracleLicence
	prices   map[string][]oraclePrice // by offering, in the order of their days
	days     []oracleDay
}

type oracleLicence struct {
	customer, fleet, offering string
	active                    bool
}

type oraclePrice struct {
	from     time.Time
	price    *big.Rat // of a period
	currency string
	period   string
}

// oracleDay is what everybody holds at the end of a day.
type oracleDay struct {
	day    time.Time
	counts map[oracleKey]oracleCount
}

type oracleKey struct{ customer, fleet, offering string }

type oracleCount struct{ active, suspended int }

func newOracle() *oracle {
	return &oracle{licences: map[string]*oracleLicence{}, prices: map[string][]oraclePrice{}}
}

func (o *oracle) sell(day time.Time, p control.Offering) {
	price, ok := new(big.Rat).SetString(p.Price)
	if !ok {
		panic("price " + p.Price)
	}
	o.prices[p.Code] = append(o.prices[p.Code], oraclePrice{day, price, p.Currency, p.Periodicity})
}

func (o *oracle) priceOn(code string, day time.Time) oraclePrice {
	var in oraclePrice
	for _, p := range o.prices[code] {
		if !p.from.After(day) {
			in = p
		}
	}
	return in
}

// pass ends days up to, and without, another one.
func (o *oracle) pass(from, to time.Time) {
	for day := from; day.Before(to); day = day.AddDate(0, 0, 1) {
		counts := map[oracleKey]oracleCount{}
		for _, l := range o.licences {
			k := oracleKey{l.customer, l.fleet, l.offering}
			c := counts[k]
			if l.active {
				c.active++
			} else {
				c.suspended++
			}
			counts[k] = c
		}
		o.days = append(o.days, oracleDay{day, counts})
	}
}

// halfEven rounds to the nearest integer, halves to the even one.
func halfEven(r *big.Rat) int64 {
	two := big.NewInt(2)
	num := new(big.Int).Mul(r.Num(), two)
	num.Add(num, r.Denom())
	den := new(big.Int).Mul(r.Denom(), two)
	q, rest := new(big.Int).DivMod(num, den, new(big.Int))
	if rest.Sign() == 0 && q.Bit(0) == 1 {
		q.Sub(q, big.NewInt(1))
	}
	return q.Int64()
}

// amount is what so many licences cost in a period, in cents.
func (p oraclePrice) amount(n int) int64 {
	cents := new(big.Rat).Mul(p.price, new(big.Rat).SetInt64(int64(n)*100))
	return halfEven(cents)
}

// oracleTerm is a run of days on which a fleet holds an offering: a month of it is rounded once.
type oracleTerm struct {
	oracleKey
	began time.Time
}

// months is what each customer pays in each month: keys are customer, month and currency.
func (o *oracle) months() map[string]int64 {
	byMonth := map[string]map[oracleTerm]int64{} // of monthly offerings: the amounts in force, summed up over the days
	sums := map[string]int64{}
	began := map[oracleKey]time.Time{}
	for _, d := range o.days {
		month := d.day.Format("2006-01")
		for k := range began {
			if _, holds := d.counts[k]; !holds {
				delete(began, k)
			}
		}
		for k, c := range d.counts {
			if _, on := began[k]; !on {
				began[k] = d.day
			}
			p := o.priceOn(k.offering, d.day)
			at := fmt.Sprint(k.customer, " ", month, " ", p.currency)
			switch p.period {
			case "monthly":
				if byMonth[at] == nil {
					byMonth[at] = map[oracleTerm]int64{}
				}
				byMonth[at][oracleTerm{k, began[k]}] += p.amount(c.active)
			case "weekly":
				if int(d.day.Sub(began[k]).Hours()/24)%7 == 0 {
					sums[at] += p.amount(c.active)
				}
			case "daily":
				sums[at] += p.amount(c.active)
			}
		}
	}
	for at, keys := range byMonth {
		month, err := time.Parse("2006-01", at[len(at)-11:len(at)-4])
		if err != nil {
			panic(err)
		}
		days := int64(month.AddDate(0, 1, -1).Day())
		for _, k := range slices.Collect(maps.Keys(keys)) {
			sums[at] += halfEven(big.NewRat(keys[k], days))
		}
	}
	maps.DeleteFunc(sums, func(_ string, v int64) bool { return v == 0 })
	return sums
}
