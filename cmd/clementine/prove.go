package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime/debug"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner/defect"
	"github.com/clementine-ope/clementine/partner/hostile"
	"github.com/clementine-ope/clementine/partner/variant"
	"github.com/clementine-ope/clementine/prove"
	"github.com/clementine-ope/clementine/schemas"
	"github.com/clementine-ope/clementine/steps"
)

// garbage is how much the heap may grow, in percent, before it is collected while proving.
const garbage = 400

type proveCommand struct {
	Full     bool     `help:"Run the whole suite for each defect, not only the scenarios of its requirement."`
	Only     []string `placeholder:"NAME" help:"Defects and variants to run, by name; all if it is left out."`
	Mode     string   `enum:",sync,async" default:"" help:"sync or async; both if it is left out."`
	Out      string   `placeholder:"DIR" help:"Folder for prove.json and prove.html; none is written if it is left out."`
	Contract string   `placeholder:"DIR" help:"Contract pack; the built-in one if it is left out."`
	Parallel int      `default:"0" help:"Runs side by side; four for each processor if it is 0."`
	Verbose  bool     `help:"Print every row, not only those that are not as they should be."`
	List     bool     `help:"List the defects, the variants and the hostile partners; run nothing."`

	Replay      bool   `help:"Also replay the recording of each wrong and each right partner, as report verify does; exit code 1 where one comes to something else."`
	CheckProof  bool   `help:"Exit code 1 also where this proof is not the one that runs tell partners of."`
	UpdateProof string `placeholder:"FILE" help:"Write what runs tell partners of: each defect is judged three times, by its requirement, by the whole suite and with the leanest profile that shows it. Takes minutes."`
}

// Help is shown by --help.
func (proveCommand) Help() string {
	return `Shows what the suite would notice: it runs against partners that are wrong in one known way each, against partners
that differ and are right, and against partners that attack it. Exit code 1 if a wrong one was missed, a right one
accused, or an attack kept it from a verdict.

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
	if err := c.check(); err != nil {
		return err
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
		Pack: pack, Only: c.Only, Full: c.Full, Thorough: c.UpdateProof != "", Parallel: c.Parallel, Version: versionText(), Logger: t.log, Replay: c.Replay || c.Full,
		Progress: func(done, total int, name string, _ prove.Outcome) {
			line.show(steps.Progress{Done: done, Total: total, Scenario: name})
		},
	}
	if c.UpdateProof != "" {
		o.Variants, o.Hostile = []variant.Variant{}, []hostile.Kind{}
	}
	if c.Mode != "" {
		o.Modes = []profile.Mode{profile.Mode(c.Mode)}
	}
	// Hundreds of runs leave their garbage: collecting it a fifth as often saves a quarter of the time.
	defer debug.SetGCPercent(debug.SetGCPercent(garbage))
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
	return c.verdict(t, matrix)
}

// verdict is the exit code, after what there is to say of proof.json.
func (c proveCommand) verdict(t *terminal, m prove.Matrix) error {
	code := m.ExitCode()
	if c.CheckProof {
		known, err := schemas.BuiltinProof()
		if err != nil {
			return err
		}
		contradictions := m.Contradictions(known)
		for _, sentence := range contradictions {
			fmt.Fprintf(t.out, "proof.json: %s\n", sentence)
		}
		if len(contradictions) > 0 {
			fmt.Fprintln(t.out, "proof.json is not true of this suite: make proof")
			code = ExitFailed
		}
	}
	if code != ExitPassed {
		return verdict(code)
	}
	return nil
}

func (c proveCommand) check() error {
	switch {
	case c.Parallel < 0:
		return usagef("--parallel must be 0 or more")
	case c.UpdateProof != "" && (c.Full || c.Mode != "" || len(c.Only) > 0 || c.Contract != ""):
		return usagef("--update-proof is of every defect and of the built-in pack: leave out --full, --mode, --only and --contract")
	}
	return nil
}

func (c proveCommand) write(m prove.Matrix, pack *schemas.Pack) error {
	if c.UpdateProof != "" {
		err := writeFile(c.UpdateProof, func(w io.Writer) error { return schemas.WriteProof(w, m.Proof()) })
		if err != nil {
			return err
		}
	}
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
	for _, k := range hostile.All() {
		if _, err := fmt.Fprintf(w, "%-40s %-10s %-6s %s\n", k.Name, "hostile", k.Mode, k.What); err != nil {
			return err
		}
	}
	return nil
}
