package profile

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/clementine-ope/clementine/internal/redact"
)

var (
	schemeForm   = regexp.MustCompile(`^(?i:basic|bearer|token|apikey)$`)
	userInfoForm = regexp.MustCompile(`^https?://[^/?#@]*@`)
)

// Redacted returns the profile as it may stand in a report: secrets masked, each with a fingerprint that tells two of
// them apart, certificate paths reduced to their file name. The same profile always gives the same value.
func (p *Profile) Redacted() map[string]any {
	c := *p
	for _, secret := range []*string{
		&c.Auth.User, &c.Auth.Password, &c.Auth.Token, &c.Auth.Value, &c.Orange.ClientSecret,
	} {
		*secret = redact.Secret(*secret)
	}
	for _, path := range []*string{&c.Auth.Cert, &c.Auth.Key, &c.TLS.CA} {
		if *path != "" {
			*path = filepath.Base(*path)
		}
	}
	c.Triggers = make(map[string]Trigger, len(p.Triggers))
	for name, t := range p.Triggers {
		c.Triggers[name] = t.redacted(p)
	}
	data, err := json.Marshal(c)
	if err != nil {
		return map[string]any{"error": "the profile has no JSON form: " + err.Error()}
	}
	var out map[string]any
	if err := json.Unmarshal(data, &out); err != nil {
		return map[string]any{"error": "the profile has no JSON form: " + err.Error()}
	}
	return out
}

// redacted shows what kind of trigger it is and where it goes; whatever may carry a credential is masked.
func (t Trigger) redacted(p *Profile) Trigger {
	secrets := strings.NewReplacer(p.secretPairs()...)
	out := Trigger{Ask: secrets.Replace(t.Ask)}
	for i, arg := range t.Command {
		if i > 0 {
			arg = redact.Secret(arg)
		}
		out.Command = append(out.Command, arg)
	}
	if t.HTTP != nil {
		out.HTTP = &TriggerHTTP{
			Method: t.HTTP.Method, URL: secrets.Replace(maskQuery(t.HTTP.URL)), Body: redact.Secret(t.HTTP.Body),
		}
		for name, value := range t.HTTP.Headers {
			if out.HTTP.Headers == nil {
				out.HTTP.Headers = map[string]string{}
			}
			out.HTTP.Headers[name] = maskHeader(name, value)
		}
	}
	return out
}

func (p *Profile) secretPairs() []string {
	var pairs []string
	for _, s := range []string{p.Auth.Password, p.Auth.Token, p.Auth.Value, p.Orange.ClientSecret} {
		if s != "" {
			pairs = append(pairs, s, redact.Secret(s))
		}
	}
	return pairs
}

func maskHeader(name, value string) string {
	switch http.CanonicalHeaderKey(name) {
	case "Accept", "Content-Type":
		return value
	}
	if scheme, rest, ok := strings.Cut(value, " "); ok && schemeForm.MatchString(scheme) {
		return scheme + " " + redact.Secret(rest)
	}
	return redact.Secret(value)
}

// maskQuery hides the user information and the query of a trigger's URL: its path alone says what it does.
func maskQuery(url string) string {
	url = userInfoForm.ReplaceAllStringFunc(url, func(found string) string {
		scheme, user, _ := strings.Cut(strings.TrimSuffix(found, "@"), "://")
		return scheme + "://" + redact.Secret(user) + "@"
	})
	if path, query, ok := strings.Cut(url, "?"); ok {
		return path + "?" + redact.Secret(query)
	}
	return url
}
