package mockorange

import (
	"context"
	"fmt"
	"time"

	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/fault"
	"github.com/clementine-ope/clementine/mockorange/state"
)

// journalBatch is how many entries are read at once.
const journalBatch = 256

// settling is how long a reader of the journal waits for answers that are on their way.
const settling = time.Second

// steering is the mock as control.Orange, in process.
type steering struct{ s *Server }

var _ control.Orange = steering{}

// Subscribe follows the journal. See control.Orange.
func (o steering) Subscribe(ctx context.Context, after int64) (<-chan control.Entry, error) {
	return state.Subscribe(ctx, o.s.state, after)
}

// settle waits until the calls whose answers are being written are in the journal, within reason.
func (s *Server) settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, settling)
	defer cancel()
	s.state.Settle(ctx)
}

// Journal returns what the journal holds. See control.Orange.
func (o steering) Journal(ctx context.Context, after int64) ([]control.Entry, error) {
	o.s.settle(ctx)
	var all []control.Entry
	for {
		batch, _, err := o.s.state.Read(ctx, after, journalBatch)
		if err != nil || len(batch) == 0 {
			return all, err
		}
		all = append(all, batch...)
		after = batch[len(batch)-1].Seq
	}
}

// AddFault arms a fault. Of one that can't be, fault.ErrUnknownKind or fault.ErrSetting says why. See control.Orange.
func (o steering) AddFault(ctx context.Context, f control.Fault) (control.Fault, error) {
	if most := fault.MostDelay.Milliseconds(); f.DelayMs > most || f.DelayMs < 0 {
		return control.Fault{}, fmt.Errorf("arm fault %q: delayMs: %w: it must be 1 to %d", f.Kind, fault.ErrSetting, most)
	}
	spec, err := o.s.state.Arm(ctx, fault.Spec{
		Kind: fault.Kind(f.Kind), Key: f.Key, On: fault.Endpoint(f.On), Times: f.Times, RetryAfter: f.RetryAfterSeconds,
		Delay: time.Duration(f.DelayMs) * time.Millisecond, Bytes: f.Bytes, Status: f.Status, ContentType: f.ContentType,
	})
	if err != nil {
		return control.Fault{}, err
	}
	return described(spec), nil
}

// described is a fault as the control port says it.
func described(spec fault.Spec) control.Fault {
	return control.Fault{
		ID: spec.ID, Kind: control.FaultKind(spec.Kind), Key: spec.Key, On: control.FaultEndpoint(spec.On), Times: spec.Times,
		RetryAfterSeconds: spec.RetryAfter, DelayMs: spec.Delay.Milliseconds(), Bytes: spec.Bytes, Status: spec.Status,
		ContentType: spec.ContentType,
	}
}

// Faults lists the faults that are armed. See control.Orange.
func (o steering) Faults(ctx context.Context) ([]control.ArmedFault, error) {
	armed, err := o.s.state.Armed(ctx)
	all := make([]control.ArmedFault, len(armed))
	for i, a := range armed {
		all[i] = control.ArmedFault{Fault: described(a.Spec), Acted: a.Acted}
	}
	return all, err
}

// RemoveFault disarms a fault. See control.Orange.
func (o steering) RemoveFault(ctx context.Context, id string) error { return o.s.state.Disarm(ctx, id) }

// Info says where the gateway is. See control.Orange.
func (o steering) Info(context.Context) (control.Info, error) {
	url := o.s.URL()
	return control.Info{
		GatewayURL: url, TokenURL: url + o.s.paths.token, Version: o.s.options.Version,
		Journal: o.s.state.Journal(),
	}, nil
}

// PostOrder drops the order: what is billed is a ledger's to keep, beside the mock. See control.Orange.
func (o steering) PostOrder(context.Context, control.Order) error { return nil }

// RefuseConnections closes the gateway's port and opens it again, at the same address, after d; 0 opens it at once.
// ErrRefusal where d is negative or longer than ten minutes, and where the mock does not serve.
func (s *Server) RefuseConnections(d time.Duration) error { return s.protocol.refuse(d) }

// Reset takes the mock back to its start: an open port, no faults, an empty journal, the applications of
// Options and of Register only. Numbers of journal entries go on, and tokens that ExpireTokens ended stay ended.
func (s *Server) Reset(ctx context.Context) error {
	s.settle(ctx) // what was answered before belongs to what is forgotten
	if err := s.state.Reset(ctx); err != nil {
		return err
	}
	if err := s.protocol.refuse(0); err != nil {
		s.log.Debug("open the port", "error", err)
	}
	return nil
}
