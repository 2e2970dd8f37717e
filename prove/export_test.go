package prove

import (
	"context"

	"github.com/clementine-ope/clementine/reports"
)

// HostileEnd is the row of a run against a hostile partner that came to this.
func HostileEnd(ctx context.Context, results reports.Results, err error) HostileRow {
	row := HostileRow{Outcome: NotEnded}
	row.end(ctx, results, err)
	return row
}
