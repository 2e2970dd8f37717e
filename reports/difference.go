package reports

import (
	"fmt"
	"maps"
	"slices"
)

// Differences says where a replay came to something else than the run that it replays: by requirement, then by scenario,
// in the run's order. It is empty where both came to the same. It looks at verdicts, reasons, findings, notes and steps.
func Differences(run, replay Results) []string {
	var out []string
	differ := func(what, a, b string) {
		if a != b {
			out = append(out, fmt.Sprintf("%s: the run says %s, the replay %s", what, orNothing(a), orNothing(b)))
		}
	}
	differ("verdict", run.Verdict, replay.Verdict)
	again := map[string]Requirement{}
	for _, q := range replay.Requirements {
		again[q.ID] = q
	}
	for _, q := range run.Requirements {
		b := again[q.ID]
		differ(q.ID, string(q.Verdict), string(b.Verdict))
		differ(q.ID+", reason", q.Reason, b.Reason)
		delete(again, q.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(again)) {
		out = append(out, id+": only the replay knows it")
	}
	scenarios := map[string]Scenario{}
	for _, s := range replay.Scenarios {
		scenarios[s.ID] = s
	}
	for _, s := range run.Scenarios {
		b := scenarios[s.ID]
		differ(s.ID, string(s.Verdict), string(b.Verdict))
		differ(s.ID+", reason", s.Reason, b.Reason)
		differ(s.ID+", findings", inShort(s.Findings), inShort(b.Findings))
		differ(s.ID+", notes", fmt.Sprint(s.Notes), fmt.Sprint(b.Notes))
		differ(s.ID+", steps", fmt.Sprint(s.Steps), fmt.Sprint(b.Steps))
		if !slices.Equal(s.Exchanges, b.Exchanges) {
			differ(s.ID+", exchanges", fmt.Sprint(s.Exchanges), fmt.Sprint(b.Exchanges))
		}
	}
	if len(replay.Scenarios) != len(run.Scenarios) {
		differ("number of scenarios", fmt.Sprint(len(run.Scenarios)), fmt.Sprint(len(replay.Scenarios)))
	}
	return out
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

func inShort(findings []Finding) string {
	out := ""
	for _, f := range findings {
		out += fmt.Sprintf("[%s %q %q %s %d %s]", f.Requirement, f.Expected, f.Seen, f.Path, f.Exchange, f.FollowOf)
	}
	return out
}
