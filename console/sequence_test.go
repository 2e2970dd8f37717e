package console_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/clementine-ope/clementine/console"
	"github.com/clementine-ope/clementine/internal/profile"
)

// A long run with long URLs takes no more room than a short one.
func TestLiveRunsStaySmall(t *testing.T) {
	t.Parallel()
	events, bytes, first := console.Kept(10_000, 4_000)
	if events != 4_000 || first != 6_000 || bytes > 4_000*300 {
		t.Errorf("%d events are kept from %d on, %d bytes", events, first, bytes)
	}
}

// Whoever comes late sees what has been drawn, and the stream goes on from there; whoever comes back gets what is new.
func TestSequenceOfALateJoiner(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Async)
	b := newBrowser(t, f.serve(nil))
	id := b.run(b.setUp(reference(f.partner.URL(), profile.Async)), url.Values{"mode": {"async"}, "only": {"US-UC5"}})
	var shown page
	for shown = b.get("/runs/" + id + "?lang=fr"); shown.value(t, "question") == ""; shown = b.get("/runs/" + id) {
		b.get("/runs/" + id + "/events")
	}
	drawn, stream := 0, ""
	for n := range shown.parse(t).Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if attribute(n, "id") == "live" {
			stream = attribute(n, "data-stream")
		}
		if n.Data == "li" && n.FirstChild != nil && n.FirstChild.Data == "svg" {
			drawn++
		}
	}
	after, _ := strconv.Atoi(between(stream, "after=", "&"))
	if drawn == 0 || drawn != after {
		t.Fatalf("%d rows are drawn, the stream goes on after %d", drawn, after)
	}
	if text := shown.text(t); !strings.Contains(text, "client") || !strings.Contains(text, "Orange au partenaire") {
		t.Errorf("the page reads %s", text)
	}
	// The question is not the one that this reader knows: the stream tells all after the place, and ends.
	missed := b.get("/runs/" + id + "/events?after=" + strconv.Itoa(after-3))
	if n := strings.Count(missed.body, `"row":`); n < 3 || !strings.HasPrefix(missed.body, "id: "+strconv.Itoa(after-2)+"\n") || !strings.Contains(missed.body, "id: "+strconv.Itoa(after)+"\n") || !strings.Contains(missed.body, `"reload":true`) {
		t.Errorf("after being away for 3 events the stream tells %d: %s", n, missed.body)
	}
	b.post("/runs/"+id, "/runs/"+id+"/stop", nil)
	b.follow(id, "not")
}
