package profile

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	priceForm    = regexp.MustCompile(`^[0-9]{1,12}(\.[0-9]{1,6})?$`)
	currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)
	headerForm   = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	pingForm     = regexp.MustCompile(`^/[^?#\s]*$`)
)

func (d *decoder) profile(root *node, p *Profile) {
	d.object(root, "", members{
		"partner": func(n *node, f string) {
			d.object(n, f, members{"name": d.named(&p.Partner.Name), "contract": d.text(&p.Partner.Contract)})
		},
		"baseURL": d.url(&p.BaseURL, false),
		"ping":    d.form(&p.Ping, pingForm, "a path below baseURL such as /ping"),
		"offer":   d.enum(&p.Offer, "mba2", "mba2-beta"),
		"mode":    d.enum((*string)(&p.Mode), string(Sync), string(Async)),
		"auth":    func(n *node, f string) { d.auth(n, f, &p.Auth) },
		"tls": func(n *node, f string) {
			d.object(n, f, members{"ca": d.text(&p.TLS.CA)})
		},
		"orange": func(n *node, f string) {
			d.object(n, f, members{
				"listen": d.address(&p.Orange.Listen), "publicURL": d.url(&p.Orange.PublicURL, true),
				"clientID": d.filled(&p.Orange.ClientID), "clientSecret": d.filled(&p.Orange.ClientSecret),
			})
		},
		"offerings": func(n *node, f string) { d.offerings(n, f, &p.Offerings) },
		"features":  func(n *node, f string) { d.features(n, f, &p.Features) },
		"login": func(n *node, f string) {
			d.object(n, f, members{"key": d.enum(&p.Login.Key, "login", "organizationCode")})
		},
		"limits": func(n *node, f string) {
			d.object(n, f, members{"quantity": d.integer(&p.Limits.Quantity, 1, 100_000)})
		},
		"delays":      func(n *node, f string) { d.delays(n, f, &p.Delays) },
		"concurrency": d.integer(&p.Concurrency, 1, 256),
		"triggers":    func(n *node, f string) { d.triggers(n, f, p) },
	})
	d.required(root, "", "partner", "offer", "mode", "offerings")
	if partner := root.get("partner"); partner != nil && partner.kind == kindObject {
		d.required(partner, "partner", "name")
	}
}

// required complains about settings that are absent or empty objects; a value that is wrong has its own complaint.
func (d *decoder) required(n *node, field string, keys ...string) {
	for _, key := range keys {
		if v := n.get(key); v == nil || (v.kind == kindNull && (key == "partner" || key == "offerings")) {
			d.failf(n, join(field, key), "is required")
		}
	}
}

func (d *decoder) form(to *string, form *regexp.Regexp, what string) func(*node, string) {
	return func(n *node, field string) {
		if !d.is(n, field, kindText) {
			return
		}
		if !form.MatchString(n.text) {
			d.failf(n, field, "must be %s, is %q", what, n.text)
			return
		}
		*to = n.text
	}
}

func (d *decoder) auth(n *node, field string, a *Auth) {
	if !d.object(n, field, members{
		"type": d.enum(&a.Type, "none", "basic", "bearer", "header", "mtls"),
		"user": d.filled(&a.User), "password": d.filled(&a.Password), "token": d.filled(&a.Token),
		"name": d.form(&a.Name, headerForm, "the name of an HTTP header"), "value": d.filled(&a.Value),
		"cert": d.filled(&a.Cert), "key": d.filled(&a.Key),
	}) {
		return
	}
	needs := map[string][]string{
		"basic": {"user", "password"}, "bearer": {"token"}, "header": {"name", "value"}, "mtls": {"cert", "key"},
	}
	for _, key := range append([]string{"type"}, needs[a.Type]...) {
		if n.get(key) == nil {
			d.failf(n, join(field, key), "is required%s", because(key, a.Type))
		}
	}
}

func because(key, authType string) string {
	if key == "type" {
		return ""
	}
	return " with type " + authType
}

func (d *decoder) offerings(n *node, field string, to *[]Offering) {
	seen := map[string]bool{}
	d.each(n, field, func(item *node, field string) {
		var o Offering
		if item.kind == kindNull {
			d.failf(item, field, "is empty: an offering has a code")
			return
		}
		ok := d.object(item, field, members{
			"code": d.filled(&o.Code), "name": d.text(&o.Name),
			"price":       d.form(&o.Price, priceForm, "a decimal amount such as 4.50"),
			"currency":    d.form(&o.Currency, currencyForm, "an ISO 4217 code such as EUR"),
			"periodicity": d.enum(&o.Periodicity, "daily", "weekly", "monthly"),
		})
		if !ok {
			return
		}
		d.required(item, field, "code")
		if o.Code != "" && seen[o.Code] {
			d.failf(item.get("code"), join(field, "code"), "%q is there twice: a code names one offering", o.Code)
		}
		seen[o.Code] = true
		*to = append(*to, o)
	})
	if n.kind == kindList && len(n.items) == 0 {
		d.failf(n, field, "must hold at least one offering")
	}
}

