package billing

// MaxBudget bounds a budget, in minor units: a thousand times the greatest amount of a subscription.
const MaxBudget Minor = 1_000_000_000_000_000

// The years that a budget can be of: those that are written with four digits, without the zeros that hide a slip.
const (
	firstBudgetYear = 1000
	lastBudgetYear  = 9999
)

// BudgetKey says what a budget is of: a year of an offer, paid from an envelope. Each pair has its own, because one of an envelope over
// several offers would tell those who see one of them what is spent on the others (F8-9).
type BudgetKey struct {
	Offer    OfferCode
	Envelope EnvelopeCode
	Year     int
}

// Budget is what is meant to be spent, before tax, in the offer's currency. It stops nothing: costs are held against it.
type Budget struct {
	BudgetKey

	Currency  Currency
	Amount    Minor
	Version   int // from 1
	UpdatedAt Instant
}

// BudgetState is how a budget does.
type BudgetState string

// The states, the worst last.
const (
	BudgetWithin   BudgetState = "within"   // the year as it is known stays within it
	BudgetExpected BudgetState = "expected" // the year as it is known goes beyond it
	BudgetExceeded BudgetState = "exceeded" // the months that are over have gone beyond it
)

// BudgetReport is a budget and the costs of its offer and envelope: in its year and in the year before.
type BudgetReport struct {
	Budget

	Months   [12]Minor // of the year
	Actual   Minor     // of the months that were over
	Forecast Minor     // of all its months: what is stored, as if it went on as agreed
	Previous Minor     // of all months of the year before
}

// State is how the budget does.
func (r *BudgetReport) State() BudgetState {
	switch {
	case r.Actual > r.Amount:
		return BudgetExceeded
	case r.Forecast > r.Amount:
		return BudgetExpected
	}
	return BudgetWithin
}

// Remaining is what the forecast leaves of the budget, below zero where it goes beyond: ErrOverflow if that leaves 64 bits.
func (r *BudgetReport) Remaining() (Minor, error) {
	less, err := times(r.Forecast, -1)
	if err != nil {
		return 0, err
	}
	return Add(r.Amount, less)
}

// Against holds b against the roll-up of its offer and envelope, up to the end of its year at least, by rising month: months before
// current are over. ErrOverflow if a figure leaves 64 bits.
func (b Budget) Against(rows []MonthDelta, current Month) (BudgetReport, error) {
	r := BudgetReport{Budget: b}
	var err error
	if _, r.Previous, err = FoldYear(rows, b.Year-1); err != nil {
		return r, err
	}
	if r.Months, r.Forecast, err = FoldYear(rows, b.Year); err != nil {
		return r, err
	}
	for i, cost := range r.Months {
		if NewMonth(b.Year, 1)+Month(i) >= current {
			break
		}
		if r.Actual, err = Add(r.Actual, cost); err != nil {
			return r, err
		}
	}
	return r, nil
}

// CheckBudget is an *InvalidError if a year or an amount is not one of a budget.
func CheckBudget(k BudgetKey, amount Minor) error {
	var v violations
	if k.Year < firstBudgetYear || k.Year > lastBudgetYear {
		v.add("year", CodeOutOfRange, "must be between %d and %d", firstBudgetYear, lastBudgetYear)
	}
	if amount < 0 || amount > MaxBudget {
		v.add("amount", CodeOutOfRange, "must be between 0 and %d of the smallest unit", MaxBudget)
	}
	return v.err()
}

// BudgetFilter keeps the budgets of a year, of some offers and of some envelopes; none given is all.
type BudgetFilter struct {
	Year      int
	Offers    []OfferCode
	Envelopes []EnvelopeCode
}

// BudgetPage is a part of the budgets, by offer and envelope.
type BudgetPage struct {
	Items []BudgetReport
	Pages
}
