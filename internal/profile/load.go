package profile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Load reads the profile file at path. Errors are *Error, several joined; getenv fills in ${NAME}.
func Load(path string, getenv func(string) string) (*Profile, error) {
	f, err := os.Open(path) // #nosec G304 -- the operator names the file
	if err != nil {
		var pathError *fs.PathError
		if errors.As(err, &pathError) {
			err = pathError.Err
		}
		return nil, &Error{File: path, Msg: fmt.Sprintf("opening the profile: %v", err)}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return nil, &Error{File: path, Msg: fmt.Sprintf("reading the profile: %v", err)}
	}
	return Parse(path, data, getenv)
}

// Parse reads a profile. name stands in the errors, and its folder is what relative certificate paths start from.
// Errors are *Error, several joined, in the order of the file.
func Parse(name string, data []byte, getenv func(string) string) (*Profile, error) {
	root, errs := parseYAML(name, data, getenv)
	if len(errs) > 0 {
		return nil, joinErrors(errs)
	}
	d := &decoder{file: name}
	p := defaults()
	if root == nil || root.kind == kindNull {
		root = &node{kind: kindObject, line: 1, column: 1}
	}
	d.profile(root, p)
	if len(d.errs) > 0 {
		return nil, joinErrors(d.errs)
	}
	p.resolvePaths(filepath.Dir(name))
	return p, nil
}

// DemoSecret is the client secret where none is chosen. It is no secret: documentation and pages show it.
const DemoSecret = "demo-secret"

// Known is a client secret if everybody knows it, and empty for another one.
func Known(secret string) string {
	if secret == DemoSecret {
		return secret
	}
	return ""
}

func defaults() *Profile {
	return &Profile{
		Ping: "/ping",
		Auth: Auth{Type: "none"},
		Orange: Orange{
			Listen: "127.0.0.1:8090", ClientID: "demo", ClientSecret: DemoSecret,
		},
		Login:  Login{Key: "login"},
		Limits: Limits{Quantity: 100},
		Delays: Delays{
			Answer:  Duration(10 * time.Second),
			Event:   Duration(30 * time.Second),
			Quiet:   Duration(time.Second),
			Retry:   Duration(30 * time.Second),
			Visible: Duration(time.Second),
		},
		Concurrency: 4,
	}
}

func (p *Profile) resolvePaths(dir string) {
	for _, path := range []*string{&p.Auth.Cert, &p.Auth.Key, &p.TLS.CA} {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(dir, *path)
		}
	}
}