func (d *decoder) features(n *node, field string, to *Features) {
	d.object(n, field, members{
		"changeOffering": d.boolean(&to.ChangeOffering), "endUser": d.boolean(&to.EndUser),
		"renewLogin": d.boolean(&to.RenewLogin), "consultById": d.boolean(&to.ConsultByID),
		"realizingResource": func(n *node, f string) {
			rr := &RealizingResource{Per: "licence", From: "order"}
			if d.object(n, f, members{
				"type": d.filled(&rr.Type), "per": d.enum(&rr.Per, "licence", "fleet"),
				"from": d.enum(&rr.From, "order", "assignment"), "changeable": d.boolean(&rr.Changeable),
				"properties": d.texts(&rr.Properties),
			}) {
				d.required(n, f, "type")
				to.RealizingResource = rr
			}
		},
		"technicalInformation": func(n *node, f string) {
			d.each(n, f, func(item *node, f string) {
				var ti TechnicalInformation
				if item.kind == kindNull {
					d.failf(item, f, "is empty: technical information has a name and an example")
					return
				}
				if d.object(item, f, members{
					"name": d.filled(&ti.Name), "example": d.filled(&ti.Example), "required": d.boolean(&ti.Required),
				}) {
					d.required(item, f, "name", "example")
					to.TechnicalInformation = append(to.TechnicalInformation, ti)
				}
			})
		},
	})
}

func (d *decoder) delays(n *node, field string, to *Delays) {
	d.object(n, field, members{
		"answer": d.duration(&to.Answer, false), "event": d.duration(&to.Event, false),
		"quiet": d.duration(&to.Quiet, true), "retry": d.duration(&to.Retry, false),
		"visible": d.duration(&to.Visible, true),
	})
}

// triggerNames are the UC5 changes in the order of the agreement.
func triggerNames() []string {
	return []string{
		TriggerEndUserAdd, TriggerEndUserModify, TriggerEndUserDelete, TriggerResourceModify, TriggerLoginModify,
	}
}

func (d *decoder) triggers(n *node, field string, p *Profile) {
	known := members{}
	for _, name := range triggerNames() {
		known[name] = func(n *node, f string) { d.trigger(n, f, name, p) }
	}
	d.object(n, field, known)
}

func (d *decoder) trigger(n *node, field, name string, p *Profile) {
	var t Trigger
	if n.kind == kindNull {
		d.failf(n, field, "is empty: give it http, command or ask")
		return
	}
	if !d.object(n, field, members{
		"http": func(n *node, f string) { t.HTTP = d.triggerHTTP(n, f) },
		"command": func(n *node, f string) {
			d.texts(&t.Command)(n, f)
			if n.kind == kindNull || n.kind == kindList && len(n.items) == 0 {
				d.failf(n, f, "must name a program")
			}
			d.placeholders(n, f, t.Command...)
		},
		"ask": func(n *node, f string) {
			d.filled(&t.Ask)(n, f)
			d.placeholders(n, f, t.Ask)
		},
	}) {
		return
	}
	if len(n.members) != 1 {
		d.failf(n, field, "must have exactly one of http, command and ask, has %d", len(n.members))
	}
	if p.Triggers == nil {
		p.Triggers = map[string]Trigger{}
	}
	p.Triggers[name] = t
}

func (d *decoder) triggerHTTP(n *node, field string) *TriggerHTTP {
	h := &TriggerHTTP{Method: "POST"}
	if n.kind == kindNull {
		d.failf(n, field, "has no value: give it a url")
		return h
	}
	if !d.object(n, field, members{
		"method": d.enum(&h.Method, "GET", "POST", "PUT", "PATCH", "DELETE"),
		"url": func(n *node, f string) {
			if !d.is(n, f, kindText) {
				return
			}
			if msg := checkTriggerURL(n.text); msg != "" {
				d.failf(n, f, "%s", msg)
				return
			}
			h.URL = n.text
			d.placeholders(n, f, h.URL)
		},
		"headers": func(n *node, f string) { d.headers(n, f, h) },
		"body": func(n *node, f string) {
			d.text(&h.Body)(n, f)
			d.placeholders(n, f, h.Body)
		},
	}) {
		return h
	}
	d.required(n, field, "url")
	return h
}

func (d *decoder) headers(n *node, field string, h *TriggerHTTP) {
	if n.kind == kindNull || !d.is(n, field, kindObject) {
		return
	}
	h.Headers = map[string]string{}
	for _, m := range n.members {
		at := join(field, m.key)
		if !headerForm.MatchString(m.key) {
			d.failf(m.node, at, "is not the name of an HTTP header")
			continue
		}
		var value string
		d.text(&value)(m.node, at)
		if strings.ContainsAny(value, "\r\n") {
			d.failf(m.node, at, "must be one line")
		}
		d.placeholders(m.node, at, value)
		h.Headers[m.key] = value
	}
}

func (d *decoder) placeholders(n *node, field string, texts ...string) {
	for _, text := range texts {
		for _, found := range placeholder.FindAllStringSubmatch(text, -1) {
			switch found[1] {
			case "base", "licence", "fleet", "customer":
			default:
				d.failf(n, field, "%s", fmt.Sprintf("%s is no placeholder: known are {base}, {licence}, {fleet} and {customer}", found[0]))
			}
		}
	}
}
