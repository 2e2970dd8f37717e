package harness_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/clementine-ope/clementine/harness"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/reports"
)

// spaces is a body of so many bytes that takes no memory.
func spaces(n int64) io.Reader { return io.LimitReader(blank{}, n) }

type blank struct{}

func (blank) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// array is a body of so many JSON values.
func array(values int) string { return "[" + strings.Repeat("0,", values-2) + "0]" }

func TestAnswersAreReadUpToTheLimit(t *testing.T) {
	t.Parallel()
	const limit = harness.AnswerLimit
	for _, tc := range []struct {
		name     string
		quantity int
		body     io.Reader
		declared int64
		kept     int
		whole    int64
		tooLarge string
	}{
		{"nothing", 0, strings.NewReader(""), 0, 0, 0, ""},
		{"the largest", 0, spaces(limit), limit, limit, limit, ""},
		{"one byte more", 0, spaces(limit + 1), -1, harness.RefusedKept, limit + 1, "a body of more than 4 MiB"},
		{"without end", 0, blank{}, -1, harness.RefusedKept, limit + 1, "a body of more than 4 MiB"},
		{"declared larger is not read at all", 0, iotest.ErrReader(errors.New("read")), limit + 1, 0, limit + 1, "a body of more than 4 MiB"},
		{"declared beyond any machine's", 0, iotest.ErrReader(errors.New("read")), 1<<63 - 1, 0, 1<<63 - 1, "a body of more than 4 MiB"},
		{"large orders have large answers", 2000, spaces(limit + 1), -1, limit + 1, limit + 1, ""},
		{"and a limit all the same", 2000, blank{}, -1, harness.RefusedKept, 2000*4096 + 1, "a body of more than 7 MiB"},
		{"as many values as may be", 0, strings.NewReader(array(harness.ValueLimit)), -1, 2*harness.ValueLimit - 1, 2*harness.ValueLimit - 1, ""},
		{"one value more", 0, strings.NewReader(array(harness.ValueLimit + 1)), -1, harness.RefusedKept, 2*harness.ValueLimit + 1, "a body of more than 100000 JSON values"},
		{"large orders have many values", 1000, strings.NewReader(array(harness.ValueLimit + 1)), -1, 2*harness.ValueLimit + 1, 2*harness.ValueLimit + 1, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			body, whole, tooLarge, err := harness.NewBounds(tc.quantity).Read(tc.body, tc.declared)
			if err != nil {
				t.Fatal(err)
			}
			if len(body) != tc.kept || whole != tc.whole || tooLarge != tc.tooLarge {
				t.Errorf("kept %d of %d, %q; want %d of %d, %q", len(body), whole, tooLarge, tc.kept, tc.whole, tc.tooLarge)
			}
		})
	}
}

func TestAnswerThatBreaksOffIsKeptAsFarAsItCame(t *testing.T) {
	t.Parallel()
	broken := errors.New("the line broke")
	body, whole, tooLarge, err := harness.NewBounds(0).Read(io.MultiReader(strings.NewReader("[1,"), iotest.ErrReader(broken)), 100)
	if string(body) != "[1," || whole != 100 || tooLarge != "" || !errors.Is(err, broken) {
		t.Errorf("%q of %d, %q, %v", body, whole, tooLarge, err)
	}
}

// A refused body is let go: what is kept of it does not hold the whole of it in memory.
func TestRefusedBodyIsLetGo(t *testing.T) {
	t.Parallel()
	body, _, _, err := harness.NewBounds(0).Read(blank{}, -1)
	if err != nil || cap(body) > 2*harness.RefusedKept {
		t.Errorf("%d bytes held, %v", cap(body), err)
	}
}

func TestLargeAnswersOfARunAreCounted(t *testing.T) {
	t.Parallel()
	b := harness.NewBounds(0)
	read := func(size int64) string {
		_, _, tooLarge, err := b.Read(spaces(size), -1)
		if err != nil {
			t.Fatal(err)
		}
		return tooLarge
	}
	for i := range harness.LargeAnswers {
		if got := read(harness.AnswerLimit); got != "" {
			t.Fatalf("large answer %d: %s", i, got)
		}
	}
	if got, want := read(harness.LargeBody+1), "a body of 64 KiB, when the large answers of this run came to 32 MiB already"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := read(harness.LargeBody); got != "" {
		t.Errorf("an answer of usual size is refused: %s", got)
	}
}

