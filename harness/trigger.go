package harness

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"strings"

	"github.com/clementine-ope/clementine/internal/profile"
)

// triggered is how a trigger ended.
type triggered string

const (
	triggerDone    triggered = "done"
	triggerRefused triggered = "refused"
	triggerBroke   triggered = "broke"
)

// HasTrigger skips the scenario where the profile can't start this change.
func (w *World) HasTrigger(name string) error {
	if reason := w.run.noTrigger(name); reason != "" {
		return w.skip(reason)
	}
	w.trigger = name
	return nil
}

// AnyTrigger takes the first change that the profile can start, one without a person if there is one.
func (w *World) AnyTrigger() error {
	for _, alone := range []bool{true, false} {
		for _, name := range profile.AnyTrigger() {
			if w.run.startsAlone(name) || !alone && w.run.noTrigger(name) == "" {
				w.trigger = name
				return nil
			}
		}
	}
	return w.skip("no trigger in the profile that starts a change by itself")
}

// noTrigger says why a change can't be started; "" if it can.
func (r *Run) noTrigger(name string) string {
	if reason := r.profile.NoTrigger(name); reason != "" {
		return reason
	}
	if r.profile.Triggers[name].Ask != "" && r.ask == nil {
		return "trigger " + name + " asks a person, and nobody can be asked"
	}
	return ""
}

// startsAlone reports whether a change can be started without a person.
func (r *Run) startsAlone(name string) bool {
	return r.noTrigger(name) == "" && r.profile.Triggers[name].Ask == ""
}

// pull starts a change at the partner for one licence. Any failure but a refusal leaves the scenario inconclusive: it is
// the trigger that did not work, and that says nothing about the partner's API.
func (w *World) pull(ctx context.Context, name string, l Licence) (triggered, error) {
	done, err := w.try(ctx, name, l)
	if done == triggerBroke {
		return done, w.block(err.Error())
	}
	return done, err
}

// try is pull without consequences: where the trigger broke, the error says how.
func (w *World) try(ctx context.Context, name string, l Licence) (triggered, error) {
	t := w.run.profile.Triggers[name]
	fill := w.placeholders(l)
	switch {
	case t.HTTP != nil:
		return w.pullHTTP(ctx, name, t.HTTP, fill)
	case len(t.Command) > 0:
		return w.pulled(func() (triggered, error) { return w.pullCommand(ctx, name, t.Command, fill) })
	}
	return w.pulled(func() (triggered, error) { return w.pullAsk(ctx, name, fill(t.Ask, false)) })
}

func (w *World) placeholders(l Licence) func(s string, escape bool) string {
	return func(s string, escape bool) string {
		esc := func(v string) string {
			if escape {
				return strings.ReplaceAll(url.QueryEscape(v), "+", "%20") // good in a path and in a query
			}
			return v
		}
		return strings.NewReplacer("{base}", w.run.http.base, "{licence}", esc(l.ID), "{fleet}", esc(l.In), "{customer}", esc(w.customer().ID)).Replace(s)
	}
}

func (w *World) pullHTTP(ctx context.Context, name string, t *profile.TriggerHTTP, fill func(string, bool) string) (triggered, error) {
	body := []byte(fill(t.Body, false))
	contentType := ""
	if len(body) > 0 {
		contentType = "application/json"
	}
	headers := map[string]string{}
	for k, v := range t.Headers {
		headers[k] = fill(v, false)
	}
	a, err := w.call(ctx, "trigger", request{method: t.Method, url: fill(t.URL, true), contentType: contentType, headers: headers, body: body})
	if err != nil {
		return "", err
	}
	switch {
	case a.OK():
		return triggerDone, nil
	case a.Err == nil && (a.Status == 400 || a.Status == 403 || a.Status == 409 || a.Status == 422):
		return triggerRefused, nil
	case a.Err != nil:
		return triggerBroke, fmt.Errorf("trigger %s: %w: check the profile", name, a.Err)
	}
	return triggerBroke, fmt.Errorf("trigger %s answered %d: check the profile", name, a.Status)
}

func (w *World) pullCommand(ctx context.Context, name string, argv []string, fill func(string, bool) string) (triggered, error) {
	limit, cancel := context.WithTimeout(ctx, w.run.profile.Delays.Event.D())
	defer cancel()
	args := make([]string, len(argv))
	for i, a := range argv {
		args[i] = fill(a, false)
	}
	err := exec.CommandContext(limit, args[0], args[1:]...).Run() // #nosec G204 -- who runs clementine wrote it in the profile
	var exit *exec.ExitError
	switch {
	case err == nil:
		return triggerDone, nil
	case ctx.Err() != nil:
		return "", w.cut(ctx.Err())
	case errors.As(err, &exit) && exit.ExitCode() == 1:
		return triggerRefused, nil
	}
	return triggerBroke, fmt.Errorf("trigger %s: command %s: %w: check the profile", name, args[0], err)
}

func (w *World) pullAsk(ctx context.Context, name, question string) (triggered, error) {
	ok, refused, err := w.run.ask(ctx, question)
	switch {
	case ctx.Err() != nil:
		return "", w.cut(ctx.Err())
	case err != nil:
		return triggerBroke, fmt.Errorf("trigger %s: %w", name, err)
	case refused:
		return triggerRefused, nil
	case !ok:
		return triggerBroke, fmt.Errorf("trigger %s was not carried out", name)
	}
	return triggerDone, nil
}
