package operations

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/clementine-ope/clementine/internal/database"
)

// NewRegistry returns a registry that knows the process, Go's runtime and which version this is.
func NewRegistry(version string) *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "clementine_build_info", Help: "1, labelled with the program's version.",
			ConstLabels: prometheus.Labels{"version": version},
		}, func() float64 { return 1 }),
	)
	return r
}

// WatchDatabase shows the connections of a database, and makes the program need it. name is the same for each replica.
func WatchDatabase(r prometheus.Registerer, h *Health, name string, db *database.DB) {
	h.Need("the database", db.Ping)
	r.MustRegister(collectors.NewDBStatsCollector(db.Writer(), name))
}