func TestEventsOfARunAreCounted(t *testing.T) {
	t.Parallel()
	for quantity, total := range map[int]int{100: harness.EventTotal, 1000: 1000 * 32 << 10} {
		b := harness.NewBounds(quantity)
		const size = 1 << 10
		for i := range total / size {
			if !b.KeepEvent(size) {
				t.Fatalf("limits.quantity %d: no room for event %d", quantity, i)
			}
		}
		if b.KeepEvent(1) {
			t.Errorf("limits.quantity %d: room for more than %d MiB", quantity, total>>20)
		}
	}
}

func TestEventBeyondTheRunsRoomIsRecordedWithoutItsBody(t *testing.T) {
	t.Parallel()
	run := harness.NewTestRun(t)
	large := eventOf("ours")
	large.Body = append(large.Body, bytes.Repeat([]byte(" "), 1<<20-len(large.Body))...)
	large.BodyBytes = int64(len(large.Body))
	for range harness.EventTotal/len(large.Body) + 1 {
		run.TestTake(nil, large)
	}
	all := run.Exchanges()
	first, last := all[0].Request.Body, all[len(all)-1].Request.Body
	if first.Text == "" || last.Text != "" || !last.Truncated || last.Bytes != large.BodyBytes {
		t.Errorf("first: %d bytes of text; last: %d, truncated %t, %d bytes", len(first.Text), len(last.Text), last.Truncated, last.Bytes)
	}
}

func TestCallsOfARunAreCounted(t *testing.T) {
	t.Parallel()
	run := harness.NewTestRun(t)
	bare := control.Entry{Kind: control.KindToken, Path: "/oauth/v3/token"}
	for range harness.CallLimit - 1 {
		run.TestTake(nil, bare)
	}
	run.TestTake(nil, eventOf("ours"), eventOf("ours"), bare)
	if events, tokens := run.TestTaken(); events != 1 || tokens != harness.CallLimit-1 {
		t.Errorf("%d events and %d token calls are looked at", events, tokens)
	}
	if got := len(run.Exchanges()); got != harness.CallLimit {
		t.Errorf("%d calls are recorded, want %d", got, harness.CallLimit)
	}
}

func TestRecordOfOneBody(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		body      string
		whole     int64
		text      int
		truncated bool
	}{
		{"whole", "[1]", 3, 3, false},
		{"cut before it came here", "[1]", 30, 3, true},
		{"the largest", strings.Repeat("a", harness.RecordLimit), harness.RecordLimit, harness.RecordLimit, false},
		{"larger", strings.Repeat("a", harness.RecordLimit*2), harness.RecordLimit * 2, harness.RecordLimit, true},
		{"cut at no half letter", "a" + strings.Repeat("é", harness.RecordLimit), 2*harness.RecordLimit + 1, harness.RecordLimit - 1, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := harness.NewTranscript().Entry(control.Entry{Body: []byte(tc.body), BodyBytes: tc.whole}).Request.Body
			if len(got.Text) != tc.text || got.Base64 != "" || got.Truncated != tc.truncated || got.Bytes != tc.whole {
				t.Errorf("%d bytes of text, %d of base64, truncated %t, %d bytes", len(got.Text), len(got.Base64), got.Truncated, got.Bytes)
			}
		})
	}
}

// A secret that stands where a body is cut is masked first: no part of it is left.
func TestRecordCutsNoSecretInHalf(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t-of-the-profile"
	for before := harness.RecordLimit - 2*len(secret); before < harness.RecordLimit+len(secret); before++ {
		body := strings.Repeat("a", before) + secret + strings.Repeat("b", harness.RecordLimit)
		got := harness.NewTranscript(secret).Entry(control.Entry{Body: []byte(body), BodyBytes: int64(len(body))}).Request.Body.Text
		if strings.Contains(got, secret[:6]) {
			t.Fatalf("after %d bytes: the record ends in %q", before, got[len(got)-30:])
		}
	}
}

