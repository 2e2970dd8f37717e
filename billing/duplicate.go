package billing

// NaturalKey is what at most one subscription has on any day (F4-2). Reference is in its normal form.
type NaturalKey struct {
	Offer     OfferCode
	Envelope  EnvelopeCode
	Reference string
}

// NaturalKey is the natural key of s.
func (s *Subscription) NaturalKey() NaturalKey {
	return NaturalKey{s.Offer, s.Envelope, NormalText(s.Reference)}
}

// DuplicateOf says whether s and t can't both be: one natural key, and terms that meet. Back to back is a renewal.
func (s *Subscription) DuplicateOf(t *Subscription) bool {
	return s.Term.Overlaps(t.Term) && s.NaturalKey() == t.NaturalKey()
}

// Fingerprint is what suspected duplicates have in common (F4-3).
type Fingerprint struct {
	Offer       OfferCode
	Envelope    EnvelopeCode
	Periodicity Periodicity
	Amount      Minor
}

// Fingerprint is the fingerprint of s, at its last agreed price.
func (s *Subscription) Fingerprint() Fingerprint {
	return Fingerprint{s.Offer, s.Envelope, s.Periodicity, s.Amount()}
}

// The bounds of suspicion: how far apart terms may start, in days, and how alike labels are, out of 100.
const (
	SuspectDays       = 31
	SuspectSimilarity = 80
)

// Suspicious says whether s and t look like one thing recorded twice, and how alike their labels are. It is never a
// reason to refuse: twins exist.
func (s *Subscription) Suspicious(t *Subscription) (similarity int, suspicious bool) {
	apart := int64(s.Term.From) - int64(t.Term.From)
	if apart > SuspectDays || apart < -SuspectDays || s.Fingerprint() != t.Fingerprint() {
		return 0, false
	}
	similarity = Similarity(s.Label, t.Label)
	return similarity, similarity >= SuspectSimilarity
}

// Similarity says how alike two labels are in their normal form, 0 to 100: twice the pairs of neighbouring characters that
// they share, over those that they have (Dice).
func Similarity(a, b string) int {
	a, b = NormalText(a), NormalText(b)
	if a == b {
		return 100
	}
	pairs, left := pairsOf(a)
	_, right := pairsOf(b)
	if left+right == 0 {
		return 0
	}
	shared := 0
	var before rune
	for i, r := range b {
		if pair := [2]rune{before, r}; i > 0 && pairs[pair] > 0 {
			pairs[pair]--
			shared++
		}
		before = r
	}
	return 200 * shared / (left + right)
}

// pairsOf are the pairs of neighbouring characters of s, counted.
func pairsOf(s string) (pairs map[[2]rune]int, total int) {
	pairs = make(map[[2]rune]int)
	var before rune
	for i, r := range s {
		if i > 0 {
			pairs[[2]rune{before, r}]++
			total++
		}
		before = r
	}
	return pairs, total
}
