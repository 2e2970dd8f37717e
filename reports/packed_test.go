package reports_test

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"testing"
)

var chunk = regexp.MustCompile(`<script type="text/plain" id="d[0-9]+">([A-Za-z0-9+/=]*)</script>`)

// unpacked is a page with what its script would unpack in the place where it is packed.
func unpacked(t *testing.T, page string) string {
	t.Helper()
	return chunk.ReplaceAllStringFunc(page, func(found string) string {
		packed := base64.NewDecoder(base64.StdEncoding, strings.NewReader(chunk.FindStringSubmatch(found)[1]))
		z, err := gzip.NewReader(packed)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		var list []map[string]string
		if err := json.Unmarshal(raw, &list); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, said := range list {
			for _, part := range []string{"about", "error", "request", "requestNote", "response", "responseNote", "curl", "hurl"} {
				if said[part] != "" {
					b.WriteString(part + ": " + said[part] + "\n")
				}
			}
			b.WriteString("--\n")
		}
		return b.String()
	})
}