// What the gateway or the client cut before it came to the record may end in half a secret, which no mask would find.
func TestRecordLeavesOutWhatStoodAtACut(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t-of-the-profile"
	cut := strings.Repeat("a", harness.RefusedKept-6) + secret[:6]
	e := control.Entry{Body: []byte(cut), BodyBytes: 1 << 20, Truncated: true, ResponseBody: []byte(cut), ResponseBytes: 1 << 20}
	got := harness.NewTranscript(secret).Entry(e)
	for name, b := range map[string]*reports.Body{"request": got.Request.Body, "response": got.Response.Body} {
		if strings.Contains(b.Text, secret[:6]) || len(b.Text) == 0 || !b.Truncated || b.Bytes != 1<<20 {
			t.Errorf("%s: %d bytes of text, truncated %t, %d bytes", name, len(b.Text), b.Truncated, b.Bytes)
		}
	}
	whole := control.Entry{Body: []byte(cut), BodyBytes: int64(len(cut)), Truncated: true}
	if b := harness.NewTranscript(secret).Entry(whole).Request.Body; b.Text != cut || b.Truncated {
		t.Errorf("a body that came whole is recorded by %d bytes of text, truncated %t", len(b.Text), b.Truncated)
	}
}

func TestRecordOfARunHasItsRoom(t *testing.T) {
	t.Parallel()
	script := harness.NewTranscript()
	large := control.Entry{Body: bytes.Repeat([]byte("a"), harness.RecordLimit), BodyBytes: harness.RecordLimit}
	for i := range harness.RecordTotal / harness.RecordLimit {
		if got := script.Entry(large).Request.Body; got.Text == "" || got.Truncated {
			t.Fatalf("body %d is not recorded", i)
		}
	}
	small := script.Entry(control.Entry{Body: []byte("[1]"), BodyBytes: 3}).Request.Body
	if small.Text != "" || !small.Truncated || small.Bytes != 3 || len(small.SHA256) != 64 {
		t.Errorf("beyond the room: %+v", small)
	}
}

func TestRecordOfHeadersAndURL(t *testing.T) {
	t.Parallel()
	header := http.Header{"A": {"kept"}, "B": {strings.Repeat("b", harness.RecordHeader)}}
	for range harness.RecordHeader {
		header.Add("C", "more")
	}
	got := harness.NewTranscript().Entry(control.Entry{Header: header, Path: "/" + strings.Repeat("p", 2*harness.RecordURL)}).Request
	if got.Headers["A"][0] != "kept" || got.Headers["B"][0] != "(16384 bytes, not recorded)" {
		t.Errorf("headers: %.100v", got.Headers)
	}
	if n := len(got.Headers["C"]); n > harness.RecordHeader/2 {
		t.Errorf("%d headers are named", n)
	}
	if len(got.URL) > harness.RecordURL+len("…") || !strings.HasSuffix(got.URL, "…") {
		t.Errorf("a URL of %d bytes", len(got.URL))
	}
}

func TestRecordSaysWhatAnUnansweredCallCameTo(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{0: "not answered on purpose: nothing was taken", 201: "answer kept back on purpose: the call was taken"} {
		if got := harness.NewTranscript().Entry(control.Entry{Kind: control.KindEvent, Status: status, Cut: true}).Error; got != want {
			t.Errorf("status %d: %q, want %q", status, got, want)
		}
	}
}

// One scenario can find the same wrong ten thousand times: the first ones tell it, and other requirements have their own.
func TestFindingsOfOneRequirementAreCounted(t *testing.T) {
	t.Parallel()
	w := harness.NewTestRun(t).NewWorld()
	for i := range 3 * harness.FindingLimit {
		w.TestFailAt("GEN-12", i)
	}
	w.TestFailAt("GEN-02", 0)
	got := w.TestFindings()
	if len(got) != harness.FindingLimit+1 || got[len(got)-1] != "GEN-02" {
		t.Errorf("%d findings, the last of %s", len(got), got[len(got)-1])
	}
}

func TestLongIDsAreRecordedByTheirHash(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("\x00", 3<<20)
	for _, tc := range []struct {
		name, first, second string
		taken               bool
	}{
		{"the same", long, long, true},
		{"unlike at the end", long, long + "1", false},
		{"short", "F-1", "F-1", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			run := harness.NewTestRun(t)
			if taken, _ := run.NewWorld().TestEnter("fleet", tc.first, "customer 1"); taken {
				t.Error("the first to have it does not own it")
			}
			taken, recorded := run.NewWorld().TestEnter("fleet", tc.second, "customer 2")
			if taken != tc.taken || recorded > 1<<10 {
				t.Errorf("another's: %t, want %t; %d bytes recorded", taken, tc.taken, recorded)
			}
		})
	}
}
