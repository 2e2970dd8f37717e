package main_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	clementine "github.com/clementine-ope/clementine/cmd/clementine"
	"github.com/clementine-ope/clementine/internal/devca"
)

var secureAddress = regexp.MustCompile(`https://[0-9.:]+`)

// pairIn writes a client's certificate and key, signed by ca.
func pairIn(t *testing.T, ca *devca.Authority) (cert, key string) {
	t.Helper()
	pair, err := ca.Issue("client.test")
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	cert = write(t, "client.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})))
	return cert, write(t, "client-key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

// All three speak HTTPS, and both ways between Orange and the partner ask for a client certificate.
func TestMutualTLSBothWays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ca, err := devca.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	cert, key := pairIn(t, ca)
	secure := []string{"--tls", "--tls-dir", dir, "--client-ca", ca.Path()}
	said := background(t, "control  ", append([]string{"serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"}, secure...)...)
	if !strings.Contains(said, ca.Path()) {
		t.Errorf("it does not say what to trust:\n%s", said)
	}
	served := secureAddress.FindAllString(said, -1)
	gateway, control := served[0], served[len(served)-1]
	said = background(t, "tokens come from", append([]string{
		"partner", "--listen", "127.0.0.1:0", "--mode", "async", "--gateway", gateway,
		"--gateway-ca", ca.Path(), "--gateway-cert", cert, "--gateway-key", key,
	}, secure...)...)
	partner := secureAddress.FindString(said)
	demo, err := os.ReadFile("demo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	plain := strings.ReplaceAll(string(demo), "${MODE}", "async")
	mutual := plain + "\nauth:\n  type: mtls\n  cert: " + cert + "\n  key: " + key + "\n"
	tail := "\ntls:\n  ca: " + ca.Path() + "\n"
	run := func(profile string) (outcome, string) {
		out := t.TempDir()
		return command(t, nil, "", "run", "--out", out, "--partner", partner, "--profile", write(t, "partner.yaml", profile),
			"--orange", control, "--orange-ca", ca.Path(), "--only", "GEN-01,PO-UC2", "--no-reference"), out
	}
	got, out := run(mutual + tail)
	if got.code != clementine.ExitPassed {
		t.Fatalf("exit %d\n%s%s", got.code, got.out, got.errOut)
	}
	if r := results(t, out); r.Counts.Passed < 2 {
		t.Errorf("%+v, want passes", r.Counts)
	}
	for want, profile := range map[string]string{"auth.type to mtls": plain + tail, "tls.ca": mutual} {
		if got, _ := run(profile); got.code != clementine.ExitCannotJudge || !strings.Contains(got.out+got.errOut, want) {
			t.Errorf("want exit 3 and %q, got %d\n%s%s", want, got.code, got.out, got.errOut)
		}
	}
}

// A partner's bad certificate ends a run before the suite, with a sentence that says what to do.
func TestPreflightOfBadCertificates(t *testing.T) {
	t.Parallel()
	ca, err := devca.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for fault, says := range map[devca.Fault][]string{
		devca.Expired:          {"has expired on ", "renew it", "(partner)"},
		devca.WrongHost:        {"is for another host (wrong-host.invalid)", "install a certificate for 127.0.0.1", "(partner)"},
		devca.UnknownAuthority: {"unknown authority", "tls.ca", "(configuration)"},
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			pair, err := ca.Broken(fault, "127.0.0.1")
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
			server.StartTLS()
			defer server.Close()
			demo, err := os.ReadFile("demo.yaml")
			if err != nil {
				t.Fatal(err)
			}
			profile := write(t, "partner.yaml", strings.ReplaceAll(string(demo), "${MODE}", "sync")+"\ntls:\n  ca: "+ca.Path()+"\n")
			got := command(t, nil, "", "run", "--out", t.TempDir(), "--partner", server.URL, "--profile", profile, "--only", "GEN-01")
			for _, s := range says {
				if !strings.Contains(got.out+got.errOut, s) {
					t.Errorf("%q is missing in\n%s%s", s, got.out, got.errOut)
				}
			}
			if got.code != clementine.ExitCannotJudge {
				t.Errorf("exit %d, want 3", got.code)
			}
		})
	}
}

// A mock Orange with a bad certificate is refused by who checks it; the control port stays good.
func TestServeWithABadCertificate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	said := background(t, "control  ", "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0",
		"--tls", "--tls-dir", dir, "--bad-certificate", "expired")
	served := secureAddress.FindAllString(said, -1)
	text, err := os.ReadFile(filepath.Join(dir, devca.CertificateFile))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}}}
	defer client.CloseIdleConnections()
	var invalid x509.CertificateInvalidError
	if _, err := client.Get(served[0] + "/"); !errors.As(err, &invalid) || invalid.Reason != x509.Expired {
		t.Errorf("the gateway's certificate: %v, want expired", err)
	}
	response, err := client.Get(served[len(served)-1] + "/control/journal")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("the control port answers %d", response.StatusCode)
	}
}

func TestTLSFlagsThatDoNotFit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for says, args := range map[string][]string{
		"go together":          {"billing", "serve", "--tls-cert", "x.pem"},
		"give either":          {"partner", "--tls", "--tls-cert", "x.pem", "--tls-key", "y.pem"},
		"x.pem":                {"serve", "--tls-cert", "x.pem", "--tls-key", "y.pem"},
		"--client-ca needs":    {"serve", "--client-ca", "x.pem"},
		"--bad-certificate ne": {"serve", "--bad-certificate", "expired"},
		"no PEM certificate":   {"partner", "--tls", "--tls-dir", dir, "--client-ca", "tls_test.go"},
	} {
		if got := command(t, nil, "", args...); got.code != clementine.ExitUsage || !strings.Contains(got.errOut, says) {
			t.Errorf("%v: exit %d, %q, want 2 and %q", args, got.code, got.errOut, says)
		}
	}
}

// The demo over HTTPS, with a development CA made on the way.
func TestDemoOverTLS(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("two whole suites")
	}
	got := command(t, nil, "", "demo", "--out", t.TempDir(), "--tls", "--tls-dir", t.TempDir())
	if got.code != clementine.ExitPassed || !strings.Contains(got.out, "HTTPS by a development CA") {
		t.Errorf("exit %d\n%s%s", got.code, got.out, got.errOut)
	}
}
