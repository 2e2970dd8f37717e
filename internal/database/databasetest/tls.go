package databasetest

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
)

// Certificate is that of a server, and its key, both PEM.
type Certificate struct{ Certificate, Key []byte }

const (
	certificateFile = "server.pem"
	keyFile         = "server.key"
	// accessByTLS lets in over TCP who speaks TLS, and nobody else.
	accessByTLS = "local all all trust\nhostssl all all 127.0.0.1/32 trust\n"
)

// OverTLS is an address of this server, as New returns it, by TCP and with parameters of one's own, such as sslmode.
func (s *Server) OverTLS(address string, parameters url.Values) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	u.Host = fmt.Sprint("127.0.0.1:", s.port)
	u.RawQuery = parameters.Encode()
	return u.String(), nil
}

// secure gives the server its certificate and a port.
func (s *Server) secure(owner *user.User) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.port = listener.Addr().(*net.TCPAddr).Port
	err = errors.Join(
		listener.Close(),
		os.WriteFile(filepath.Join(s.dir, certificateFile), s.TLS.Certificate, 0o600),
		os.WriteFile(filepath.Join(s.dir, keyFile), s.TLS.Key, 0o600),
		os.WriteFile(filepath.Join(s.dir, "data", "pg_hba.conf"), []byte(accessByTLS), 0o600),
	)
	if err != nil || owner == nil {
		return err
	}
	// The key has to be the server's own, or it does not start.
	for _, name := range []string{certificateFile, keyFile} {
		if err := chown(filepath.Join(s.dir, name), owner); err != nil {
			return err
		}
	}
	return nil
}

// secured are the settings that go with a certificate.
func (s *Server) secured() []string {
	if s.TLS == nil {
		return nil
	}
	return []string{
		"listen_addresses=127.0.0.1", fmt.Sprint("port=", s.port), "ssl=on",
		"ssl_cert_file=" + filepath.Join(s.dir, certificateFile), "ssl_key_file=" + filepath.Join(s.dir, keyFile),
	}
}
