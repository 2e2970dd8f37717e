package egress_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/internal/egress"
)

func TestPermits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		address string
		want    bool
	}{
		{"1.1.1.1", true}, {"8.8.8.8", true}, {"2606:4700:4700::1111", true}, {"172.32.0.1", true},
		{"127.0.0.1", false}, {"127.9.9.9", false}, {"::1", false}, {"::ffff:127.0.0.1", false}, {"0.0.0.0", false}, {"::", false},
		{"10.0.0.1", false}, {"172.16.0.1", false}, {"192.168.1.1", false}, {"fd00::1", false}, {"fc00::1", false}, {"::ffff:10.0.0.1", false},
		{"169.254.169.254", false}, {"fe80::1", false}, {"fd00:ec2::254", false}, {"100.100.100.200", false},
		{"224.0.0.1", false}, {"ff02::1", false}, {"255.255.255.255", false}, {"0.1.2.3", false}, {"192.0.0.192", false},
		{"64:ff9b::7f00:1", false}, {"2002:7f00:1::", false}, {"2001:0:1::", false}, {"::7f00:1", false},
	} {
		if got := (egress.Guard{}).Permits(netip.MustParseAddr(tt.address)); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.address, got, tt.want)
		}
	}
}

func TestPermitsWhatIsAllowed(t *testing.T) {
	t.Parallel()
	g := egress.Guard{Allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00::/64")}}
	for address, want := range map[string]bool{
		"10.1.2.3": true, "::ffff:10.1.2.3": true, "fd00::9": true, "10.2.0.1": false, "127.0.0.1": false, "9.9.9.9": true,
	} {
		if got := g.Permits(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
}

// A server on this machine is not reached, under whatever name it is called, nor by a redirect of another one.
func TestDialLooksAtTheAddressItself(t *testing.T) {
	t.Parallel()
	called := false
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer inside.Close()
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(inside.URL, "http://"))
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"} {
		client := &http.Client{Transport: &http.Transport{DialContext: egress.Guard{}.Dial}}
		response, err := client.Get("http://" + host + ":" + port)
		if err == nil {
			_ = response.Body.Close()
		}
		var refused *egress.RefusedError
		if !errors.As(err, &refused) {
			t.Errorf("%s: %v, want a *RefusedError", host, err)
		}
	}
	if called {
		t.Error("the server inside was called")
	}
	allowed := egress.Guard{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	outside := httptest.NewServer(http.RedirectHandler("http://[::1]:"+port, http.StatusFound))
	defer outside.Close()
	client := &http.Client{Transport: &http.Transport{DialContext: allowed.Dial}}
	response, err := client.Get(outside.URL)
	if err == nil {
		_ = response.Body.Close()
	}
	var refused *egress.RefusedError
	if !errors.As(err, &refused) {
		t.Errorf("a redirect inside: %v, want a *RefusedError", err)
	}
	if response, err = client.Get(inside.URL); err != nil {
		t.Fatalf("an allowed address: %v", err)
	}
	_ = response.Body.Close()
	if !called {
		t.Error("an allowed server was not called")
	}
}
