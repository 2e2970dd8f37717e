package console

import "github.com/clementine-ope/clementine/mockorange/control"

// Sees tells whether a run of an application takes in a call.
func Sees(client string, e control.Entry) bool { return ownOrange{client: client}.sees(e) }
