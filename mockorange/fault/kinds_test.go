package fault_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/mockorange/fault"
)

const html = "text/html; charset=utf-8"

// Each kind that counts acts once unless told otherwise, with its own settings or with those given.
func TestCountedKinds(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		kind        fault.Kind
		given       fault.Spec
		usual, told fault.Effect
	}{
		{fault.RateLimited, fault.Spec{RetryAfter: 7}, fault.Effect{Status: 429, Code: 53, RetryAfter: 1}, fault.Effect{Status: 429, Code: 53, RetryAfter: 7}},
		{fault.ServerError, fault.Spec{Status: 502}, fault.Effect{Status: 500, Code: 1}, fault.Effect{Status: 502, Code: 1}},
		{fault.Unavailable, fault.Spec{RetryAfter: 7}, fault.Effect{Status: 503, Code: 5, RetryAfter: 1}, fault.Effect{Status: 503, Code: 5, RetryAfter: 7}},
		{fault.Slow, fault.Spec{Delay: time.Minute}, fault.Effect{Delay: time.Second}, fault.Effect{Delay: time.Minute}},
		{fault.NoAnswer, fault.Spec{Delay: time.Second}, fault.Effect{Delay: time.Minute, Cut: true, Untaken: true}, fault.Effect{Delay: time.Second, Cut: true, Untaken: true}},
		{fault.CutBefore, fault.Spec{}, fault.Effect{Cut: true, Untaken: true}, fault.Effect{Cut: true, Untaken: true}},
		{fault.OfferClosed, fault.Spec{}, fault.Effect{Status: 403, Code: 50}, fault.Effect{Status: 403, Code: 50}},
		{fault.ContentType, fault.Spec{ContentType: "text/plain"}, fault.Effect{ContentType: html}, fault.Effect{ContentType: "text/plain"}},
		{fault.HugeAnswer, fault.Spec{Bytes: 99}, fault.Effect{Bytes: 10 << 20}, fault.Effect{Bytes: 99}},
		{fault.Garbage, fault.Spec{Status: 502}, fault.Effect{Status: 200, ContentType: html, Page: true}, fault.Effect{Status: 502, ContentType: html, Page: true}},
	} {
		t.Run(string(tc.kind), func(t *testing.T) {
			t.Parallel()
			tc.given.Kind, tc.usual.Kind, tc.told.Kind = tc.kind, tc.kind, tc.kind
			acts(t, fault.Spec{Kind: tc.kind}, 1, tc.usual)
			tc.given.Times = 3
			acts(t, tc.given, 3, tc.told)
			tc.given.Times = fault.Always
			acts(t, tc.given, 10, tc.told)
		})
	}
}

// acts arms a fault and calls ten times: the first n calls meet it.
func acts(t *testing.T, spec fault.Spec, n int, want fault.Effect) {
	t.Helper()
	var s fault.Set
	if _, err := s.Arm(spec); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		got, ok := s.Act(fault.OnEvent, nil, fault.Call{})
		if ok != (i < n) {
			t.Fatalf("call %d of %d that should meet it: %v", i+1, n, ok)
		}
		if d := cmp.Diff(want, got); ok && d != "" {
			t.Error(d)
		}
	}
}

func TestEndpoints(t *testing.T) {
	t.Parallel()
	var s fault.Set
	if _, err := s.Arm(fault.Spec{Kind: fault.ServerError, On: fault.OnToken, Key: "demo"}); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Act(fault.OnEvent, []string{"demo"}, fault.Call{}); ok {
		t.Error("a fault of the token endpoint acted on an event")
	}
	if _, ok := s.Act(fault.OnToken, []string{"other"}, fault.Call{}); ok {
		t.Error("it acted on another application")
	}
	if e, ok := s.Act(fault.OnToken, []string{"demo"}, fault.Call{}); !ok || e.Status != 500 {
		t.Errorf("it did not act on its application: %+v", e)
	}
}

func TestSettingsThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		spec fault.Spec
		says string
	}{
		{"times of a once", fault.Spec{Kind: fault.CutOnce, Times: 2}, "times: unusable setting of a fault: this kind does not take it"},
		{"times below", fault.Spec{Kind: fault.Slow, Times: -2}, "times: unusable setting of a fault: it must be 1 to 1000"},
		{"times above", fault.Spec{Kind: fault.Slow, Times: 1001}, "times:"},
		{"retry after", fault.Spec{Kind: fault.RateLimited, RetryAfter: 601}, "retryAfterSeconds:"},
		{"retry after of another", fault.Spec{Kind: fault.ServerError, RetryAfter: 1}, "retryAfterSeconds:"},
		{"delay", fault.Spec{Kind: fault.Slow, Delay: time.Hour}, "delayMs:"},
		{"bytes", fault.Spec{Kind: fault.HugeAnswer, Bytes: 1<<30 + 1}, "bytes:"},
		{"status below", fault.Spec{Kind: fault.ServerError, Status: 499}, "status: unusable setting of a fault: it must be 500 to 599"},
		{"status above", fault.Spec{Kind: fault.Garbage, Status: 600}, "status:"},
		{"content type", fault.Spec{Kind: fault.ContentType, ContentType: "a b"}, "contentType:"},
		{"content type with a line break", fault.Spec{Kind: fault.ContentType, ContentType: "text/plain\r\nX: y"}, "contentType:"},
		{"endpoint", fault.Spec{Kind: fault.Slow, On: "ping"}, `on is "ping": unusable setting of a fault: it acts on event or token`},
		{"endpoint of another", fault.Spec{Kind: fault.OfferClosed, On: fault.OnToken}, "it acts on event"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var s fault.Set
			_, err := s.Arm(tc.spec)
			if !errors.Is(err, fault.ErrSetting) || !strings.Contains(err.Error(), tc.says) || !s.Empty() {
				t.Errorf("got %v", err)
			}
		})
	}
}

// FuzzArm checks that no setting is armed that could do more than the limits allow.
func FuzzArm(f *testing.F) {
	for _, k := range fault.Kinds() {
		f.Add(string(k), "event", 0, 0, int64(0), int64(0), 0, "")
	}
	f.Add("garbage", "token", -1, 5, int64(1)<<62, int64(-1), 302, "text/html")
	f.Fuzz(func(t *testing.T, kind, on string, times, after int, delay, size int64, status int, contentType string) {
		var s fault.Set
		got, err := s.Arm(fault.Spec{Kind: fault.Kind(kind), On: fault.Endpoint(on), Times: times, RetryAfter: after, Delay: time.Duration(delay),
			Bytes: size, Status: status, ContentType: contentType})
		if err != nil {
			return
		}
		if got.Times < fault.Always || got.Times > fault.MostTimes || got.RetryAfter < 0 || got.RetryAfter > fault.MostRetryAfter ||
			got.Delay < 0 || got.Delay > fault.MostDelay || got.Bytes < 0 || got.Bytes > fault.MostBytes || got.Status < 0 || got.Status > 599 ||
			strings.ContainsAny(got.ContentType, "\r\n") {
			t.Errorf("armed as %+v", got)
		}
	})
}
