package harness

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/clementine-ope/clementine/mockorange/control"
)

// Blame says whose a problem is that keeps the suite from running.
type Blame string

// The four parties that a run can stumble over.
const (
	BlamePartner       Blame = "partner"
	BlameConfiguration Blame = "configuration"
	BlameNetwork       Blame = "network"
	BlameClementine    Blame = "clementine"
)

// Problem is why nothing can be judged, in one sentence, and whose it is.
type Problem struct {
	Blame    Blame
	Sentence string
}

func (p *Problem) Error() string { return p.Sentence + " (" + string(p.Blame) + ")" }

// Preflight looks once, before the suite, at what would make every scenario fail: the profile against the contract, the
// way to the partner, any HTTP answer of its own, and the gateway. Any HTTP answer will do: that to its ping is GEN-01's.
func (r *Run) Preflight(ctx context.Context) *Problem {
	if p := r.checkProfile(ctx); p != nil {
		return p
	}
	e := r.pack.Endpoint("ping")
	a, err := r.http.send(ctx, e.Method, "/"+strings.TrimLeft(r.profile.Ping, "/"), "", nil)
	if err != nil {
		return &Problem{BlameConfiguration, fmt.Sprintf("No request can be made to %s: %v.", r.profile.BaseURL, err)}
	}
	if a.Status == 0 && a.Err != nil && !r.answersElsewhere(ctx) {
		return r.whyNoAnswer(a.Err)
	}
	switch a.Status {
	case http.StatusNotFound:
		if p := r.checkDoubled(ctx); p != nil {
			return p
		}
	case http.StatusUnauthorized:
		if p := r.checkCredentials(ctx); p != nil {
			return p
		}
	}
	return r.checkGateway(ctx)
}

// answersElsewhere asks for a fleet that nobody has: a server that answers that, whatever it says, is there to be judged, and
// its ping is GEN-01's.
func (r *Run) answersElsewhere(ctx context.Context) bool { return r.askElsewhere(ctx) != 0 }

// askElsewhere is the status of the answer; 0 for none.
func (r *Run) askElsewhere(ctx context.Context) int {
	e := r.pack.Endpoint("licences")
	a, err := r.http.send(ctx, e.Method, e.Path+"?"+e.Query["fleet"]+"="+url.QueryEscape(r.seed.id("NO-SUCH-FLEET", "preflight")), "", nil)
	if err != nil {
		return 0
	}
	return a.Status
}

// checkCredentials looks for a server that lets no call in: what it is, nobody can tell.
func (r *Run) checkCredentials(ctx context.Context) *Problem {
	if r.askElsewhere(ctx) != http.StatusUnauthorized {
		return nil
	}
	if r.profile.Auth.Type == "none" {
		return &Problem{BlameConfiguration, fmt.Sprintf("%s answers 401 to ping and to a consultation: it asks for credentials, and the profile says that it asks for none (auth.type).", r.profile.BaseURL)}
	}
	return &Problem{BlameConfiguration, fmt.Sprintf("%s answers 401 to ping and to a consultation: it does not take the credentials of the profile (auth).", r.profile.BaseURL)}
}

// checkDoubled looks for a base URL that has the beginning of the calls' paths in it, where neither ping nor another call
// is found.
func (r *Run) checkDoubled(ctx context.Context) *Problem {
	base := strings.TrimRight(r.profile.BaseURL, "/")
	for _, role := range []string{"order", "licences", "update"} {
		whole := strings.TrimRight(r.pack.Endpoint(role).Path, "/")
		for _, begin := range []string{whole, path.Dir(whole)} {
			if len(begin) > 1 && strings.HasSuffix(base, begin) && r.askElsewhere(ctx) == http.StatusNotFound {
				return &Problem{BlameConfiguration, fmt.Sprintf("The base URL %s ends with %s, with which the paths of the calls begin already: leave it out of the base URL.", r.profile.BaseURL, begin)}
			}
		}
	}
	return nil
}

func (r *Run) checkProfile(ctx context.Context) *Problem {
	u, err := url.Parse(r.profile.BaseURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return &Problem{BlameConfiguration, fmt.Sprintf("The partner's base URL %q is no http or https URL: set baseURL in the profile or --partner.", r.profile.BaseURL)}
	}
	for name, t := range r.profile.Triggers {
		if t.HTTP == nil {
			continue
		}
		filled := strings.NewReplacer("{base}", r.http.base, "{licence}", "L", "{fleet}", "F", "{customer}", "C").Replace(t.HTTP.URL)
		tu, err := url.Parse(filled)
		if err != nil || tu.Host == "" || tu.Scheme != "http" && tu.Scheme != "https" {
			return &Problem{BlameConfiguration, fmt.Sprintf("The trigger %s has the URL %q, which is no http or https URL: start it with {base} or http://.", name, t.HTTP.URL)}
		}
		if ip := net.ParseIP(tu.Hostname()); ip == nil && tu.Host != u.Host {
			if _, err := net.DefaultResolver.LookupHost(ctx, tu.Hostname()); err != nil {
				return &Problem{BlameConfiguration, fmt.Sprintf("The trigger %s calls the host %s, which is not found.", name, tu.Hostname())}
			}
		}
	}
	return nil
}

