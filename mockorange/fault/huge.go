package fault

// huge takes the call and sends, behind the usual answer, as many blanks as make it that long: it stays valid JSON.
func huge() kind {
	return kind{
		name: HugeAnswer, token: true, takes: []setting{times, size}, defaults: Spec{Bytes: 10 << 20},
		behaviour: count(func(s Spec) Effect { return Effect{Bytes: s.Bytes} }),
	}
}
