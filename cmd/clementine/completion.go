package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help is shown by --help.
func (completionCommand) Help() string {
	return `Prints a script that lets the shell complete commands, flags and their values.

Examples:

  source <(clementine completion bash)
  clementine completion zsh > "${fpath[1]}/_clementine"
  clementine completion fish > ~/.config/fish/completions/clementine.fish`
}

// Run prints the script.
func (c completionCommand) Run(k *kong.Context, t *terminal) error {
	places := completions(k.Model.Node, nil)
	switch c.Shell {
	case "fish":
		return fishCompletion(t.out, places)
	case "zsh":
		return zshCompletion(t.out, places)
	default:
		return bashCompletion(t.out, places)
	}
}

// word is something that may stand at a place, with its help.
type word struct{ text, help string }

// spot is a command with what may follow it. Values are those of its flags that take one of a few.
type spot struct {
	path     string // "report html"; empty for the program itself
	commands []word
	flags    []word
	values   map[string][]string
}

// completions lists the commands below n, itself first, in the order of the help.
func completions(n *kong.Node, path []string) []spot {
	p := spot{path: strings.Join(path, " "), values: map[string][]string{}}
	for _, group := range n.AllFlags(true) {
		for _, f := range group {
			p.flags = append(p.flags, word{"--" + f.Name, f.Help})
			if f.Enum != "" {
				p.values["--"+f.Name] = strings.FieldsFunc(f.Enum, func(r rune) bool { return r == ',' })
			}
		}
	}
	places := []spot{p}
	for _, child := range n.Children {
		if child.Type != kong.CommandNode || child.Hidden {
			continue
		}
		places[0].commands = append(places[0].commands, word{child.Name, child.Help})
		places = append(places, completions(child, append(slices.Clone(path), child.Name))...)
	}
	return places
}

func texts(words []word) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.text
	}
	return strings.Join(out, " ")
}

// bashCompletion follows the words before the cursor down the commands, and offers what may come there; a file's name
// where nothing is known.
func bashCompletion(w io.Writer, places []spot) error {
	var b strings.Builder
	b.WriteString("# bash completion of clementine\n_clementine() {\n" +
		"  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path='' word words=''\n" +
		"  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n    case \"$path $word\" in\n")
	for _, p := range places[1:] {
		before, last := "", p.path
		if i := strings.LastIndexByte(p.path, ' '); i >= 0 {
			before, last = p.path[:i], p.path[i+1:]
		}
		fmt.Fprintf(&b, "      '%s %s') path='%s' ;;\n", before, last, p.path)
	}
	b.WriteString("    esac\n  done\n  case \"$path $prev\" in\n")
	for _, p := range places {
		for _, f := range p.flags {
			if values := p.values[f.text]; values != nil {
				fmt.Fprintf(&b, "    '%s %s') words='%s' ;;\n", p.path, f.text, strings.Join(values, " "))
			}
		}
	}
	b.WriteString("  esac\n  if [ -z \"$words\" ]; then\n    case \"$path\" in\n")
	for _, p := range places {
		fmt.Fprintf(&b, "      '%s') [[ $cur == -* ]] && words='%s' || words='%s' ;;\n", p.path, texts(p.flags), texts(p.commands))
	}
	b.WriteString("    esac\n  fi\n  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\n" +
		"complete -o default -F _clementine clementine\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// zshCompletion lets zsh read bash's: one script to keep right.
func zshCompletion(w io.Writer, places []spot) error {
	if _, err := io.WriteString(w, "#compdef clementine\nautoload -U +X bashcompinit && bashcompinit\n"); err != nil {
		return err
	}
	return bashCompletion(w, places)
}

func fishCompletion(w io.Writer, places []spot) error {
	var b strings.Builder
	b.WriteString("# fish completion of clementine\n")
	quote := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	for _, p := range places {
		when := "__fish_use_subcommand"
		if p.path != "" {
			when = "__fish_seen_subcommand_from " + p.path
			if i := strings.LastIndexByte(p.path, ' '); i >= 0 {
				when = "__fish_seen_subcommand_from " + p.path[:i] + "; and __fish_seen_subcommand_from " + p.path[i+1:]
			}
		}
		for _, c := range p.commands {
			fmt.Fprintf(&b, "complete -c clementine -n '%s' -f -a %s -d '%s'\n", when, c.text, quote.Replace(c.help))
		}
		for _, f := range p.flags {
			fmt.Fprintf(&b, "complete -c clementine -n '%s' -l %s -d '%s'", when, strings.TrimPrefix(f.text, "--"), quote.Replace(f.help))
			if values := p.values[f.text]; values != nil {
				fmt.Fprintf(&b, " -x -a '%s'", strings.Join(values, " "))
			}
			b.WriteString("\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
