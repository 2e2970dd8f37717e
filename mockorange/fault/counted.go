package fault

// counted has one effect, a number of times; below zero it never ends.
type counted struct {
	left   int
	effect Effect
}

func (f *counted) Act(Call) (Effect, bool) {
	if f.left == 0 {
		return Effect{}, false
	}
	if f.left > 0 {
		f.left--
	}
	return f.effect, true
}

// count makes the behaviour of a kind whose effect follows from its settings alone.
func count(effect func(Spec) Effect) func(Spec) Behaviour {
	return func(s Spec) Behaviour { return &counted{left: s.Times, effect: effect(s)} }
}
