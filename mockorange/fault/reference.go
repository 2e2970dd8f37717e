package fault

import "strconv"

// Reference describes one kind for the documentation.
type Reference struct {
	Kind     Kind
	On       []string // endpoints, the usual one first
	Settings []Setting
}

// Setting is one setting of a kind, by its name on the control port.
type Setting struct {
	Name, Limit, Default string
}

// References describes every kind, in the order of Kinds.
func References() []Reference {
	var all []Reference
	for _, k := range table() {
		r := Reference{Kind: k.name, On: k.endpoints()}
		filled := k.fill(Spec{})
		for _, name := range k.takes {
			r.Settings = append(r.Settings, Setting{Name: string(name), Limit: k.limit(name), Default: filled.text(name)})
		}
		all = append(all, r)
	}
	return all
}

// text is a setting as the control port writes it.
func (s Spec) text(of setting) string {
	switch of {
	case times:
		return strconv.Itoa(s.Times)
	case retryAfter:
		return strconv.Itoa(s.RetryAfter)
	case delay:
		return strconv.FormatInt(s.Delay.Milliseconds(), 10)
	case size:
		return strconv.FormatInt(s.Bytes, 10)
	case status:
		return strconv.Itoa(s.Status)
	default:
		return s.ContentType
	}
}
