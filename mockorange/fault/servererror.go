package fault

// serverError answers 500, code 1, or another 5xx: the kind of trouble that passes.
func serverError() kind {
	return kind{
		name: ServerError, token: true, takes: []setting{times, status},
		defaults: Spec{Status: 500}, statuses: [2]int{500, 599},
		behaviour: count(func(s Spec) Effect { return Effect{Status: s.Status, Code: 1} }),
	}
}
