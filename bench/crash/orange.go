package crash

import (
	"context"
	"fmt"
	"io"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/mockorange"
)

// BeOrange is a mock Orange on a database ("" is memory) that says on out when it is ready, and serves until ctx ends. Unlike that of
// clementine serve it has no limit on token requests, because a partner that is killed every moment asks for many.
func BeOrange(ctx context.Context, listen, steer, address string, out io.Writer) error {
	o := mockorange.Options{
		Listen: listen, ControlListen: steer,
		Applications: []mockorange.Application{{ClientID: ClientID, Secret: ClientSecret, Name: "crash", Offers: mockorange.Offers()}},
	}
	if address != "" {
		db, err := database.Open(ctx, address, database.Options{})
		if err != nil {
			return err
		}
		defer db.Close()
		o.Database = db
	}
	orange, err := mockorange.Open(ctx, o)
	if err != nil {
		return err
	}
	if err := orange.Listen(); err != nil {
		return err
	}
	orange.Start()
	if _, err := fmt.Fprintln(out, "ready"); err != nil {
		return err
	}
	<-ctx.Done()
	return orange.Close(context.WithoutCancel(ctx))
}
