package reports_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/reports"
)

// junitRule is what Jenkins' junit-10.xsd says of an element, narrowed to one order of children that older schemas of
// JUnit agree with.
type junitRule struct {
	required, optional []string // attributes
	children           []string // in this order
	text               bool
}

func junitRules() map[string]junitRule {
	reason := junitRule{optional: []string{"type", "message"}, text: true}
	return map[string]junitRule{
		"testsuites": {optional: []string{"name", "time", "tests", "failures", "errors"}, children: []string{"testsuite"}},
		"testsuite": {required: []string{"name", "tests", "failures", "errors"},
			optional: []string{"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
			children: []string{"properties", "testcase", "system-out", "system-err"}},
		"properties": {children: []string{"property"}},
		"property":   {required: []string{"name", "value"}},
		"testcase": {required: []string{"name"}, optional: []string{"time", "classname", "group"},
			children: []string{"skipped", "error", "failure", "system-out", "system-err"}},
		"skipped": reason, "error": reason, "failure": reason,
		"system-out": {text: true}, "system-err": {text: true},
	}
}

// node is any XML element.
type node struct {
	name     string
	attrs    map[string]string
	children []*node
	text     string
}

func parseXML(t *testing.T, raw string) *node {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(raw))
	root := &node{}
	stack := []*node{root}
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		top := stack[len(stack)-1]
		switch tok := tok.(type) {
		case xml.StartElement:
			n := &node{name: tok.Name.Local, attrs: map[string]string{}}
			for _, a := range tok.Attr {
				n.attrs[a.Name.Local] = a.Value
			}
			top.children = append(top.children, n)
			stack = append(stack, n)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			top.text += string(tok)
		}
	}
	if len(root.children) != 1 || root.children[0].name != "testsuites" {
		t.Fatalf("root is not one testsuites")
	}
	return root.children[0]
}

var junitTime = regexp.MustCompile(`^(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?$`)

// breaches lists where n does not follow the rules.
func breaches(n *node, at string) []string {
	at += "/" + n.name
	rule, known := junitRules()[n.name]
	if !known {
		return []string{at + ": unknown element"}
	}
	var out []string
	for name, value := range n.attrs {
		if !slices.Contains(rule.required, name) && !slices.Contains(rule.optional, name) {
			out = append(out, at+": unknown attribute "+name)
		}
		if name == "time" && !junitTime.MatchString(value) {
			out = append(out, at+": time "+value)
		}
		if slices.Contains([]string{"tests", "failures", "errors", "skipped"}, name) {
			if _, err := strconv.Atoi(value); err != nil {
				out = append(out, at+": "+name+" "+value)
			}
		}
	}
	for _, name := range rule.required {
		if _, ok := n.attrs[name]; !ok {
			out = append(out, at+": no attribute "+name)
		}
	}
	if !rule.text && strings.TrimSpace(n.text) != "" {
		out = append(out, at+": text "+n.text)
	}
	last := 0
	for _, c := range n.children {
		i := slices.Index(rule.children, c.name)
		if i < last {
			out = append(out, fmt.Sprintf("%s: %s is not allowed here", at, c.name))
			continue
		}
		last = i
		out = append(out, breaches(c, at)...)
	}
	return out
}

func variants() map[string]reports.Results {
	skipped, interrupted, warned := sample(), sample(), sample()
	for i := range skipped.Requirements {
		skipped.Requirements[i].Verdict = reports.Skipped
	}
	skipped.Scenarios, skipped.Verdict = skipped.Scenarios[6:7], "broken"
	interrupted.Interrupted, interrupted.Scenarios = true, interrupted.Scenarios[:1]
	warned.Requirements, warned.Scenarios, warned.Verdict = warned.Requirements[2:3], warned.Scenarios[5:6], "passed"
	return map[string]reports.Results{"sample": sample(), "hostile": hostile(), "whole": whole(), "skipped": skipped,
		"interrupted": interrupted, "warned": warned, "empty": {Version: 1, Verdict: "broken"}}
}

func TestJUnitFollowsTheSchema(t *testing.T) {
	t.Parallel()
	for name, r := range variants() {
		for _, b := range breaches(parseXML(t, rendered(t, reports.JUnit, r)), "") {
			t.Errorf("%s: %s", name, b)
		}
	}
}

func TestJUnitRulesRefuse(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		`<testsuites skipped="1"/>`, `<testsuites><testcase name="x"/></testsuites>`, `<testsuites time="1s"/>`,
		`<testsuites><testsuite name="x" tests="1" failures="0"/></testsuites>`,
		`<testsuites><testsuite name="x" tests="1" failures="0" errors="0"><testcase name="y"><failure/><skipped/></testcase></testsuite></testsuites>`,
		`<testsuites><testsuite name="x" tests="1" failures="0" errors="0"><testcase name="y"/><properties/></testsuite></testsuites>`,
		`<testsuites><testsuite name="x" tests="1" failures="0" errors="0"><testcase name="y" status="z">t</testcase></testsuite></testsuites>`,
	} {
		if len(breaches(parseXML(t, raw), "")) == 0 {
			t.Errorf("accepted %s", raw)
		}
	}
}

func TestJUnitCountsItsElements(t *testing.T) {
	t.Parallel()
	for name, r := range variants() {
		root := parseXML(t, rendered(t, reports.JUnit, r))
		all := map[string]int{}
		for _, suite := range root.children {
			seen := map[string]int{}
			for _, c := range suite.children {
				if c.name != "testcase" {
					continue
				}
				seen["tests"]++
				for _, e := range c.children {
					seen[map[string]string{"failure": "failures", "error": "errors", "skipped": "skipped"}[e.name]]++
				}
			}
			for _, key := range []string{"tests", "failures", "errors", "skipped"} {
				if suite.attrs[key] != strconv.Itoa(seen[key]) {
					t.Errorf("%s: suite %q says %s=%s, holds %d", name, suite.attrs["name"], key, suite.attrs[key], seen[key])
				}
				all[key] += seen[key]
			}
		}
		for _, key := range []string{"tests", "failures", "errors"} {
			if root.attrs[key] != strconv.Itoa(all[key]) {
				t.Errorf("%s: testsuites says %s=%s, holds %d", name, key, root.attrs[key], all[key])
			}
		}
		if passes := all["failures"]+all["errors"] == 0; passes != (reports.ExitCode(r) == 0) {
			t.Errorf("%s: exit code %d, but %d failures and %d errors", name, reports.ExitCode(r), all["failures"], all["errors"])
		}
	}
}

func TestJUnitTellsScenariosApart(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Scenarios[2].Name = r.Scenarios[1].Name
	seen := map[string]bool{}
	for _, suite := range parseXML(t, rendered(t, reports.JUnit, r)).children {
		for _, c := range suite.children {
			if key := c.attrs["classname"] + "/" + c.attrs["name"]; c.name == "testcase" && seen[key] {
				t.Errorf("%s is there twice", key)
			} else {
				seen[key] = true
			}
		}
	}
}
