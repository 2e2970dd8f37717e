package devca_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/clementine-ope/clementine/internal/devca"
)

// verify judges a certificate as a client does that trusts ca and calls localhost.
func verify(ca []byte, c tls.Certificate) error {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	_, err := c.Leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: "localhost"})
	return err
}

func TestAnAuthorityIsKept(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "tls")
	first, err := devca.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(first.Path(), []byte("of somebody else"), 0o600); err != nil {
		t.Fatal(err)
	}
	second, err := devca.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.PEM(), second.PEM()) {
		t.Error("the second start made another authority")
	}
	if text, err := os.ReadFile(second.Path()); err != nil || !bytes.Equal(text, second.PEM()) {
		t.Errorf("ca.pem holds %q, %v", text, err)
	}
	leaf, err := second.Issue("localhost", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	if err := verify(first.PEM(), leaf); err != nil {
		t.Errorf("who trusts the authority refuses its certificate: %v", err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		t.Errorf("%d files in the folder, want the key and the certificate", len(files))
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want 0600", f.Name(), info.Mode())
		}
	}
}

// Servers that start together in an empty folder have one authority.
func TestOneAuthorityForAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made := make([][]byte, 8)
	var all sync.WaitGroup
	for i := range made {
		all.Go(func() {
			a, err := devca.Open(dir)
			if err != nil {
				t.Error(err)
				return
			}
			made[i] = a.PEM()
		})
	}
	all.Wait()
	for _, m := range made[1:] {
		if !bytes.Equal(m, made[0]) {
			t.Fatal("two authorities in one folder")
		}
	}
}

func TestAFolderThatIsNoAuthority(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ca-key.pem"), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := devca.Open(dir); !errors.Is(err, devca.ErrUnusable) {
		t.Errorf("error %v, want ErrUnusable", err)
	}
}

func TestBrokenCertificates(t *testing.T) {
	t.Parallel()
	a, err := devca.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range devca.Faults() {
		c, err := a.Broken(f, "localhost")
		if err != nil {
			t.Fatal(err)
		}
		err = verify(a.PEM(), c)
		var (
			invalid x509.CertificateInvalidError
			host    x509.HostnameError
			unknown x509.UnknownAuthorityError
		)
		right := map[devca.Fault]bool{
			devca.Expired:          errors.As(err, &invalid) && invalid.Reason == x509.Expired,
			devca.WrongHost:        errors.As(err, &host),
			devca.UnknownAuthority: errors.As(err, &unknown),
		}
		if !right[f] {
			t.Errorf("%s: a client says %v", f, err)
		}
	}
	if _, err := a.Broken("rotten", "localhost"); err == nil {
		t.Error("an unknown fault is no error")
	}
}
