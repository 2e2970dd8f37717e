package hostile

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/clementine-ope/clementine/partner"
)

// sideBySide is how many events of a flood are under way at once.
const sideBySide = 32

// floods are events in numbers.
func floods() []Kind {
	return []Kind{
		{
			Name: "ten-thousand-events", What: "The first event brings 10,000 others of orders that nobody placed.", Mode: Async,
			Seam: func() partner.Seam { return Flood(10_000) },
		},
		{
			Name: "same-event-a-hundred-times", What: "Each event is sent a hundred times.", Mode: Async,
			Seam: delivering(func(ctx context.Context, d *partner.Delivery, next deliverer) error {
				return together(100, func(int) error { return next(ctx, d) })
			}),
		},
	}
}

// Flood sends n events of orders that nobody placed before the first event of the partner.
func Flood(n int) partner.Seam {
	var first sync.Once
	return partner.Seam{Deliver: func(ctx context.Context, d *partner.Delivery, next deliverer) error {
		first.Do(func() {
			// What becomes of the events of nobody's orders is no matter.
			_ = together(n, func(i int) error {
				stranger := *d
				stranger.ID = fmt.Sprintf("%s-%d", d.ID, i)
				stranger.Body = renamed(d.Body, fmt.Sprintf("NOBODY-%d", i))
				return next(ctx, &stranger)
			})
		})
		return next(ctx, d)
	}}
}

// together does something n times, sideBySide at a time, and returns one of the errors.
func together(n int, do func(i int) error) error {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failure error
	slots := make(chan struct{}, sideBySide)
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := do(i); err != nil {
				mu.Lock()
				failure = err
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return failure
}

func delivering(deliver func(ctx context.Context, d *partner.Delivery, next deliverer) error) func() partner.Seam {
	return func() partner.Seam { return partner.Seam{Deliver: deliver} }
}

// crossing is an event with the ids of another.
func crossing(body, other []byte) []byte {
	doc, _ := decode(other)
	fields, _ := doc.(map[string]any)
	theirs, ok := fields["resource"].(map[string]any)
	if !ok {
		return body
	}
	return onResource(body, func(resource map[string]any) {
		resource["id"], resource["externalReference"] = theirs["id"], theirs["externalReference"]
	})
}

// renamed is an event of another order or update.
func renamed(body []byte, id string) []byte {
	return onResource(body, func(resource map[string]any) {
		resource["id"] = id
		resource["externalReference"] = map[string]any{"type": "orange", "id": id}
	})
}

func onResource(body []byte, change func(resource map[string]any)) []byte {
	doc, _ := decode(body)
	fields, _ := doc.(map[string]any)
	resource, ok := fields["resource"].(map[string]any)
	if !ok {
		return body
	}
	change(resource)
	return encode(doc)
}

// foreign are events of others, and with the credentials of others.
func foreign() []Kind {
	return []Kind{
		{
			Name: "events-of-others", What: "Before each event goes another that bears the ids of the order before, most often another customer's.", Mode: Async,
			Seam: func() partner.Seam {
				var mu sync.Mutex
				var before []byte
				return partner.Seam{Deliver: func(ctx context.Context, d *partner.Delivery, next deliverer) error {
					mu.Lock()
					crossed := *d
					crossed.ID, crossed.Body = d.ID+"-crossed", crossing(d.Body, before)
					before = d.Body
					mu.Unlock()
					if err := next(ctx, &crossed); err != nil {
						return err
					}
					return next(ctx, d)
				}}
			},
		},
		{
			Name: "foreign-tokens", What: "Each event bears a token of another server.", Mode: Async,
			Seam: authorised("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."),
		},
		{
			Name: "tokens-of-fifty-kilobytes", What: "Each event bears a token of 50,000 characters.", Mode: Async,
			Seam: authorised("Bearer " + strings.Repeat("a", 50_000)),
		},
	}
}

func authorised(value string) func() partner.Seam {
	return sending(func(r *http.Request) {
		r.Header.Set("Authorization", value)
	})
}

// sending changes the calls to the gateway, not those to the token server.
func sending(change func(r *http.Request)) func() partner.Seam {
	return func() partner.Seam {
		return partner.Seam{WrapTransport: func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				if strings.HasSuffix(r.URL.Path, "/event") {
					r = r.Clone(r.Context())
					change(r)
				}
				return next.RoundTrip(r)
			})
		}}
	}
}

type roundTripper func(r *http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// eventBodies are events that hurt whoever reads them.
func eventBodies() []Kind {
	return []Kind{
		{
			Name: "events-of-a-megabyte", What: "Each event is filled up to just below 1 MiB.", Mode: Async,
			Seam: padded(1_000_000),
		},
		{
			Name: "events-of-four-megabytes", What: "Each event is filled up to 4 MB, more than the gateway takes.", Mode: Async,
			Seam: padded(4_000_000),
		},
		{
			Name: "endless-events", What: "The body of each event never ends.", Mode: Async,
			Seam: sending(func(r *http.Request) {
				r.Body, r.ContentLength, r.GetBody = io.NopCloser(endless{}), -1, nil
			}),
		},
		{
			Name: "deep-events", What: "Each event nests 200,000 arrays.", Mode: Async,
			Seam: delivering(func(ctx context.Context, d *partner.Delivery, next deliverer) error {
				deep := strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000)
				d.Body = append([]byte(`{"extra":`+deep+`,`), bytes.TrimPrefix(d.Body, []byte("{"))...)
				return next(ctx, d)
			}),
		},
		{
			Name: "no-json-events", What: "Each event is all kinds of bytes, escapes among them, and no JSON.", Mode: Async,
			Seam: delivering(func(ctx context.Context, d *partner.Delivery, next deliverer) error {
				d.Body = []byte(escapes + markup + "\xff\xfe")
				return next(ctx, d)
			}),
		},
		{
			Name: "events-of-ten-thousand-licences", What: "Each event names 10,000 licences of nobody.", Mode: Async,
			Seam: delivering(func(ctx context.Context, d *partner.Delivery, next deliverer) error {
				d.Body = onResource(d.Body, func(resource map[string]any) {
					licences := make([]any, 10_000)
					for i := range licences {
						licences[i] = map[string]any{"id": fmt.Sprint("N", i), "state": "active"}
					}
					resource["userServices"] = licences
				})
				return next(ctx, d)
			}),
		},
	}
}

func padded(size int) func() partner.Seam {
	return delivering(func(ctx context.Context, d *partner.Delivery, next deliverer) error {
		d.Body = onResource(d.Body, func(resource map[string]any) {
			resource["extra"] = strings.Repeat("p", max(size-len(d.Body), 0))
		})
		return next(ctx, d)
	})
}

// endless is a body without end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}
