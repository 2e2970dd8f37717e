package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"github.com/clementine-ope/clementine/internal/profile"
)

type profileCommand struct {
	Init  profileInit  `cmd:"" help:"Write a commented example profile."`
	Check profileCheck `cmd:"" help:"Check a profile and say what it declares."`
}

type profileInit struct {
	langFlag
	File string `arg:"" optional:"" help:"File to write; standard output if it is left out."`
}

// Help is shown by --help.
func (profileInit) Help() string {
	return `Examples:

  clementine profile init partner.yaml   # never overwrites
  clementine profile init | less`
}

// Run writes the example.
func (c profileInit) Run(t *terminal) error {
	if c.File == "" {
		return t.example(t.out)
	}
	f, err := os.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return usagef("%s exists already and is left as it is", c.File)
	}
	if err != nil {
		return usagef("writing %s: %w", c.File, reason(err))
	}
	if err := errors.Join(t.example(f), f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", c.File, err)
	}
	t.printf("%s written; change it, then: clementine run --profile %s\n", c.File, c.File)
	return nil
}

// leftOut is a setting that is a remark to YAML.
func leftOut() *regexp.Regexp { return regexp.MustCompile(`^# *(- \{)?[A-Za-z.]+:`) }

// example writes the example profile with its remarks in the language that was asked for.
func (t *terminal) example(w io.Writer) error {
	var text bytes.Buffer
	if err := profile.Init(&text); err != nil {
		return err
	}
	lines := strings.Split(text.String(), "\n")
	for i, line := range lines {
		// What is a remark to YAML may be a setting that is left out, with a remark of its own behind it.
		at := strings.LastIndex(line, "# ")
		if at == 0 && !leftOut().MatchString(line) || at > 1 && line[at-2:at] == "  " && strings.TrimSpace(line[:at]) != "" {
			lines[i] = line[:at+2] + t.say(line[at+2:])
		}
	}
	_, err := io.WriteString(w, strings.Join(lines, "\n"))
	return err
}

type profileCheck struct {
	langFlag
	File string `arg:"" help:"The profile."`
}

// Help is shown by --help.
func (profileCheck) Help() string {
	return `Examples:

  clementine profile check partner.yaml
  PARTNER_TOKEN=x clementine profile check partner.yaml   # variables that the profile names must be set`
}

// Run checks, and names what a run will leave out.
func (c profileCheck) Run(t *terminal) error {
	p, err := loadProfile(c.File, t)
	if err != nil {
		return err
	}
	t.printf("%s is valid: %s, offer %s, %s.\n", c.File, p.Partner.Name, p.Offer, p.Mode)
	var on, off []string
	for _, feature := range []string{
		"changeOffering", "endUser", "renewLogin", "realizingResource", "technicalInformation", "consultById",
	} {
		if ok, _ := p.Declared(feature); ok {
			on = append(on, feature)
		} else {
			off = append(off, feature)
		}
	}
	t.printf("Declared: %s.\n", orNone(on))
	t.printf("Not declared, so skipped: %s.\n", orNone(off))
	if ok, why := p.Declared("uc5"); !ok {
		t.printf("UserService UC5 is skipped: %s.\n", why)
	}
	if len(p.Offerings) < 2 {
		t.printf("One offering only: changes of offering can't be judged.\n")
	}
	if p.BaseURL == "" {
		t.printf("No baseURL: a run needs --partner URL.\n")
	}
	return nil
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func loadProfile(file string, t *terminal) (*profile.Profile, error) {
	p, err := profile.Load(file, t.getenv)
	if err != nil {
		return nil, &exit{code: ExitUsage, err: err}
	}
	return p, nil
}
