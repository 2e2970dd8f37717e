package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"github.com/clementine-ope/clementine/reports/french"
)

// langFlag is of commands that print for people, and nothing that holds a language of its own.
type langFlag struct {
	Lang string `enum:"en,fr" default:"en" help:"Language of what is printed: en or fr."`
}

// languageOf is the language that a command was asked for; that of the environment where it has no flag for it.
func languageOf(command *kong.Context, getenv func(string) string) string {
	for _, flag := range command.Flags() {
		if flag.Name == "lang" {
			return flag.Target.String()
		}
	}
	return getenv(variableOf("lang"))
}

// languageAsked looks for a language in a command line that could not be read.
func languageAsked(args []string, getenv func(string) string) string {
	lang := getenv(variableOf("lang"))
	for i, arg := range args {
		if value, found := strings.CutPrefix(arg, "--lang="); found {
			lang = value
		} else if arg == "--lang" && i+1 < len(args) {
			lang = args[i+1]
		}
	}
	return lang
}

// say is a text of ours in the language that was asked for, line by line. Texts of the partner's stay as they are.
func (t *terminal) say(text string) string {
	if t.lang == "fr" {
		return french.Lines(text)
	}
	return text
}

// printf prints whole lines for the person at the terminal.
func (t *terminal) printf(format string, args ...any) { t.sayTo(t.out, format, args...) }

// complainf says what is wrong, after the name of the program.
func (t *terminal) complainf(format string, args ...any) {
	name := "clementine: "
	if t.lang == "fr" {
		name = french.Typography("clementine : ")
	}
	fmt.Fprintf(t.err, "%s%s\n", name, t.say(fmt.Sprintf(format, args...)))
}

// warnf prints whole lines beside what the command is asked for: notices and errors.
func (t *terminal) warnf(format string, args ...any) { t.sayTo(t.err, format, args...) }

func (t *terminal) sayTo(w io.Writer, format string, args ...any) {
	fmt.Fprint(w, t.say(fmt.Sprintf(format, args...)))
}

// padded fills a word with spaces up to a width, in characters.
func padded(word string, width int) string {
	return word + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(word)))
}
