package schemas

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

const builtinFolder = "mba-2.2"

//go:embed all:mba-2.2
var embedded embed.FS

var builtin = sync.OnceValues(func() (*Pack, error) {
	sub, err := fs.Sub(embedded, builtinFolder)
	if err != nil {
		return nil, fmt.Errorf("open the built-in contract pack: %w", err)
	}
	pack, problems := build(sub, false)
	if len(problems) > 0 {
		p := problems[0]
		return nil, &PackError{File: p.File, Line: p.Line, Msg: p.Msg}
	}
	return pack, nil
})

// Builtin gives the pack that the binary holds. It is read once; each of its schemas is compiled when first used.
func Builtin() (*Pack, error) { return builtin() }

// Export writes the built-in pack's files into dir, as a start for a partner's own. It makes the folder if it is not
// there and refuses one that holds anything.
func Export(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("export contract pack: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("export contract pack: %s is not empty", dir)
	}
	return fs.WalkDir(embedded, builtinFolder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(builtinFolder, filepath.FromSlash(path))
		if err != nil {
			return fmt.Errorf("export contract pack: %w", err)
		}
		if rel == proofFile {
			return nil // it is true of the built-in pack alone
		}
		target := filepath.Join(dir, rel)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755) // #nosec G301 -- a contract is no secret
		}
		data, err := embedded.ReadFile(path)
		if err != nil {
			return fmt.Errorf("export contract pack: %w", err)
		}
		return os.WriteFile(target, data, 0o644) // #nosec G306 -- a contract is no secret
	})
}
