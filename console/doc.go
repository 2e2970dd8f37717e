// Package console is where people set up partners, run the suite, watch, review and try by hand: pages at /console.
//
// It owns these pages, the profiles that are set up here, and the runs that are under way. It does not own judging,
// which is steps', nor finished runs, which are the archive's, nor layout, sign-in and protection of forms, which are
// web's.
//
// Reviewers see everything. A partner sees its own profiles and runs, and neither the gateway's journal, which holds the
// calls of all partners, nor its faults, which act on all of them.
package console
