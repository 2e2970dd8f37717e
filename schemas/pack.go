// Package schemas is the contract as data: packs of endpoints, JSON paths by role, enums, JSON Schemas, request
// payloads, requirements and the interpretation ledger, and the judging of a body by them.
//
// It owns reading and checking a pack, rendering payloads, and violations in words. It does not own what a scenario
// expects of a partner beyond a body's form: that is the harness's.
package schemas

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
)

const contractFile = "contract.yaml"

// Pack is one contract. It is read only and safe for concurrent use.
type Pack struct {
	Name    string
	Version string
	Digest  string // "sha256:…" over the sorted file names and contents

	contract     *contract
	requirements map[string]Requirement
	templates    map[string]*node
	schemas      *schemaSet
}

// Endpoint is one call of the contract. Path may hold {offer} or {id}. Query gives parameter names by role.
type Endpoint struct {
	Role   string
	Serves string // partner | orange
	Method string
	Path   string
	Query  map[string]string
}

// Requirement is one row of the catalogue: what a scenario checks and what a finding cites.
type Requirement struct {
	ID      string
	Level   string // mandatory | optional | advice
	When    string // both | sync | async: the declared mode it applies to
	Feature string // the declared feature that switches it on; empty = always
	Source  string // the clause
	Text    string // English
	TextFR  string
	Needs   []string // requirements whose failure makes this one inconclusive; direct ones
	Open    bool     // the sources leave the wire form open
}

// TextIn gives the text in a language: "fr" for French where the pack has it, English otherwise.
func (r Requirement) TextIn(lang string) string {
	if lang == "fr" && r.TextFR != "" {
		return r.TextFR
	}
	return r.Text
}

// TextIn is the text of a requirement in a language. A pack that words it otherwise leaves a text as it came: results keep the
// words that they were judged by.
func (p *Pack) TextIn(lang, id, text string) string {
	if r, known := p.Requirement(id); known && (text == r.Text || text == r.TextFR) {
		return r.TextIn(lang)
	}
	return text
}

// Interpretation is one row of the ledger: where the sources contradict themselves or are silent, and what we chose.
type Interpretation struct {
	ID            string
	Contradiction string
	Choice        string
	Clauses       []string
	Requirements  []string
	Origin        string
}

// Problem is one fault of a pack. Line is 1 where no better one is known.
type Problem struct {
	File string
	Line int
	Msg  string
}

func (p Problem) String() string { return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Msg) }

// PackError is the first problem that keeps a pack from being used.
type PackError struct {
	File string
	Line int
	Msg  string
}

func (e *PackError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg) }

// Load reads a pack. Its error is a *PackError for anything wrong inside the pack; Check lists all of them.
func Load(fsys fs.FS) (*Pack, error) {
	pack, problems := build(fsys, true)
	if len(problems) > 0 {
		p := problems[0]
		if more := len(problems) - 1; more > 0 {
			p.Msg += fmt.Sprintf(" (and %d more)", more)
		}
		return nil, &PackError{File: p.File, Line: p.Line, Msg: p.Msg}
	}
	return pack, nil
}

// LoadDir reads the pack in a folder.
func LoadDir(dir string) (*Pack, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("read contract pack: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("read contract pack: %s is not a folder", dir)
	}
	pack, err := Load(os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("contract pack %s: %w", dir, err)
	}
	return pack, nil
}

// build reads the pack and reports everything that keeps it from being used. Schemas are compiled only if eager: the
// built-in pack's are known to compile, and are compiled when first used.
func build(fsys fs.FS, eager bool) (*Pack, []Problem) {
	if _, err := fs.Stat(fsys, contractFile); errors.Is(err, fs.ErrNotExist) {
		return nil, []Problem{{contractFile, 1, "there is no such file: a contract pack is a folder with a contract.yaml"}}
	}
	files, err := readAll(fsys)
	if err != nil {
		return nil, []Problem{{contractFile, 1, "read the pack: " + err.Error()}}
	}
	c, problems := readContract(files[contractFile])
	if c == nil {
		return nil, problems
	}
	p := &Pack{
		Name: c.name, Version: c.version, Digest: digest(files),
		contract: c, requirements: map[string]Requirement{}, templates: map[string]*node{},
	}
	for _, q := range c.requirements {
		p.requirements[q.ID] = q
	}
	for _, name := range sortedKeys(c.payloads) {
		template, more := readTemplate(files, name, c.payloads[name])
		problems = append(problems, more...)
		p.templates[name] = template
	}
	var more []Problem
	p.schemas, more = newSchemaSet(files, c.schemas)
	problems = append(problems, more...)
	if eager {
		problems = append(problems, p.schemas.compileAll()...)
	}
	return p, problems
}

// Bounds of a pack: packs are small, and a folder given by mistake may not be.
const (
	maxPackFile  = 4 << 20
	maxPackFiles = 2000
)

// readAll reads a pack's files. Names that start with a dot are not part of it, so that a pack may live in a repository;
// nor is what is known of the checks, which names the pack's digest.
func readAll(fsys fs.FS) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(fsys, ".", func(path string, entry fs.DirEntry, err error) error {
		hidden := strings.HasPrefix(entry.Name(), ".") && path != "."
		switch {
		case err != nil:
			return err
		case entry.IsDir() && hidden:
			return fs.SkipDir
		case entry.IsDir() || hidden || path == proofFile:
			return nil
		}
		info, err := fs.Stat(fsys, path)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() || info.Size() > maxPackFile {
			return fmt.Errorf("%s is not a file of at most %d bytes", path, maxPackFile)
		}
		if len(files) == maxPackFiles {
			return fmt.Errorf("the folder holds more than %d files", maxPackFiles)
		}
		files[path], err = fs.ReadFile(fsys, path)
		return err
	})
	return files, err
}

func digest(files map[string][]byte) string {
	h := sha256.New()
	for _, name := range sortedKeys(files) {
		// Lengths keep two different packs from hashing as the same run of bytes.
		fmt.Fprintf(h, "%d:%s%d:", len(name), name, len(files[name]))
		h.Write(files[name])
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// Endpoint gives a call by role.
func (p *Pack) Endpoint(role string) Endpoint {
	e := p.contract.endpoints[role]
	e.Query = maps.Clone(e.Query)
	return e
}

// Path gives the gjson path of a role such as order.fleet, relative to the thing that the role names first.
func (p *Pack) Path(role string) string { return p.contract.paths[role] }

// Value gives an enum value by role, such as order.completed.
func (p *Pack) Value(role string) string { return p.contract.values[role] }

// Requirements gives the catalogue in its order.
func (p *Pack) Requirements() []Requirement { return slices.Clone(p.contract.requirements) }

// Requirement gives one row of the catalogue.
func (p *Pack) Requirement(id string) (Requirement, bool) {
	r, ok := p.requirements[id]
	return r, ok
}

// Needs gives all requirements that id needs, directly or through another, sorted.
func (p *Pack) Needs(id string) []string {
	seen := map[string]bool{id: true}
	queue := []string{id}
	var all []string
	for len(queue) > 0 {
		for _, next := range p.requirements[queue[0]].Needs {
			if !seen[next] {
				seen[next] = true
				all = append(all, next)
				queue = append(queue, next)
			}
		}
		queue = queue[1:]
	}
	slices.Sort(all)
	return all
}

// Interpretations gives the ledger in its order.
func (p *Pack) Interpretations() []Interpretation { return slices.Clone(p.contract.interpretations) }
