package schemas_test

import (
	"io/fs"
	"os"
	"testing"
	"testing/fstest"

	"github.com/clementine-ope/clementine/schemas"
)

func inMemory(files map[string][]byte) fs.FS {
	fsys := fstest.MapFS{}
	for name, data := range files {
		fsys[name] = &fstest.MapFile{Data: data}
	}
	return fsys
}

func BenchmarkJudge(b *testing.B) {
	answer, err := os.ReadFile("mba-2.2/examples/order.answer/valid-licences.json")
	if err != nil {
		b.Fatal(err)
	}
	p := builtinPack(b)
	for _, bench := range []struct {
		name, schema string
		body         []byte
		violations   int
	}{
		{"order answer", "order.answer", answer, 0},
		{"100 licences", "licences", hundred(""), 0},
		{"100 licences without state", "licences", hundred("state"), 1},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(bench.body)))
			b.ReportAllocs()
			for b.Loop() {
				if got := p.Judge(bench.schema, aJSON, bench.body); len(got) != bench.violations {
					b.Fatalf("violations: %+v", got)
				}
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	dir := os.DirFS("mba-2.2")
	for b.Loop() {
		if _, err := schemas.Load(dir); err != nil {
			b.Fatal(err)
		}
	}
}
