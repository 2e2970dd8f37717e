package devca

import (
	"crypto/tls"
	"fmt"
	"strings"
	"time"
)

// Fault is what is wrong with a certificate on purpose.
type Fault string

// The faults: a caller that checks certificates refuses each of them.
const (
	Expired          Fault = "expired"
	WrongHost        Fault = "wrong-host"
	UnknownAuthority Fault = "unknown-authority"
)

// Faults are all of them.
func Faults() []Fault { return []Fault{Expired, WrongHost, UnknownAuthority} }

// Broken signs a certificate that is wrong in one way and right in all others. An unknown fault is an error that names
// the known ones.
func (a *Authority) Broken(f Fault, hosts ...string) (tls.Certificate, error) {
	switch f {
	case Expired:
		now := time.Now()
		return a.sign(now.AddDate(0, 0, -2), now.AddDate(0, 0, -1), hosts)
	case WrongHost:
		return a.Issue("wrong-host.invalid")
	case UnknownAuthority:
		stranger, err := newAuthority("An authority that nobody knows")
		if err != nil {
			return tls.Certificate{}, err
		}
		return stranger.Issue(hosts...)
	}
	known := make([]string, 0, len(Faults()))
	for _, k := range Faults() {
		known = append(known, string(k))
	}
	return tls.Certificate{}, fmt.Errorf("unknown certificate fault %q: it is %s", f, strings.Join(known, ", "))
}
