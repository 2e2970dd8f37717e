// Package egress connects to addresses that somebody else typed, without letting them reach the network that this
// program stands in.
//
// It owns which addresses may be connected to. It does not own what is sent.
package egress

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// Guard says which addresses may be connected to: all that are public, and those in Allow. A host's name is resolved
// first and the address that is about to be used is looked at, so a name that resolves otherwise the second time, a
// redirect or a number in another spelling change nothing.
type Guard struct {
	Allow []netip.Prefix
}

// RefusedError is a connection that the guard did not make.
type RefusedError struct{ Address netip.Addr }

// Error names the address and what lets it through.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s is not a public address, and the operator has not allowed it", e.Address)
}

// special are the networks that are public by their form and reach the inside all the same, or nobody (RFC 6890).
func special() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"),       // this network
		netip.MustParsePrefix("100.64.0.0/10"),   // carrier-grade NAT, and the metadata service of one cloud
		netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
		netip.MustParsePrefix("192.0.2.0/24"),    // documentation
		netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
		netip.MustParsePrefix("198.51.100.0/24"), // documentation
		netip.MustParsePrefix("203.0.113.0/24"),  // documentation
		netip.MustParsePrefix("240.0.0.0/4"),     // reserved, and broadcast
		netip.MustParsePrefix("64:ff9b::/96"),    // NAT64: an IPv4 address inside
		netip.MustParsePrefix("64:ff9b:1::/48"),  // NAT64 of one's own
		netip.MustParsePrefix("2001::/32"),       // Teredo
		netip.MustParsePrefix("2002::/16"),       // 6to4
		netip.MustParsePrefix("2001:db8::/32"),   // documentation
		netip.MustParsePrefix("::/96"),           // an IPv4 address, written the old way
	}
}

// Permits says whether an address may be connected to.
func (g Guard) Permits(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	in := func(p netip.Prefix) bool { return p.Contains(a) }
	if slices.ContainsFunc(g.Allow, in) {
		return true
	}
	return a.IsGlobalUnicast() && !a.IsPrivate() && !slices.ContainsFunc(special(), in)
}

// Dial connects as net.Dialer does; an address that is not permitted is a *RefusedError. Its signature is that of
// http.Transport.DialContext.
func (g Guard) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	const timeout = 30 * time.Second
	d := net.Dialer{Timeout: timeout, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("read the address %q: %w", address, err)
		}
		if !g.Permits(at.Addr()) {
			return &RefusedError{at.Addr().Unmap()}
		}
		return nil
	}}
	return d.DialContext(ctx, network, address)
}
