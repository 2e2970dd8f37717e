package fault

// cutBefore closes the connection before anything was taken.
func cutBefore() kind {
	return kind{
		name: CutBefore, token: true, takes: []setting{times},
		behaviour: count(func(Spec) Effect { return Effect{Cut: true, Untaken: true} }),
	}
}
