package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner/defect"
	"github.com/clementine-ope/clementine/partner/variant"
	"github.com/clementine-ope/clementine/prove"
	"github.com/clementine-ope/clementine/schemas"
	"github.com/clementine-ope/clementine/steps"
)

type proveCommand struct {
	Full     bool     `help:"Run the whole suite for each defect, not only the scenarios of its requirement."`
	Only     []string `placeholder:"NAME" help:"Defects and variants to run, by name; all if it is left out."`
	Mode     string   `enum:",sync,async" default:"" help:"sync or async; both if it is left out."`
	Out      string   `placeholder:"DIR" help:"Folder for prove.json and prove.html; none is written if it is left out."`
	Contract string   `placeholder:"DIR" help:"Contract pack; the built-in one if it is left out."`
	Parallel int      `default:"0" help:"Runs side by side; four for each processor if it is 0."`
	Verbose  bool     `help:"Print every row, not only those that are not as they should be."`
	List     bool     `help:"List the defects and the variants; run nothing."`
}

// Help is shown by --help.
func (proveCommand) Help() string {
	return `Shows what the suite would notice: it runs against partners that are wrong in one known way each, and against partners
that differ and are right. Exit code 1 if a wrong one was missed or a right one accused.

Examples:

  clementine prove
  clementine prove --full --out proof
  clementine prove --only one-licence-short --mode async --verbose`
}

// Run prints the matrix.
func (c proveCommand) Run(ctx context.Context, t *terminal) error {
	if c.List {
		return listPartners(t.out)
	}
	if c.Parallel < 0 {
		return usagef("--parallel must be 0 or more")
	}
	pack, err := loadPack(c.Contract)
	if err != nil {
		return err
	}
	if c.Out != "" {
		if err := prepareOut(c.Out); err != nil {
			return err
		}
	}
	line := t.progress()
	o := prove.Options{
		Pack: pack, Only: c.Only, Full: c.Full, Parallel: c.Parallel, Version: versionText(), Logger: t.log,
		Progress: func(done, total int, name string, _ prove.Outcome) {
			line.show(steps.Progress{Done: done, Total: total, Scenario: name})
		},
	}
	if c.Mode != "" {
		o.Modes = []profile.Mode{profile.Mode(c.Mode)}
	}
	matrix, err := prove.Run(ctx, o)
	line.clear()
	var name *prove.NameError
	switch {
	case errors.As(err, &name):
		return usagef("--only: %w", err)
	case errors.Is(err, context.Canceled):
		return verdict(ExitInterrupted)
	case err != nil:
		return err
	}
	if err := c.write(matrix, pack); err != nil {
		return &exit{code: ExitUsage, err: err}
	}
	if err := prove.Text(t.out, matrix, c.Verbose); err != nil {
		return err
	}
	if c.Out != "" {
		fmt.Fprintf(t.out, "Matrix: %s, and beside it prove.json\n", filepath.Join(c.Out, "prove.html"))
	}
	if matrix.ExitCode() != 0 {
		return verdict(ExitFailed)
	}
	return nil
}

func (c proveCommand) write(m prove.Matrix, pack *schemas.Pack) error {
	if c.Out == "" {
		return nil
	}
	err := writeFile(filepath.Join(c.Out, "prove.json"), func(w io.Writer) error { return prove.JSON(w, m) })
	if err != nil {
		return err
	}
	text := func(id string) string {
		r, _ := pack.Requirement(id)
		return r.Text
	}
	return writeFile(filepath.Join(c.Out, "prove.html"), func(w io.Writer) error { return prove.HTML(w, m, text) })
}

func listPartners(w io.Writer) error {
	for _, d := range defect.All() {
		if _, err := fmt.Fprintf(w, "%-40s %-10s %-6s %s\n", d.Name, d.Requirement, d.Mode, d.How); err != nil {
			return err
		}
	}
	for _, v := range variant.All() {
		if _, err := fmt.Fprintf(w, "%-40s %-10s %-6s %s\n", v.Name, "variant", v.Mode, v.Why); err != nil {
			return err
		}
	}
	return nil
}
