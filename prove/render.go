package prove

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/clementine-ope/clementine/internal/profile"
)

// JSON writes prove.json.
func JSON(w io.Writer, m Matrix) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(m); err != nil {
		return fmt.Errorf("write prove.json: %w", err)
	}
	return nil
}

// Text writes the matrix for a terminal: the summary last, where a reader looks first. Unless all is true, rows as they
// should be are left out.
func Text(w io.Writer, m Matrix, all bool) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range m.Defects {
		if all || row.Outcome != Caught || row.Repeated {
			line := fmt.Sprintf("%s\t%s\t%s\t%s\t%s", row.Requirement, row.Name, row.Mode, row.Outcome, row.Details())
			fmt.Fprintln(t, strings.TrimRight(line, "\t"))
		}
	}
	for _, row := range m.Variants {
		if all || row.Outcome != Green {
			line := fmt.Sprintf("variant\t%s\t%s\t%s\t%s", row.Name, row.Mode, row.Outcome, row.Details())
			fmt.Fprintln(t, strings.TrimRight(line, "\t"))
		}
	}
	for _, row := range m.Hostile {
		if all || row.Outcome != Ended {
			fmt.Fprintf(t, "hostile\t%s\t%s\t%s\t%s\n", row.Name, row.Mode, row.Outcome, row.Details())
		}
	}
	for _, d := range m.Diverged {
		fmt.Fprintf(t, "replay\t%s\t%s\t%s\n", d.Name, d.Mode, shown(strings.Join(d.Differences, "; ")))
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write the matrix: %w", err)
	}
	_, err := fmt.Fprint(w, m.Summary.Text(), "\n")
	if err != nil {
		return fmt.Errorf("write the matrix: %w", err)
	}
	return nil
}

// Text is the summary, a line for each kind of partner.
func (s Summary) Text() string {
	lines := []string{fmt.Sprintf("%d defects, %d runs: %d caught by the requirement named, %d by another, %d missed, %d not applicable; %d other failures besides",
		s.Names, s.Defects, s.Caught, s.Elsewhere, s.Missed, s.NotApplicable, s.AlsoFailed)}
	lines = append(lines, fmt.Sprintf("%d correct partners that differ, %d runs: %d green, %d false alarms",
		s.VariantNames, s.Variants, s.Green, s.FalseAlarms))
	if s.Hostile > 0 {
		lines = append(lines, fmt.Sprintf("%d hostile partners, %d runs: %d ended with a verdict, %d did not",
			s.HostileNames, s.Hostile, s.Hostile-s.NotEnded, s.NotEnded))
	}
	if s.Replayed > 0 {
		lines = append(lines, fmt.Sprintf("%d recordings replayed: %d came to the same verdicts, %d did not", s.Replayed, s.Replayed-s.Diverged, s.Diverged))
	}
	return strings.Join(lines, "\n")
}

// Details says what else there is to know of a row, in one line.
func (row DefectRow) Details() string {
	var parts []string
	if row.Outcome != Caught {
		parts = append(parts, row.Reason)
	}
	if row.Repeated {
		parts = append(parts, "in a run of its own")
	}
	if len(row.By) > 0 {
		word := "also failed "
		if row.Outcome == Elsewhere {
			word = "failed "
		}
		parts = append(parts, word+strings.Join(row.By, " "))
	}
	if len(row.Warned) > 0 {
		parts = append(parts, "warned "+strings.Join(row.Warned, " "))
	}
	if n := len(row.Inconclusive); n > 0 {
		parts = append(parts, fmt.Sprintf("%d inconclusive", n))
	}
	return strings.Join(parts, "; ")
}

// Details says what the suite held against a variant, in one line.
func (row VariantRow) Details() string {
	var parts []string
	for _, a := range row.Alarms {
		seen := shown(a.Seen)
		if a.Requirement != "" {
			seen = fmt.Sprintf("%s %s: %s", a.Requirement, a.Verdict, seen)
		}
		parts = append(parts, seen)
	}
	return strings.Join(parts, "; ")
}

