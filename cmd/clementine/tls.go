package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"os"

	"github.com/clementine-ope/clementine/internal/devca"
)

// tlsFlags are those of every command that starts a server.
type tlsFlags struct {
	TLS     bool   `name:"tls" help:"Serve HTTPS with a certificate of a development CA, which is made at the first start."`
	TLSDir  string `name:"tls-dir" default:"clementine-tls" placeholder:"DIR" help:"Folder of the development CA; whoever calls is given its ca.pem."`
	TLSCert string `name:"tls-cert" placeholder:"FILE" help:"Serve HTTPS with this certificate (PEM, the chain after it) instead."`
	TLSKey  string `name:"tls-key" placeholder:"FILE" help:"Its key (PEM)."`
}

// config is nil where HTTP is to be served. addresses are what callers may use: host:port or URLs; this machine's loopback
// names come with them.
func (f tlsFlags) config(t *terminal, addresses ...string) (*tls.Config, error) {
	return f.serving(t, "", addresses)
}

// serving is config with a certificate that is wrong on purpose, if fault isn't empty.
func (f tlsFlags) serving(t *terminal, fault devca.Fault, addresses []string) (*tls.Config, error) {
	given := f.TLSCert != "" || f.TLSKey != ""
	switch {
	case given && f.TLS:
		return nil, usagef("--tls has a certificate made and --tls-cert names one: give either")
	case given && (f.TLSCert == "" || f.TLSKey == ""):
		return nil, usagef("--tls-cert and --tls-key go together")
	case given && fault != "":
		return nil, usagef("--bad-certificate is made by the development CA: give --tls instead of --tls-cert")
	case given:
		pair, err := tls.LoadX509KeyPair(f.TLSCert, f.TLSKey)
		if err != nil {
			return nil, usagef("--tls-cert %s and --tls-key %s: %w", f.TLSCert, f.TLSKey, err)
		}
		return serverTLS(pair), nil
	case fault != "" && !f.TLS:
		return nil, usagef("--bad-certificate needs --tls")
	case !f.TLS:
		return nil, nil
	}
	ca, err := devca.Open(f.TLSDir)
	if err != nil {
		return nil, usagef("--tls-dir %s: %w", f.TLSDir, err)
	}
	var pair tls.Certificate
	if fault == "" {
		pair, err = ca.Issue(hostsOf(addresses)...)
		t.printf("HTTPS by a development CA: callers trust it with %s\n", ca.Path())
	} else {
		pair, err = ca.Broken(fault, hostsOf(addresses)...)
		t.printf("HTTPS with a bad certificate (%s): who trusts %s has to refuse it\n", fault, ca.Path())
	}
	if err != nil {
		return nil, fmt.Errorf("development certificate: %w", err)
	}
	return serverTLS(pair), nil
}

func serverTLS(pair tls.Certificate) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
}

// hostsOf are the names of this machine for itself, and those of the addresses.
func hostsOf(addresses []string) []string {
	hosts := []string{"localhost", "127.0.0.1", "::1"}
	for _, a := range addresses {
		host := ""
		if u, err := url.Parse(a); err == nil && u.Host != "" {
			host = u.Hostname()
		} else if h, _, err := net.SplitHostPort(a); err == nil {
			host = h
		}
		if ip := net.ParseIP(host); host != "" && (ip == nil || !ip.IsUnspecified()) {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// requireClients has callers show a certificate of the authorities in file; nothing changes without a file.
func requireClients(c *tls.Config, file string) (*tls.Config, error) {
	if file == "" {
		return c, nil
	}
	if c == nil {
		return nil, usagef("--client-ca needs HTTPS: give --tls, or --tls-cert and --tls-key")
	}
	pool, err := authorities("--client-ca", file)
	if err != nil {
		return nil, err
	}
	c = c.Clone()
	c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, pool
	return c, nil
}

func authorities(flag, file string) (*x509.CertPool, error) {
	text, err := os.ReadFile(file) // #nosec G304 -- the operator names the file
	if err != nil {
		return nil, usagef("%s: %w", flag, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, usagef("%s: %s holds no PEM certificate", flag, file)
	}
	return pool, nil
}

// clientTLS trusts the authorities in ca, or those of the system, and shows a certificate if there is one. prefix starts
// the names of the three flags, as "--gateway" does of --gateway-ca; "-" leaves --ca.
func clientTLS(prefix, ca, cert, key string) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != "" {
		pool, err := authorities(prefix+"-ca", ca)
		if err != nil {
			return nil, err
		}
		c.RootCAs = pool
	}
	if (cert == "") != (key == "") {
		return nil, usagef("%s-cert and %s-key go together", prefix, prefix)
	}
	if cert != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, usagef("%s-cert %s: %w", prefix, cert, err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

// orangeTLSFlags are those of a mock Orange that serves for long.
type orangeTLSFlags struct {
	tlsFlags
	ClientCA       string `name:"client-ca" placeholder:"FILE" help:"Require a client certificate of these authorities (PEM) at --listen: mutual TLS."`
	BadCertificate string `enum:",expired,wrong-host,unknown-authority" default:"" help:"Serve --listen with a certificate that callers have to refuse: expired, wrong-host or unknown-authority. Needs --tls."`
}

// secured are the TLS settings of the two ports; nil for plain HTTP.
func (f orangeTLSFlags) secured(t *terminal, addresses ...string) (protocol, steering *tls.Config, err error) {
	if steering, err = f.config(t, addresses...); err != nil {
		return nil, nil, err
	}
	protocol = steering
	if f.BadCertificate != "" {
		if protocol, err = f.serving(t, devca.Fault(f.BadCertificate), addresses); err != nil {
			return nil, nil, err
		}
	}
	protocol, err = requireClients(protocol, f.ClientCA)
	return protocol, steering, err
}
