package main

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/clementine-ope/clementine/reports/french"
)

// What stands for a space that does not break while lines are wrapped: kong breaks at those, too. They are of Unicode's private use.
const (
	keptSpace  = "\ue000"
	keptNarrow = "\ue001"
)

// helpIn prints help in a language: what the commands say of themselves stands beside their code in English, and its French
// in the catalogue of what commands print.
func helpIn(lang string) kong.HelpPrinter {
	return func(o kong.HelpOptions, ctx *kong.Context) error {
		if lang != "fr" {
			return kong.DefaultHelpPrinter(o, ctx)
		}
		sayHelp(ctx.Model, func(english string) string {
			said, _ := french.Line(english)
			return strings.NewReplacer("\u00a0", keptSpace, "\u202f", keptNarrow).Replace(said)
		})
		out := ctx.Stdout
		var page bytes.Buffer
		ctx.Stdout = &page
		err := kong.DefaultHelpPrinter(o, ctx)
		ctx.Stdout = out
		if err != nil {
			return err
		}
		kept := strings.NewReplacer(keptSpace, "\u00a0", keptNarrow, "\u202f")
		_, err = kept.WriteString(out, frenchFrame(page.String()))
		return err
	}
}

// askingHelp leaves the language out of a command line that asks for help: help has one even where the command has none.
func askingHelp(args []string) []string {
	if !slices.Contains(args, "--help") && !slices.Contains(args, "-h") {
		return args
	}
	var out []string
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--lang":
			i++
		case !strings.HasPrefix(args[i], "--lang="):
			out = append(out, args[i])
		}
	}
	return out
}

// frenchFrame puts the words into French that kong has around the help of a command.
func frenchFrame(page string) string {
	usage, rest, _ := strings.Cut(page, "\n")
	usage = strings.NewReplacer("Usage:", "Usage :", "<command>", "<commande>", "[flags]", "[options]").Replace(usage)
	rest = strings.NewReplacer("\nFlags:\n", "\nOptions :\n", "\nCommands:\n", "\nCommandes :\n", "\nArguments:\n", "\nArguments :\n").Replace(rest)
	rest = moreHelp().ReplaceAllString(rest, `« $1 » en dit plus sur une commande.`)
	rest = strings.ReplaceAll(rest, "<command>", "<commande>")
	return french.Typography(usage) + "\n" + french.Typography(rest)
}

func moreHelp() *regexp.Regexp {
	return regexp.MustCompile(`Run "([^"]*)" for more\s+information on a command\.`)
}

// sayHelp replaces each text of a command's help, and of those below it.
func sayHelp(root *kong.Application, say func(string) string) {
	values := func(all []*kong.Value) {
		for _, v := range all {
			v.Help = say(v.Help)
		}
	}
	var walk func(n *kong.Node)
	walk = func(n *kong.Node) {
		n.Help, n.Detail = sayParagraphs(n.Help, say), sayParagraphs(n.Detail, say)
		values(n.Positional)
		for _, f := range n.Flags {
			f.Help = say(f.Help)
		}
		for _, child := range n.Children {
			walk(child)
		}
	}
	walk(root.Node)
}

// sayParagraphs says a text paragraph by paragraph. What is indented is to be typed, and only the remark after it is said.
func sayParagraphs(text string, say func(string) string) string {
	var out []string
	for _, paragraph := range strings.Split(text, "\n\n") {
		if !strings.HasPrefix(paragraph, " ") {
			out = append(out, say(strings.Join(strings.Fields(paragraph), " ")))
			continue
		}
		lines := strings.Split(paragraph, "\n")
		for i, line := range lines {
			if typed, remark, found := strings.Cut(line, "  # "); found {
				lines[i] = typed + "  # " + say(remark)
			}
		}
		out = append(out, strings.Join(lines, "\n"))
	}
	return strings.Join(out, "\n\n")
}