// whyNoAnswer names the party behind a ping without any HTTP answer.
func (r *Run) whyNoAnswer(err error) *Problem {
	host := r.profile.BaseURL
	var (
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		invalid  x509.CertificateInvalidError
		record   tls.RecordHeaderError
	)
	switch {
	case strings.Contains(err.Error(), "not found"):
		return &Problem{BlameConfiguration, fmt.Sprintf("The partner's host in %s does not resolve (DNS): check the base URL.", host)}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &Problem{BlamePartner, fmt.Sprintf("Nothing listens at %s (connection refused): start the partner's server, or correct the base URL.", host)}
	case errors.As(err, &unknown):
		return &Problem{BlameConfiguration, fmt.Sprintf("The TLS certificate of %s is of an unknown authority: name the authority's PEM file in the profile's tls.ca.", host)}
	case errors.As(err, &hostname):
		return &Problem{BlamePartner, otherHost(host, hostname)}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return &Problem{BlamePartner, outOfTime(host, invalid.Cert)}
	case errors.As(err, &invalid):
		return &Problem{BlamePartner, fmt.Sprintf("The TLS certificate of %s is not good: %v.", host, err)}
	case strings.Contains(err.Error(), "tls: certificate required"), strings.Contains(err.Error(), "tls: bad certificate"):
		return &Problem{BlameConfiguration, fmt.Sprintf("%s asks for a client certificate that it knows: set auth.type to mtls, with cert and key, in the profile.", host)}
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS"):
		return &Problem{BlameConfiguration, fmt.Sprintf("%s does not speak TLS: use http:// in the base URL.", host)}
	case strings.Contains(err.Error(), "tls:"), strings.Contains(err.Error(), "certificate"):
		return &Problem{BlamePartner, fmt.Sprintf("No TLS connection to %s: %v.", host, err)}
	case strings.Contains(err.Error(), "no whole answer within"):
		return &Problem{BlamePartner, fmt.Sprintf("%s took the connection but did not answer GET %s: %v.", host, r.profile.Ping, err)}
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return &Problem{BlameNetwork, fmt.Sprintf("No way to %s from here: %v.", host, err)}
	}
	return &Problem{BlamePartner, fmt.Sprintf("%s gave no HTTP answer to GET %s: %v.", host, r.profile.Ping, err)}
}

// outOfTime says in UTC since when, or until when, a certificate does not hold.
func outOfTime(host string, c *x509.Certificate) string {
	if now := time.Now(); now.Before(c.NotBefore) {
		return fmt.Sprintf("The TLS certificate of %s holds from %s on only: correct the clock of this machine, or install a certificate that holds now.",
			host, c.NotBefore.UTC().Format(time.RFC3339))
	}
	return fmt.Sprintf("The TLS certificate of %s has expired on %s: renew it on the partner's server.", host, c.NotAfter.UTC().Format(time.RFC3339))
}

// otherHost says for which hosts a certificate is: the first few, because there may be hundreds.
func otherHost(host string, e x509.HostnameError) string {
	names := slices.Clone(e.Certificate.DNSNames)
	for _, ip := range e.Certificate.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return fmt.Sprintf("The TLS certificate of %s names no host: install one that names %s.", host, e.Host)
	}
	return fmt.Sprintf("The TLS certificate of %s is for another host (%s): call the partner by that name, or install a certificate for %s.",
		host, clipTo(strings.Join(names[:min(len(names), 5)], ", "), 300), e.Host)
}

// checkGateway looks whether the gateway answers from here, where the partner will need it.
func (r *Run) checkGateway(ctx context.Context) *Problem {
	if needs, _ := r.profile.Declared("events"); !needs {
		return nil
	}
	info, err := r.orange.Info(ctx)
	if err != nil {
		return &Problem{BlameClementine, fmt.Sprintf("The mock Orange's control port does not answer: %v.", err)}
	}
	faults, err := r.orange.Faults(ctx)
	if err != nil {
		return &Problem{BlameClementine, fmt.Sprintf("The mock Orange's control port does not answer: %v.", err)}
	}
	for _, f := range faults {
		spent := f.Times != control.FaultAlways && f.Acted >= max(f.Times, 1) // it stays armed, and idle
		if f.Key == "" && !spent {
			return &Problem{BlameConfiguration, fmt.Sprintf("The mock Orange has the fault %s switched on for all calls: what comes of it would be blamed on the partner. Switch it off at the gateway, then run again.", f.Kind)}
		}
	}
	if r.profile.Orange.PublicURL != "" {
		// A public URL is the partner's way to the gateway; from here it may well lead nowhere.
		return nil
	}
	u, err := url.Parse(info.GatewayURL)
	if err != nil || u.Host == "" {
		return &Problem{BlameConfiguration, fmt.Sprintf("The gateway's URL %q is not usable.", info.GatewayURL)}
	}
	addr := u.Host
	if u.Port() == "" {
		addr = net.JoinHostPort(u.Hostname(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
	}
	conn, err := (&net.Dialer{Timeout: r.profile.Delays.Answer.D()}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return &Problem{BlameNetwork, fmt.Sprintf("The mock Orange's gateway at %s is not reachable from here: %v.", info.GatewayURL, err)}
	}
	_ = conn.Close()
	return nil
}
