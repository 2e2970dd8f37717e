package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/clementine-ope/clementine/schemas"
)

type contractCommand struct {
	Export contractExport `cmd:"" help:"Write the built-in contract pack to a folder, to be edited."`
	Check  contractCheck  `cmd:"" help:"Check a contract pack and name everything that is wrong in it."`
}

type contractExport struct {
	Dir string `arg:"" help:"Folder to write; it must not exist, or be empty."`
}

// Help is shown by --help.
func (contractExport) Help() string {
	return `Examples:

  clementine contract export pack
  clementine contract check pack
  clementine run --contract pack --profile partner.yaml`
}

// Run exports the pack.
func (c contractExport) Run(t *terminal) error {
	if err := schemas.Export(c.Dir); err != nil {
		return &exit{code: ExitUsage, err: err}
	}
	t.printf("%s written; edit it, then: clementine contract check %s\n", c.Dir, c.Dir)
	return nil
}

type contractCheck struct {
	Dir string `arg:"" help:"Folder of the pack."`
}

// Help is shown by --help.
func (contractCheck) Help() string {
	return `Examples:

  clementine contract check pack   # schemas, paths, payloads, requirements and the pack's own examples`
}

// Run checks the pack; every problem is one line.
func (c contractCheck) Run(t *terminal) error {
	if info, err := os.Stat(c.Dir); err != nil {
		return usagef("opening contract pack %s: %w", c.Dir, reason(err))
	} else if !info.IsDir() {
		return usagef("contract pack %s is not a folder", c.Dir)
	}
	problems := schemas.Check(os.DirFS(c.Dir))
	for _, p := range problems {
		t.printf("%s: %s\n", place(c.Dir, p.File, p.Line), p.Msg)
	}
	if len(problems) > 0 {
		return usagef("contract pack %s is not valid: problems: %d", c.Dir, len(problems))
	}
	pack, err := schemas.LoadDir(c.Dir)
	if err != nil {
		return &exit{code: ExitUsage, err: err}
	}
	t.printf("%s is a valid contract pack: %s %s, %d requirements, %s\n",
		c.Dir, pack.Name, pack.Version, len(pack.Requirements()), pack.Digest)
	return nil
}

func place(dir, file string, line int) string {
	if line > 0 {
		return fmt.Sprintf("%s/%s:%d", dir, file, line)
	}
	return dir + "/" + file
}

// loadPack reads the pack of --contract; the built-in one where dir is empty.
func loadPack(dir string) (*schemas.Pack, error) {
	if dir == "" {
		pack, err := schemas.Builtin()
		if err != nil {
			return nil, fmt.Errorf("loading the built-in contract pack: %w", err)
		}
		return pack, nil
	}
	pack, err := schemas.LoadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usagef("contract pack %s: %w", dir, err)
	}
	if err != nil {
		return nil, usagef("%w; see clementine contract check %s", err, dir)
	}
	return pack, nil
}
