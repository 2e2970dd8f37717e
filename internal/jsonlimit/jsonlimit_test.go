package jsonlimit_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/internal/jsonlimit"
)

func TestDepth(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		body string
		want int
	}{
		{``, 0},
		{`1`, 0},
		{`[]`, 1},
		{`{"a":[{"b":1}],"c":[]}`, 3},
		{`["[[[[", "\"[[["]`, 1},
		{`]]]][[`, 0},
		{strings.Repeat("[", 1_000_000), 1_000_000},
	} {
		if got := jsonlimit.Depth([]byte(tc.body)); got != tc.want {
			t.Errorf("%.40s: depth %d, want %d", tc.body, got, tc.want)
		}
	}
}

func TestMoreValuesThan(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		body  string
		limit int
		want  bool
	}{
		{`1`, 1, false},
		{`[1,2,3]`, 3, true},
		{`[1,2,3]`, 4, false},
		{`{"a":1,"b":"x,y,z,[,{"}`, 3, false},
		{`[` + strings.Repeat("0,", 1000) + `0]`, 1000, true},
	} {
		if got := jsonlimit.MoreValuesThan(tc.limit, []byte(tc.body)); got != tc.want {
			t.Errorf("%.40s: more than %d: %t, want %t", tc.body, tc.limit, got, tc.want)
		}
	}
}

// FuzzDepth compares with the standard library's decoder, on what that takes for JSON.
func FuzzDepth(f *testing.F) {
	f.Add([]byte(`{"a":["\\\"[",{"b":[]}]}`))
	f.Add([]byte(`[[],"\u005b"]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got := jsonlimit.Depth(body)
		var v any
		if json.Unmarshal(body, &v) != nil {
			return
		}
		if want := depth(v); got != want {
			// Of two members with one name the decoder keeps the last.
			if got < want {
				t.Errorf("depth %d, the decoder finds %d", got, want)
			}
		}
	})
}

// FuzzMoreValuesThan holds the limit against the standard library's decoder: what is let through holds no more values.
func FuzzMoreValuesThan(f *testing.F) {
	f.Add(uint16(3), []byte(`{"a":["\\\"[,",{"b":[]}]}`))
	f.Add(uint16(1000), []byte(`[[],[],"\u005b,"]`))
	f.Fuzz(func(t *testing.T, limit uint16, body []byte) {
		more := jsonlimit.MoreValuesThan(int(limit), body)
		if more && jsonlimit.MoreValuesThan(int(limit)+len(body)+1, body) {
			t.Error("more values than bytes")
		}
		var v any
		if json.Unmarshal(body, &v) != nil {
			return
		}
		if n := values(v); !more && n > int(limit) {
			t.Errorf("%d values are let through, the limit is %d", n, limit)
		}
	})
}

func values(v any) int {
	n := 1
	switch v := v.(type) {
	case map[string]any:
		for _, member := range v {
			n += values(member)
		}
	case []any:
		for _, element := range v {
			n += values(element)
		}
	}
	return n
}

func depth(v any) int {
	deepest := 0
	switch v := v.(type) {
	case map[string]any:
		for _, member := range v {
			deepest = max(deepest, depth(member))
		}
	case []any:
		for _, element := range v {
			deepest = max(deepest, depth(element))
		}
	default:
		return 0
	}
	return deepest + 1
}
