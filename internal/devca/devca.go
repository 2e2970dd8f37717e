// Package devca is a certificate authority for development: made once in a folder, it signs the certificates of the
// servers that are started on this machine, and bad ones to rehearse with. It owns its two files, and touches no store of
// the system: who is to trust it is given ca.pem.
package devca

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// The files of an authority. The one with the key holds its certificate too, so that the two can't come apart.
const (
	CertificateFile = "ca.pem"
	keyFile         = "ca-key.pem"
)

// How long certificates hold. A server makes a new one at each start.
const (
	authorityYears = 5
	leafDays       = 90
	clockSkew      = time.Hour
)

// ErrUnusable is an authority's folder that holds something else, or an authority whose time is over.
var ErrUnusable = errors.New("the development CA cannot be used")

// Authority signs certificates. Its methods may be called from several goroutines.
type Authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
	path        string
}

// Open reads the authority of a folder, and makes both if there is none. The folder gets mode 0700 and the key 0600.
func Open(dir string) (*Authority, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder of the development CA: %w", err)
	}
	path := filepath.Join(dir, keyFile)
	text, err := os.ReadFile(path) // #nosec G304 -- the operator names the folder
	if errors.Is(err, fs.ErrNotExist) {
		if err = create(dir, path); err == nil {
			text, err = os.ReadFile(path) // #nosec G304 -- as above
		}
	}
	if err != nil {
		return nil, fmt.Errorf("key of the development CA: %w", err)
	}
	a, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w; remove the folder to have a new one", path, ErrUnusable, err)
	}
	a.path = filepath.Join(dir, CertificateFile)
	if err := a.publish(); err != nil {
		return nil, fmt.Errorf("certificate of the development CA: %w", err)
	}
	return a, nil
}

// create writes a new authority unless somebody else does so at the same time: the first one counts.
func create(dir, path string) error {
	a, err := newAuthority("Clementine development CA")
	if err != nil {
		return err
	}
	key, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return err
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), a.PEM()...)
	f, err := os.CreateTemp(dir, ".ca-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // what is left over is read by nobody
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// publish writes ca.pem where it is missing or of another authority.
func (a *Authority) publish() error {
	if there, err := os.ReadFile(a.path); err == nil && bytes.Equal(there, a.PEM()) { // #nosec G304 G703 -- in the operator's folder
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(a.path), ".ca-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // it has been renamed, or is read by nobody
	_, err = f.Write(a.PEM())
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), a.path) // #nosec G703 -- in the operator's folder
}

func parse(text []byte) (*Authority, error) {
	pair, err := tls.X509KeyPair(text, text)
	if err != nil {
		return nil, err
	}
	key, ok := pair.PrivateKey.(crypto.Signer)
	if !ok || !pair.Leaf.IsCA {
		return nil, errors.New("it is not the certificate of an authority")
	}
	if time.Now().After(pair.Leaf.NotAfter) {
		return nil, fmt.Errorf("it has ended on %s", pair.Leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	return &Authority{certificate: pair.Leaf, key: key}, nil
}

// newAuthority makes an authority in memory.
func newAuthority(name string) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	c := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-clockSkew), NotAfter: now.AddDate(authorityYears, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		return nil, err
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		return nil, err
	}
	return &Authority{certificate: c, key: key}, nil
}

// PEM is the authority's certificate, for those who are to trust it.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
}

// Path is the file of that certificate.
func (a *Authority) Path() string { return a.path }

// Issue signs a certificate for host names and IP addresses, for a server or a client.
func (a *Authority) Issue(hosts ...string) (tls.Certificate, error) {
	now := time.Now()
	return a.sign(now.Add(-clockSkew), now.AddDate(0, 0, leafDays), hosts)
}

func (a *Authority) sign(from, to time.Time, hosts []string) (tls.Certificate, error) {
	if len(hosts) == 0 {
		return tls.Certificate{}, errors.New("a certificate needs a host")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	c := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: hosts[0]}, NotBefore: from, NotAfter: to,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else {
			c.DNSNames = append(c.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, a.certificate, key.Public(), a.key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("sign a certificate for %v: %w", hosts, err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

// serial is a random number of 127 bits: positive, and as good as unique.
func serial() *big.Int {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	b[0] &= 0x7f
	return new(big.Int).SetBytes(b[:])
}
