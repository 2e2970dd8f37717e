// Package layout holds the project's own rules as data: which folder may import which, who may use which module, how
// long a file and a function may be. Its tests walk the tree and enforce them.
//
// It owns the rules. It does not own their reasons: those are in docs/adr.
package layout
