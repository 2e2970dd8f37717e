package fault

// counted has one effect, a number of times; below zero it never ends.
type counted struct {
	times  int
	effect Effect
}

func (f counted) Act(_ Call, done Progress) (Effect, bool) {
	return f.effect, f.times < 0 || done.Acted < f.times
}

// count makes the behaviour of a kind whose effect follows from its settings alone.
func count(effect func(Spec) Effect) func(Spec) Behaviour {
	return func(s Spec) Behaviour { return counted{times: s.Times, effect: effect(s)} }
}