// Details says how the run ended, in one line.
func (row HostileRow) Details() string {
	said := shown(row.Said)
	if row.Outcome == Ended {
		said = fmt.Sprintf("exit code %d: %s", row.ExitCode, said)
	}
	return fmt.Sprintf("%s, %.1f s", said, float64(row.DurationMs)/1000)
}

// shown makes what a partner said fit for one line of a terminal.
func shown(said string) string {
	const most = 160
	if len(said) > most {
		said = strings.ToValidUTF8(said[:most], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '␣'
		}
		return r
	}, said)
}

//go:embed templates
var templates embed.FS

// page is the matrix as the template shows it: a line for each partner, a column for each mode.
type page struct {
	Matrix
	CSS      template.CSS
	CSP      string
	Verdict  string
	Took     string
	When     string
	Groups   []group
	Variants []line
	Hostile  []line
}

type group struct {
	Requirement string
	Text        string
	Lines       []line
}

type line struct {
	Name, About string
	Sync, Async cell
}

type cell struct {
	Outcome Outcome
	Class   string
	Details string
}

// HTML writes the matrix as one page that needs nothing else; it has no script.
func HTML(w io.Writer, m Matrix, requirement func(id string) string) error {
	css, err := templates.ReadFile("templates/style.css")
	if err != nil {
		return fmt.Errorf("write the matrix page: %w", err)
	}
	t, err := template.ParseFS(templates, "templates/matrix.html")
	if err != nil {
		return fmt.Errorf("write the matrix page: %w", err)
	}
	sum := sha256.Sum256(css)
	p := page{
		Matrix: m, CSS: template.CSS(css), // #nosec G203 -- ours, embedded
		CSP:      "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'",
		Verdict:  "proven",
		Took:     (time.Duration(m.DurationMs) * time.Millisecond).Round(100 * time.Millisecond).String(),
		When:     m.StartedAt.UTC().Format("2006-01-02 15:04 UTC"),
		Groups:   groups(m.Defects, requirement),
		Variants: variants(m.Variants),
		Hostile:  hostiles(m.Hostile),
	}
	if m.ExitCode() != 0 {
		p.Verdict = "not proven"
	}
	if err := t.Execute(w, p); err != nil {
		return fmt.Errorf("write the matrix page: %w", err)
	}
	return nil
}

func groups(rows []DefectRow, requirement func(id string) string) []group {
	var out []group
	for _, row := range rows {
		if len(out) == 0 || out[len(out)-1].Requirement != row.Requirement {
			out = append(out, group{Requirement: row.Requirement, Text: requirement(row.Requirement)})
		}
		g := &out[len(out)-1]
		g.Lines = enter(g.Lines, row.Name, row.How, row.Mode, cell{Outcome: row.Outcome, Details: row.Details()})
	}
	return out
}

func variants(rows []VariantRow) []line {
	var out []line
	for _, row := range rows {
		out = enter(out, row.Name, row.Why, row.Mode, cell{Outcome: row.Outcome, Details: row.Details()})
	}
	return out
}

func hostiles(rows []HostileRow) []line {
	var out []line
	for _, row := range rows {
		out = enter(out, row.Name, row.What, row.Mode, cell{Outcome: row.Outcome, Details: row.Details()})
	}
	return out
}

// enter puts a cell into the line of its name, which is the last one or a new one: rows are sorted.
func enter(lines []line, name, about string, mode profile.Mode, c cell) []line {
	if len(lines) == 0 || lines[len(lines)-1].Name != name {
		lines = append(lines, line{Name: name, About: about})
	}
	c.Class = strings.ReplaceAll(string(c.Outcome), " ", "-")
	if l := &lines[len(lines)-1]; mode == profile.Sync {
		l.Sync = c
	} else {
		l.Async = c
	}
	return lines
}
