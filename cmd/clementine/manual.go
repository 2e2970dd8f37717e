package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type manualCommand struct {
	Format string `enum:"markdown,man" default:"markdown" help:"markdown or man."`
}

// Help is shown by --help.
func (manualCommand) Help() string {
	return `Prints all commands with their flags: docs/commands.md, or a page for man(1).

Examples:

  clementine manual --format man > clementine.1`
}

// Run prints the manual.
func (c manualCommand) Run(k *kong.Context, t *terminal) error {
	if c.Format == "man" {
		return manPage(t.out, k.Model.Node)
	}
	return markdownManual(t.out, k.Model.Node)
}

// chapter is one command that can be run.
type chapter struct {
	name      string // with the program's
	arguments string // each after a blank
	help      string
	detail    string // what the help says before its examples
	examples  []string
	entries   []entry
}

// entry is an argument or a flag.
type entry struct{ name, variable, fallback, help string }

func chapters(root *kong.Node) []chapter {
	var out []chapter
	for _, n := range root.Leaves(true) {
		c := chapter{name: n.FullPath(), help: n.Help}
		var shown string
		c.detail, shown, _ = strings.Cut(n.Detail, "Examples:\n")
		c.detail = strings.TrimSpace(c.detail)
		for line := range strings.Lines(shown) {
			if line = strings.TrimSpace(line); line != "" {
				c.examples = append(c.examples, line)
			}
		}
		for _, p := range n.Positional {
			c.arguments += " " + p.Summary()
			c.entries = append(c.entries, entry{name: p.Summary(), fallback: p.Default, help: p.Help})
		}
		for at := n; at.Type == kong.CommandNode; at = at.Parent {
			c.entries = append(c.entries, flagsOf(at)...)
		}
		out = append(out, c)
	}
	return out
}

func flagsOf(n *kong.Node) []entry {
	var out []entry
	for _, f := range n.Flags {
		if f.Hidden || f.Name == "help" {
			continue
		}
		e := entry{name: "--" + f.Name, fallback: f.Default, help: f.Help}
		if f.Name != "version" {
			e.variable = variableOf(f.Name)
		}
		if f.Short != 0 {
			e.name = fmt.Sprintf("-%c, %s", f.Short, e.name)
		}
		switch {
		case f.IsBool():
		case f.Enum != "":
			e.name += "=" + strings.Join(slices.DeleteFunc(f.EnumSlice(), func(v string) bool { return v == "" }), "|")
		case f.PlaceHolder != "":
			e.name += "=" + f.PlaceHolder
		default:
			e.name += "=" + strings.ToUpper(f.Name)
		}
		out = append(out, e)
	}
	return out
}

func markdownManual(w io.Writer, root *kong.Node) error {
	var b strings.Builder
	b.WriteString("<!-- Written by `make docs`: change what it is made from. -->\n\n# The commands\n\n" +
		"What `--help` says, on one page; `clementine manual --format man` is the same for man(1). " + strings.TrimSpace(manualNotes) + "\n\n")
	cell := strings.NewReplacer("|", `\|`, "<", "&lt;")
	table := func(entries []entry) {
		if len(entries) == 0 {
			return
		}
		b.WriteString("\n| argument or flag | variable | default | |\n|---|---|---|---|\n")
		for _, e := range entries {
			variable, fallback := "", ""
			if e.variable != "" {
				variable = "`" + e.variable + "`"
			}
			if e.fallback != "" {
				fallback = "`" + e.fallback + "`"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", strings.ReplaceAll(e.name, "|", `\|`), variable, fallback, cell.Replace(e.help))
		}
	}
	all := chapters(root)
	for _, c := range all {
		fmt.Fprintf(&b, "- [%s](#%s): %s\n", strings.TrimPrefix(c.name, "clementine "), strings.ReplaceAll(c.name, " ", "-"), c.help)
	}
	b.WriteString("\n## Flags of all commands\n")
	table(flagsOf(root))
	for _, c := range all {
		fmt.Fprintf(&b, "\n## %s\n\n%s", c.name, cell.Replace(c.help))
		if c.arguments != "" {
			fmt.Fprintf(&b, " `%s`", c.name+c.arguments)
		}
		b.WriteString("\n")
		if c.detail != "" {
			fmt.Fprintf(&b, "\n%s\n", cell.Replace(c.detail))
		}
		if len(c.examples) > 0 {
			fmt.Fprintf(&b, "\n```sh\n%s\n```\n", strings.Join(c.examples, "\n"))
		}
		table(c.entries)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

const manualNotes = `Every flag can be given as an environment variable too. Exit codes: 0 nothing failed, 1 a requirement failed,
2 usage or configuration, 3 could not be judged, 130 interrupted.`

// manPage writes roff with the macros of man(7).
func manPage(w io.Writer, root *kong.Node) error {
	text := func(s string) string {
		s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
		if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
			s = `\&` + s
		}
		return s
	}
	var b strings.Builder
	fmt.Fprintf(&b, ".TH CLEMENTINE 1 \"\" \"clementine %s\"\n.SH NAME\nclementine \\- judge a partner of the Orange Business Applications API\n", versionText())
	b.WriteString(".SH SYNOPSIS\n.B clementine\n.I COMMAND\n[flags]\n.SH DESCRIPTION\n")
	for line := range strings.Lines(description) {
		if line = strings.TrimSpace(line); line == "" {
			b.WriteString(".PP\n")
			continue
		}
		b.WriteString(text(line) + "\n")
	}
	list := func(entries []entry) {
		for _, e := range entries {
			fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", text(e.name), text(e.help))
			if e.fallback != "" {
				fmt.Fprintf(&b, "Default: %s.\n", text(e.fallback))
			}
		}
	}
	b.WriteString(".SH OPTIONS\n")
	list(flagsOf(root))
	b.WriteString(".SH COMMANDS\n")
	for _, c := range chapters(root) {
		fmt.Fprintf(&b, ".SS %s\n%s\n", text(c.name+c.arguments), text(c.help))
		for line := range strings.Lines(c.detail) {
			b.WriteString(text(strings.TrimSpace(line)) + "\n")
		}
		if len(c.examples) > 0 {
			b.WriteString(".PP\n.EX\n")
			for _, line := range c.examples {
				b.WriteString(text(line) + "\n")
			}
			b.WriteString(".EE\n")
		}
		list(c.entries)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
