// Package jsonlimit looks at a body before any parser does, and tells whether it is one that a parser may be given: a
// body of a megabyte can hold half a million values, which as a tree take a hundred times its size, or nest so deep that
// a recursive parser exhausts its stack. It owns the scan, not the limits, and it does not tell whether the body is JSON.
package jsonlimit

// Depth is the deepest nesting of arrays and objects in a body that looks like JSON. It takes memory for nothing.
func Depth(body []byte) int {
	deepest, depth := 0, 0
	scan(body, func(c byte) bool {
		switch c {
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
		case '}', ']':
			depth--
		}
		return true
	})
	return deepest
}

// MoreValuesThan reports whether a body that looks like JSON holds more than limit values. Each element of an array
// and each member of an object is one value, and so is each container.
func MoreValuesThan(limit int, body []byte) bool {
	values := 1
	scan(body, func(c byte) bool {
		switch c {
		case '{', '[', ',':
			values++
		}
		return values <= limit
	})
	return values > limit
}

// scan calls see with each byte that is not part of a string, until it returns false.
func scan(body []byte, see func(c byte) bool) {
	inString := false
	for i := 0; i < len(body); i++ {
		c := body[i]
		switch {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case !inString:
			if !see(c) {
				return
			}
		}
	}
}
