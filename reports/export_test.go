package reports

import "maps"

// Messages is a copy of the table of words, for its test.
func Messages() map[string][2]string { return maps.Clone(messages) }
