package console

import (
	"context"

	"github.com/clementine-ope/clementine/mockorange/control"
)

// ownOrange is the mock Orange as one application's run may see it: calls that are known to be another application's are
// left out. A call without an application, because its token is missing or wrong, may be anybody's and is passed on: it
// is what the run has to judge.
type ownOrange struct {
	control.Orange
	client string
}

func (o ownOrange) Subscribe(ctx context.Context, after int64) (<-chan control.Entry, error) {
	all, err := o.Orange.Subscribe(ctx, after)
	if err != nil {
		return nil, err
	}
	own := make(chan control.Entry)
	go func() {
		defer close(own)
		for e := range all {
			if !o.sees(e) {
				continue
			}
			select {
			case own <- e:
			case <-ctx.Done():
				return
			}
		}
	}()
	return own, nil
}

func (o ownOrange) Journal(ctx context.Context, after int64) ([]control.Entry, error) {
	all, err := o.Orange.Journal(ctx, after)
	var own []control.Entry
	for _, e := range all {
		if o.sees(e) {
			own = append(own, e)
		}
	}
	return own, err
}

func (o ownOrange) sees(e control.Entry) bool {
	application := e.Auth.Application
	if e.Grant != nil && e.Grant.Error == "" {
		application = e.Grant.ClientID
	}
	return application == "" || application == o.client
}
