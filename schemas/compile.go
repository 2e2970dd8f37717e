package schemas

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// schemaBase is where the pack's schemas live for each other's $ref. The name can't resolve, and nothing is fetched.
const schemaBase = "https://contract.invalid/"

const schemaSuffix = ".schema.json"

// schemaSet compiles the pack's schemas, each when it is first used.
type schemaSet struct {
	files   map[string][]byte
	entries map[string]*schemaEntry

	mu       sync.Mutex // the compiler is not safe for concurrent use
	compiler *jsonschema.Compiler
}

type schemaEntry struct {
	name, file, requirement string

	once   sync.Once
	schema *jsonschema.Schema
	err    error
}

// newSchemaSet names the schemas; it reads none of them.
func newSchemaSet(files map[string][]byte, refs map[string]schemaRef) (*schemaSet, []Problem) {
	s := &schemaSet{files: files, entries: map[string]*schemaEntry{}}
	var problems []Problem
	for _, name := range sortedKeys(refs) {
		ref := refs[name]
		if _, ok := files[ref.file]; !ok && ref.file != "" {
			problems = append(problems, Problem{contractFile, ref.line, fmt.Sprintf("schema %s: there is no file %s", name, ref.file)})
			continue
		}
		s.entries[name] = &schemaEntry{name: name, file: ref.file, requirement: ref.requirement}
	}
	return s, problems
}

// compileAll compiles every schema and reports those that don't.
func (s *schemaSet) compileAll() []Problem {
	var problems []Problem
	broken := map[string]bool{}
	for _, file := range s.schemaFiles() {
		if _, err := parseTree(s.files[file]); err != nil {
			broken[file] = true
			problems = append(problems, Problem{file, lineOf(s.files[file], err), "not JSON: " + err.Error()})
		}
	}
	if len(broken) > 0 {
		return problems
	}
	if problems = s.notSchemas(); len(problems) > 0 {
		return problems
	}
	seen := map[Problem]bool{}
	for _, name := range sortedKeys(s.entries) {
		if _, err := s.compile(s.entries[name]); err != nil {
			p := s.locate(s.entries[name].file, err)
			if !seen[p] {
				seen[p] = true
				problems = append(problems, p)
			}
		}
	}
	return problems
}

// schemaFiles lists the schema files, those included that only others refer to.
func (s *schemaSet) schemaFiles() []string {
	files := map[string]bool{}
	for _, e := range s.entries {
		if e.file != "" {
			files[e.file] = true
		}
	}
	for name := range s.files {
		if strings.HasSuffix(name, schemaSuffix) {
			files[name] = true
		}
	}
	return sortedKeys(files)
}

func (s *schemaSet) compile(e *schemaEntry) (*jsonschema.Schema, error) {
	e.once.Do(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.compiler == nil {
			if s.compiler, e.err = s.newCompiler(); e.err != nil {
				return
			}
		}
		e.schema, e.err = compileSafely(s.compiler, schemaBase+e.file)
	})
	return e.schema, e.err
}

// compileSafely turns the compiler's panics on schemas that are none (a type that does not exist, say) into errors.
func compileSafely(c *jsonschema.Compiler, url string) (schema *jsonschema.Schema, err error) {
	defer func() {
		if p := recover(); p != nil {
			schema, err = nil, fmt.Errorf("%s: not a JSON Schema: %v", strings.TrimPrefix(url, schemaBase), p)
		}
	}()
	return c.Compile(url)
}

// metaschema is the schema of schemas, which the library brings along.
const metaschema = "https://json-schema.org/draft/2020-12/schema"

// notSchemas holds each file against the metaschema, so that a fault is named by file and line before anything compiles.
func (s *schemaSet) notSchemas() []Problem {
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	meta, err := compileSafely(c, metaschema)
	if err != nil {
		return []Problem{{File: contractFile, Line: 1, Msg: "the metaschema: " + err.Error()}}
	}
	var problems []Problem
	for _, file := range s.schemaFiles() {
		decoder := json.NewDecoder(bytes.NewReader(s.files[file]))
		decoder.UseNumber()
		var doc any
		if err := decoder.Decode(&doc); err != nil {
			continue // reported where files are parsed
		}
		if err := meta.Validate(doc); err != nil {
			problems = append(problems, s.locate(file, err))
		}
	}
	return problems
}

func (s *schemaSet) newCompiler() (*jsonschema.Compiler, error) {
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	c.AssertFormat = true
	c.ExtractAnnotations = true
	c.LoadURL = func(url string) (io.ReadCloser, error) {
		return nil, fmt.Errorf("%s is not in the pack, and nothing outside it is read", strings.TrimPrefix(url, schemaBase))
	}
	c.RegisterExtension(annotationName, nil, annotationCompiler{})
	for _, file := range s.schemaFiles() {
		if err := c.AddResource(schemaBase+file, bytes.NewReader(s.files[file])); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return c, nil
}

// locate finds the file and line of a compile error.
func (s *schemaSet) locate(file string, err error) Problem {
	p := Problem{File: file, Line: 1, Msg: "not usable as JSON Schema: " + strings.ReplaceAll(err.Error(), schemaBase, "")}
	var schemaErr *jsonschema.SchemaError
	if errors.As(err, &schemaErr) {
		if named, ok := strings.CutPrefix(strings.TrimSuffix(schemaErr.SchemaURL, "#"), schemaBase); ok && s.files[named] != nil {
			p.File = named
		}
	}
	var invalid *jsonschema.ValidationError
	if errors.As(err, &invalid) {
		for len(invalid.Causes) > 0 {
			invalid = invalid.Causes[0]
		}
		p.Msg = fmt.Sprintf("not a JSON Schema at %s: %s", orRoot(invalid.InstanceLocation), invalid.Message)
		if root, err := parseTree(s.files[p.File]); err == nil {
			if at := root.at(pointer(invalid.InstanceLocation)); at != nil {
				p.Line = lineAt(s.files[p.File], at.offset)
			}
		}
	}
	return p
}

func orRoot(pointer string) string {
	if pointer == "" {
		return "/"
	}
	return pointer
}

// annotationName is the extension under which a compiled schema keeps its x-requirement and x-required.
const annotationName = "x-requirement"

// annotation says which requirement a violation in this schema cites.
type annotation struct {
	requirement string            // x-requirement: for every violation in it
	required    map[string]string // x-required: for a missing member
}

// Validate accepts everything: an annotation asserts nothing.
func (annotation) Validate(jsonschema.ValidationContext, any) error { return nil }

type annotationCompiler struct{}

// Compile reads the annotation keywords of one schema.
func (annotationCompiler) Compile(_ jsonschema.CompilerContext, m map[string]any) (jsonschema.ExtSchema, error) {
	requirement, hasRequirement := m["x-requirement"]
	required, hasRequired := m["x-required"]
	if !hasRequirement && !hasRequired {
		return nil, nil
	}
	a := annotation{required: map[string]string{}}
	if hasRequirement {
		text, ok := requirement.(string)
		if !ok {
			return nil, errors.New("x-requirement must be a requirement id")
		}
		a.requirement = text
	}
	if hasRequired {
		byName, ok := required.(map[string]any)
		if !ok {
			return nil, errors.New("x-required must be an object of requirement ids")
		}
		for name, v := range byName {
			text, ok := v.(string)
			if !ok {
				return nil, fmt.Errorf("x-required: %s must be a requirement id", name)
			}
			a.required[name] = text
		}
	}
	return a, nil
}
