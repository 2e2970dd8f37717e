package reports

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
)

//go:embed templates
var templates embed.FS

// HTML writes the report as one page that needs nothing else: no network, and no script for its verdicts, findings
// and what they show; a script unpacks the other exchanges. What the partner said is escaped, and a content security policy lets only our own style and script act.
func HTML(w io.Writer, r Results) error {
	css, err := templates.ReadFile("templates/style.css")
	if err != nil {
		return fmt.Errorf("write html report: %w", err)
	}
	var js []byte
	for _, name := range []string{"templates/exchanges.js", "templates/filter.js"} {
		part, err := templates.ReadFile(name)
		if err != nil {
			return fmt.Errorf("write html report: %w", err)
		}
		js = append(js, part...)
	}
	r = r.In(r.Lang)
	l := labelsFor(r.Lang)
	p, err := buildPage(r)
	if err != nil {
		return fmt.Errorf("write html report: %w", err)
	}
	p.CSS, p.JS = template.CSS(css), template.JS(js) // #nosec G203 -- both are ours, embedded
	p.CSP = "default-src 'none'; style-src " + digest(css) + "; script-src " + digest(js) + "; base-uri 'none'; form-action 'none'"
	if err := writePage(w, l, "page.html", p); err != nil {
		return fmt.Errorf("write html report: %w", err)
	}
	return nil
}

// writePage writes a page whole, or nothing of it.
func writePage(w io.Writer, l labels, name string, page any) error {
	t, err := template.New(name).Funcs(template.FuncMap{"t": l.T, "cites": l.cites}).ParseFS(templates, "templates/*.html")
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, page); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// digest is a source expression of a content security policy that allows exactly this text.
func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
