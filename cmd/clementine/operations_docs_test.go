package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	clementine "github.com/clementine-ope/clementine/cmd/clementine"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

const operationsDoc = "../../docs/operations.md"

var (
	shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")
	metricName = regexp.MustCompile(`clementine_[a-z_]+`)
)

// operationsPage is the page and the lines of its shell blocks.
func operationsPage(t *testing.T) (page string, lines []string) {
	t.Helper()
	b, err := os.ReadFile(operationsDoc)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range shellBlock.FindAllStringSubmatch(string(b), -1) {
		lines = append(lines, strings.Split(strings.TrimSpace(block[1]), "\n")...)
	}
	return string(b), lines
}

// starting are the lines of one program.
func starting(lines []string, prefix string) []string {
	var found []string
	for _, line := range lines {
		if strings.HasPrefix(line, prefix) {
			found = append(found, line)
		}
	}
	return found
}

// arguments splits a line as a shell would, as far as the page needs.
func arguments(line string) []string {
	return strings.Fields(strings.ReplaceAll(line, "'", ""))[1:]
}

func TestOperationsPage(t *testing.T) {
	t.Parallel()
	page, lines := operationsPage(t)
	file := filepath.Join(t.TempDir(), "partner.db")
	commands := starting(lines, "clementine partner")
	if len(commands) != 4 {
		t.Fatalf("%d commands for the partner on the page, not 4", len(commands))
	}
	said := background(t, "metrics and health", append(placed(arguments(commands[0]), file), "--listen", "127.0.0.1:0")...)
	urls := address.FindAllString(said, -1)
	if status, _ := post(t, urls[0]+"/productordering/v2/productOrder", firstOrder); status/100 != 2 {
		t.Fatalf("the order is answered %d", status)
	}
	metrics := ""
	for _, line := range starting(lines, "curl") {
		path := line[strings.LastIndex(line, "/"):]
		status, text := get(t, urls[len(urls)-1]+path)
		if status != 200 {
			t.Errorf("%s: %d %s", line, status, text)
		}
		metrics = text // the last line's
	}
	checkMetrics(t, page, metrics)
	for _, line := range commands[1:3] {
		if got := command(t, nil, "", placed(arguments(line), file)...); got.code != clementine.ExitPassed {
			t.Errorf("%s: exit %d, %s", line, got.code, got.errOut)
		}
	}
	bounded := placed(arguments(commands[3]), filepath.Join(t.TempDir(), "partner.db"))
	background(t, "tokens come from", append(bounded, "--listen", "127.0.0.1:0")...)
	checkVacuum(t, lines, file)
}

// placed puts the files and ports of the page where this test has its own.
func placed(args []string, file string) []string {
	for i, arg := range args {
		arg = strings.Replace(arg, "partner.db", file, 1)
		args[i] = strings.Replace(arg, "127.0.0.1:9090", "127.0.0.1:0", 1)
	}
	return args
}

// checkMetrics holds the page's list against what there is. What needs traffic that the test has not made is named in HELP only
// once it has happened, so vectors without a series are looked for in the code's own names.
func checkMetrics(t *testing.T, page, metrics string) {
	t.Helper()
	start, end := strings.Index(page, "| metric |"), strings.Index(page, "Alerts that")
	listed := map[string]bool{}
	for _, name := range metricName.FindAllString(page[start:end], -1) {
		listed[name] = true
	}
	for _, line := range strings.Split(metrics, "\n") {
		if fields := strings.Fields(line); len(fields) > 2 && fields[1] == "TYPE" && strings.HasPrefix(fields[2], "clementine_") && !listed[fields[2]] {
			t.Errorf("%s is not on the page", fields[2])
		}
	}
	quiet := []string{"clementine_partner_event_calls_total", "clementine_outbox_attempts_total"} // no event has left
	for name := range listed {
		if !strings.Contains(metrics, "# TYPE "+name+" ") && !strings.Contains(strings.Join(quiet, " "), name) {
			t.Errorf("%s is on the page, and not in /metrics", name)
		}
	}
	for _, name := range metricName.FindAllString(page, -1) {
		if !listed[name] {
			t.Errorf("%s is in an alert, and not in the list", name)
		}
	}
}

// checkVacuum runs the page's statement on the file of a partner that runs, and starts another on the copy.
func checkVacuum(t *testing.T, lines []string, file string) {
	t.Helper()
	line := starting(lines, "sqlite3")[0]
	statement := strings.Trim(line[strings.Index(line, `"`):], `"`)
	backup := filepath.Join(t.TempDir(), "backup.db")
	db := databasetest.Open(t, file, database.Options{})
	if _, err := db.Writer().ExecContext(t.Context(), strings.Replace(statement, "backup.db", backup, 1)); err != nil {
		t.Fatal(err)
	}
	said := background(t, "tokens come from", "partner", "--listen", "127.0.0.1:0", "--mode", "async", "--database", backup)
	status, _ := post(t, address.FindString(said)+"/productordering/v2/productOrder", firstOrder)
	if n := answers(t, databasetest.Open(t, backup, database.Options{})); n != 1 || status/100 != 2 {
		t.Errorf("the order in the back-up, sent again: %d, and %d answers are stored, not 1", status, n)
	}
}

func answers(t *testing.T, db *database.DB) int {
	t.Helper()
	n := 0
	err := db.Read(t.Context(), func(tx *database.Tx) error {
		return tx.QueryRow(t.Context(), "SELECT count(*) FROM partner_answer").Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOperationsPageOnPostgreSQL(t *testing.T) {
	t.Parallel()
	_, lines := operationsPage(t)
	var server databasetest.Server
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	from, to := server.Address(t), server.Address(t)
	said := background(t, "tokens come from", "partner", "--listen", "127.0.0.1:0", "--mode", "async", "--database", from)
	if status, _ := post(t, address.FindString(said)+"/productordering/v2/productOrder", firstOrder); status/100 != 2 {
		t.Fatalf("the order is answered %d", status)
	}
	folder, err := server.Programs()
	if err != nil {
		t.Fatal(err)
	}
	dump := filepath.Join(t.TempDir(), "backup.dump")
	for _, line := range append(starting(lines, "pg_dump"), starting(lines, "pg_restore")...) {
		shell := exec.CommandContext(t.Context(), "sh", "-c", strings.ReplaceAll(line, "backup.dump", dump))
		shell.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"), "DATABASE="+from, "EMPTY="+to)
		if out, err := shell.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", line, err, out)
		}
	}
	if n := answers(t, databasetest.Open(t, to, database.Options{})); n != 1 {
		t.Errorf("%d answers in the restored database, not 1", n)
	}
}
