package main_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	clementine "github.com/clementine-ope/clementine/cmd/clementine"
)

// englishWords are words that no line in French has, outside of what is quoted.
var englishWords = regexp.MustCompile(`\b(the|is|not|of|by|was|and|that|has|to|be|it)\b`)

// quoted are values of the partner's, ids and what a shell would take.
var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|\([^)]*sha256[^)]*\)|[a-z_]+/[a-z-]+|(?:--[a-z-]+ ?)+[A-Z]*|clementine [a-z -]+|http\S+`)

// inBoth runs a command in both languages: the exit code is the same, and no line of the French one is left in English.
func inBoth(t *testing.T, code int, says string, args ...string) {
	t.Helper()
	if english := command(t, nil, "", append(args, "--lang", "en")...); english.code != code {
		t.Fatalf("%v: exit %d in English, want %d\n%s%s", args, english.code, code, english.out, english.errOut)
	}
	inFrench(t, code, says, args...)
}

// inFrench runs a command in French.
func inFrench(t *testing.T, code int, says string, args ...string) {
	t.Helper()
	french := command(t, nil, "", append(args, "--lang", "fr")...)
	if french.code != code {
		t.Fatalf("%v: exit %d in French, want %d\n%s%s", args, french.code, code, french.out, french.errOut)
	}
	said := french.out + french.errOut
	if !strings.Contains(strings.ReplaceAll(said, "\u00a0", " "), says) {
		t.Errorf("%v: no %q in\n%s", args, says, said)
	}
	for _, line := range strings.Split(said, "\n") {
		if word := englishWords.FindString(quoted.ReplaceAllString(line, "")); word != "" {
			t.Errorf("%v: English (%s) in %q", args, word, line)
		}
	}
}

// tampered is a bundle with one text of its exchanges replaced, and nothing recomputed.
func tampered(t *testing.T, name, old, now string) string {
	t.Helper()
	in, err := zip.OpenReader(name)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range in.File {
		rd, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(rd)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == "results.json" {
			before, after, found := bytes.Cut(raw, []byte("\n  \"exchanges\": ["))
			if !found || !bytes.Contains(after, []byte(old)) {
				t.Fatalf("no %s in the exchanges", old)
			}
			raw = slices.Concat(before, []byte("\n  \"exchanges\": ["), bytes.Replace(after, []byte(old), []byte(now), 1))
		}
		w, err := z.Create(f.Name)
		if err == nil {
			_, err = w.Write(raw)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return write(t, "tampered.clem", out.String())
}

// Whoever reads French only goes the reviewer's whole path, and what goes wrong on it, without a line in English.
func TestTheReviewersPathInFrench(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	right, wrong := referencePartner(t, "sync"), referencePartner(t, "sync", "--defect", "swap-drops-login")
	expected(t, clementine.ExitPassed, "PASSED", append([]string{"run", "--out", at("last")}, right...)...)
	expected(t, clementine.ExitFailed, "US-UC4-03", append([]string{"run", "--challenge", "K7WQ-2026-11", "--out", at("new")}, wrong...)...)
	last, claim := at("last/report.clem"), at("new/report.clem")

	inBoth(t, 0, "verdict    NON CONFORME : 1 sur 85", "report", "verify", claim, "--challenge", "K7WQ-2026-11")
	inBoth(t, 0, "Cohérent : le rejeu", "report", "verify", claim, "--challenge", "K7WQ-2026-11")
	inBoth(t, 1, "mais pas comme vous l’attendez", "report", "verify", claim, "--challenge", "another-challenge")
	altered := tampered(t, claim, `"status": 200`, `"status": 201`)
	inBoth(t, 1, "l’échange 0 est le premier", "report", "verify", altered)
	inBoth(t, 0, "MODIFIÉ : l’archive", "report", "text", altered)
	for _, format := range []string{"html", "markdown"} {
		if got := command(t, nil, "", "report", format, "--lang", "fr", altered); !strings.Contains(got.out, "MODIFIÉ") {
			t.Errorf("%s does not say that the bundle was altered", format)
		}
	}
	inBoth(t, 1, "conforme -> non conforme, cause : le partenaire", "report", "compare", last, claim)
	inFrench(t, 0, "comme annoncé", append([]string{"report", "spot", claim, "-n", "2", "--seed", "3"}, wrong...)...)

	inBoth(t, 0, "US-UC4-03, migration/", "report", "dispute", claim)
	inBoth(t, 0, "dispute.html écrit", "report", "dispute", claim, "--finding", "US-UC4-03", "--claim", "x", "-o", at("dispute.html"))
	inBoth(t, 2, "n’a pas de constat GEN-01 à contester", "report", "dispute", claim, "--finding", "GEN-01", "--claim", "x")

	decide := []string{"report", "review", "--by", "A. Reviewer", "--reason", "dans leur prochaine version"}
	inBoth(t, 2, "US-UC4-03 n’est pas conforme et n’a pas de dérogation", append(decide, claim, "--accept")...)
	inBoth(t, 2, "GEN-01 est conforme : il n’y a pas à déroger", append(decide, claim, "--waive", "GEN-01", "--until", "2099-12-31")...)
	inBoth(t, 2, "est déjà échue", append(decide, claim, "--waive", "US-UC4-03", "--until", "2020-12-31")...)
	inFrench(t, 0, "back.clem écrit", append(decide, claim, "--waive", "US-UC4-03", "--until", "2099-12-31", "-o", at("back.clem"))...)
	expected(t, 0, "written", append(decide, at("back.clem"), "--accept")...)
	inBoth(t, 0, "dérogation jusqu’au 31/12/2099", "report", "review", at("back.clem"))
	inBoth(t, 1, "au 01/01/2100", "report", "review", at("back.clem"), "--on", "2100-01-01")
	expected(t, 0, "orange.key et ", "report", "keygen", at("orange"), "--lang", "fr")
	inBoth(t, 0, "back.clem écrit", "report", "sign", at("back.clem"), "--key", at("orange.key"))
	inBoth(t, 0, "back.clem écrit", "report", "sign", at("back.clem"), "--key", at("orange.key"), "--dsse")
	inBoth(t, 0, "Déclaration : le détenteur de la clé", "report", "verify", at("back.clem"), "--key", at("orange.pub"))
	inBoth(t, 0, "a signé exactement cet essai et les décisions prises (2)", "report", "verify", at("back.clem"), "--key", at("orange.pub"))
	inBoth(t, 1, "pas de signature de la clé", "report", "verify", claim, "--key", at("orange.pub"))
	inBoth(t, 0, "2 constats connus", "report", "baseline", claim, "--reason", "x", "--until", "2099-12-31", "-o", at("b.yaml"))

	// What programs read has no language.
	english, french := command(t, nil, "", "report", "compare", "--json", last, claim), command(t, nil, "", "report", "compare", "--json", last, claim, "--lang", "fr")
	if english.out != french.out || english.code != french.code {
		t.Error("JSON depends on the language")
	}
}

func TestWhatIsWrongIsSaidInFrench(t *testing.T) {
	t.Parallel()
	results := write(t, "results.json", `{"version":1,"verdict":"broken","mode":"sync"}`)
	bad := write(t, "partner.yaml", strings.Replace(minimalProfile, "mode: sync", "mode: both", 1))
	for _, tc := range []struct {
		says string
		args []string
	}{
		{":3: mode: doit être sync ou async, vaut \"both\"", []string{"profile", "check", bad}},
		{":3: mode: doit être sync ou async, vaut \"both\"", []string{"run", "--profile", bad}},
		{"ouverture du profil : fichier ou dossier inexistant", []string{"run", "--profile", "nowhere.yaml"}},
		{"il manque --profile FILE", []string{"run"}},
		{"ouverture de nowhere.clem : fichier ou dossier inexistant", []string{"report", "verify", "nowhere.clem"}},
		{"le caractère 'p' ne commence aucune valeur JSON", []string{"report", "verify", bad}},
		{"results.json, pas l’archive d’un essai", []string{"report", "review", results}},
		{"option inconnue --nope", []string{"report", "verify", "--nope"}},
		{"option manquante : --key=FILE", []string{"report", "sign", results}},
		{"ne vont pas ensemble", []string{"report", "review", results, "--accept", "--refuse"}},
		{"est un jour comme 2026-12-31", []string{"report", "text", results, "--on", "demain"}},
		{"--lang prend une des valeurs", []string{"run", "--lang", "de"}},
	} {
		t.Run(tc.says, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(tc.says, "--lang") {
				got := command(t, map[string]string{"CLEMENTINE_LANG": "fr"}, "", tc.args...)
				if got.code != clementine.ExitUsage {
					t.Errorf("exit %d: %s", got.code, got.errOut)
				}
				return
			}
			inBoth(t, clementine.ExitUsage, tc.says, tc.args...)
		})
	}
}

// The language of the environment is that of a command without the flag, and of one that can't be read.
func TestTheLanguageOfTheEnvironment(t *testing.T) {
	t.Parallel()
	env := map[string]string{"CLEMENTINE_LANG": "fr"}
	for _, args := range [][]string{{"report", "verify", "nowhere.clem"}, {"report", "nowhere"}} {
		if got := command(t, env, "", args...); !strings.HasPrefix(got.errOut, "clementine\u00a0: ") {
			t.Errorf("%v: %s", args, got.errOut)
		}
	}
	if _, err := os.Stat("nowhere.clem"); err == nil {
		t.Error("nowhere.clem is there")
	}
}
