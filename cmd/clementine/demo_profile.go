package main

import (
	_ "embed"
	"fmt"

	"github.com/clementine-ope/clementine/internal/profile"
)

//go:embed demo.yaml
var demoYAML []byte

// demoProfile is the profile of the reference partner in one mode.
func demoProfile(mode profile.Mode) (*profile.Profile, error) {
	p, err := profile.Parse("demo.yaml", demoYAML, func(string) string { return string(mode) })
	if err != nil {
		return nil, fmt.Errorf("reading the built-in demo profile: %w", err)
	}
	return p, nil
}
