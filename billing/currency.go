package billing

import (
	"fmt"
	"math"
	"strings"
)

// Currency is an ISO 4217 code, such as "EUR".
type Currency string

// The codes of ISO 4217 by the number of digits after the point. Locale data (CLDR) gives other digits for some of them,
// for display; amounts are kept with those of the standard.
const (
	noDigits = " BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF "
	two      = " AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW" +
		" CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR" +
		" ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV" +
		" MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD" +
		" SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG "
	three = " BHD IQD JOD KWD LYD OMR TND "
	four  = " CLF UYW "
)

// Digits is the number of digits after the point; ok is false for a code that ISO 4217 doesn't have.
func (c Currency) Digits() (digits int, ok bool) {
	if len(c) != 3 || strings.Contains(string(c), " ") {
		return 0, false
	}
	for _, group := range []struct {
		codes  string
		digits int
	}{{two, 2}, {noDigits, 0}, {three, 3}, {four, 4}} {
		if strings.Contains(group.codes, " "+string(c)+" ") {
			return group.digits, true
		}
	}
	return 0, false
}

// Format is the amount as a decimal string with exactly the currency's digits: "29.99", "-0.05", "300" for XOF. An
// unknown currency has no digits.
func (c Currency) Format(amount Minor) string {
	digits, _ := c.Digits()
	return formatScaled(int64(amount), digits)
}

// Parse reads a decimal string with at most the currency's digits. The error quotes what was given.
func (c Currency) Parse(s string) (Minor, error) {
	digits, ok := c.Digits()
	if !ok {
		return 0, fmt.Errorf("%q is not a currency of ISO 4217", string(c))
	}
	n, err := parseScaled(s, digits, math.MaxInt64)
	return Minor(n), err
}
