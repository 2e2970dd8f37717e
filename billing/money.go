package billing

// Minor is an amount in the minor units of a currency (cents for EUR). The currency is its offer's.
type Minor int64

// MaxAmount bounds the amount of one revision of a subscription, either way (I6): with it no month, and no window of
// representable days, of one subscription leaves the 64 bits.
const MaxAmount Minor = 1_000_000_000_000

// Decimal6 is a decimal number with up to six decimals, in millionths: a quantity or a unit price.
type Decimal6 int64

// MaxDecimal6 bounds a Decimal6 either way: a million million.
const MaxDecimal6 Decimal6 = 1_000_000_000_000_000_000

// Currency is an ISO 4217 code, such as "EUR".
type Currency string
