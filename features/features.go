// Package features holds the Gherkin features: what must hold, in the words of the domain, tagged with the ids of the
// requirements that each scenario judges.
//
// It owns no code but the embedding. The folder closing holds what is judged last, over the whole run.
package features

import "embed"

// FS holds every feature of the suite.
//
//go:embed product_ordering user_service gateway integration closing
var FS embed.FS

// Main lists the folders whose scenarios run first, all at once; Closing the folder that runs after the quiet window.
func Main() []string { return []string{"integration", "gateway", "product_ordering", "user_service"} }

// Reading lists the folders in the order in which a report tells of them: what others build on comes first.
func Reading() []string {
	return []string{"product_ordering", "user_service", "gateway", "integration", Closing}
}

// Closing is the folder of the scenarios that look back at the whole run.
const Closing = "closing"
