package main

import (
	"io"

	"github.com/clementine-ope/clementine/reports"
)

type reportMarkdown struct{ spoken }

// Run renders the summary of a CI job.
func (c reportMarkdown) Run(t *terminal) error { return c.in(t, reports.Markdown) }

type reportAnnotations struct {
	spoken
	For  string `enum:"github,gitlab" default:"github" help:"github (workflow commands) or gitlab (a code quality report)."`
	Path string `default:"partner.yaml" help:"File in the repository that GitLab's entries are about."`
}

// Run renders annotations.
func (c reportAnnotations) Run(t *terminal) error {
	if c.For == "gitlab" {
		return c.in(t, func(w io.Writer, r reports.Results) error { return reports.GitLabAnnotations(w, r, c.Path) })
	}
	return c.in(t, reports.GitHubAnnotations)
}
