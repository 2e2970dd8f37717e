package main

import (
	"context"
	"io"
)

// Parses says what is wrong with a command line, without running it.
func Parses(args []string) error {
	var line commandLine
	parser, err := newParser(&line, func(string) string { return "" }, io.Discard, io.Discard, func(int) {})
	if err == nil {
		_, err = parser.Parse(args)
	}
	return err
}

// HelpTexts are the texts of all commands' help.
func HelpTexts() ([]string, error) {
	var line commandLine
	parser, err := newParser(&line, func(string) string { return "" }, io.Discard, io.Discard, func(int) {})
	if err != nil {
		return nil, err
	}
	var texts []string
	sayHelp(parser.Model, func(text string) string {
		texts = append(texts, text)
		return text
	})
	return texts, nil
}

// NewAsker is the asker of the terminal, over any reader and writer.
func NewAsker(in io.Reader, out io.Writer) func(context.Context, string) (ok, refused bool, err error) {
	return newAsker(in, out, func() {}, "Press Enter")
}
