package billing

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
)

// Minor is an amount in the minor units of a currency (cents for EUR). The currency is its offer's.
type Minor int64

// MaxAmount bounds the amount of a leaf, and of one revision of a subscription, either way (I6): with it no month, and no
// window of representable days, of one subscription leaves the 64 bits.
const MaxAmount Minor = 1_000_000_000_000

// Add is a + b, or ErrOverflow.
func Add(a, b Minor) (Minor, error) {
	sum := a + b
	if b > 0 && sum < a || b < 0 && sum > a {
		return 0, fmt.Errorf("adding %d and %d: %w", a, b, ErrOverflow)
	}
	return sum, nil
}

// times is a * n, or ErrOverflow.
func times(a Minor, n int64) (Minor, error) {
	hi, lo := bits.Mul64(magnitude(int64(a)), magnitude(n))
	if hi != 0 {
		return 0, fmt.Errorf("multiplying %d by %d: %w", a, n, ErrOverflow)
	}
	return signed(lo, (a < 0) != (n < 0))
}

// divide is num/den rounded half to even: the one rounding of money. den is above 0.
func divide(num, den int64) Minor {
	q, r := num/den, num%den
	if r < 0 {
		q, r = q-1, r+den
	}
	if rest := den - r; r > rest || r == rest && q%2 != 0 {
		q++
	}
	return Minor(q)
}

// product is quantity * price in minor units with the given digits, rounded half to even once, with a 128-bit
// intermediate; ErrOverflow if it doesn't fit.
func product(quantity, price Decimal6, digits int) (Minor, error) {
	hi, lo := bits.Mul64(magnitude(int64(quantity)), magnitude(int64(price)))
	den := uint64(1)
	for range 2*decimals - digits {
		den *= 10
	}
	if hi >= den {
		return 0, fmt.Errorf("multiplying %s by %s: %w", quantity, price, ErrOverflow)
	}
	q, r := bits.Div64(hi, lo, den)
	if rest := den - r; r > rest || r == rest && q%2 != 0 {
		q++
	}
	return signed(q, (quantity < 0) != (price < 0))
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func signed(n uint64, negative bool) (Minor, error) {
	if n > math.MaxInt64 {
		return 0, fmt.Errorf("%d minor units: %w", n, ErrOverflow)
	}
	if negative {
		return -Minor(n), nil
	}
	return Minor(n), nil
}

// decimals is the number of decimals of a Decimal6.
const decimals = 6

// Decimal6 is a decimal number with up to six decimals, in millionths: a quantity or a unit price.
type Decimal6 int64

// MaxDecimal6 bounds a Decimal6 either way: a million million.
const MaxDecimal6 Decimal6 = 1_000_000_000_000_000_000

// ParseDecimal6 reads an optional minus, digits, and optionally a point and one to six digits; no exponent, no plus, no
// spaces. The error quotes what was given.
func ParseDecimal6(s string) (Decimal6, error) {
	n, err := parseScaled(s, decimals, uint64(MaxDecimal6))
	return Decimal6(n), err
}

// String is the shortest form that ParseDecimal6 reads back.
func (d Decimal6) String() string {
	s := formatScaled(int64(d), decimals)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// parseScaled reads a decimal with up to digits decimals as an integer of its last decimal.
func parseScaled(s string, digits int, limit uint64) (int64, error) {
	rest, negative := strings.CutPrefix(s, "-")
	whole, fraction, point := strings.Cut(rest, ".")
	if whole == "" || point && fraction == "" || !allDigits(whole) || !allDigits(fraction) {
		return 0, fmt.Errorf("%q is not a decimal number", s)
	}
	if len(fraction) > digits {
		return 0, fmt.Errorf("%q has more than %d decimals", s, digits)
	}
	n := uint64(0)
	for _, c := range []byte(whole + fraction + strings.Repeat("0", digits-len(fraction))) {
		n = n*10 + uint64(c-'0')
		if n > limit {
			return 0, fmt.Errorf("%q is out of range", s)
		}
	}
	if negative {
		return -int64(n), nil
	}
	return int64(n), nil
}

func formatScaled(n int64, digits int) string {
	sign := ""
	if n < 0 {
		sign = "-"
	}
	s := fmt.Sprintf("%0*d", digits+1, magnitude(n))
	if digits == 0 {
		return sign + s
	}
	return sign + s[:len(s)-digits] + "." + s[len(s)-digits:]
}

func allDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
