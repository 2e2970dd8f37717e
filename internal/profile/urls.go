package profile

import (
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

var (
	baseURLForm    = regexp.MustCompile(`^https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[^?#\s]*)?$`)
	triggerURLForm = regexp.MustCompile(`^(https?://|\{base\})\S*$`)
	authorityForm  = regexp.MustCompile(`^https?://[^/?#]*`)
	addressForm    = regexp.MustCompile(`^([A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\]):(0|[1-9][0-9]{0,4})$`)
	placeholder    = regexp.MustCompile(`\{([A-Za-z]+)\}`)
)

// CheckBaseURL says in words what is wrong with the base URL of a partner; "" if nothing is.
func CheckBaseURL(text string) string {
	const want = "must be an http or https URL without user, query or fragment, such as http://localhost:8081"
	if !baseURLForm.MatchString(text) {
		return want + ", is " + strconv.Quote(text)
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return want + ", is " + strconv.Quote(text)
	}
	return checkPort(u, text)
}

// checkTriggerURL says in words what is wrong with the URL of a trigger; "" if nothing is. What placeholders will stand for
// is not known here: a port that holds one is left to the run.
func checkTriggerURL(text string) string {
	const want = "must be an http or https URL, or start with {base}"
	if !triggerURLForm.MatchString(text) {
		return want + ", is " + strconv.Quote(text)
	}
	if strings.HasPrefix(text, "{base}") {
		return ""
	}
	authority := authorityForm.FindString(text)
	if placeholder.MatchString(authority) {
		return ""
	}
	u, err := url.Parse(authority)
	if err != nil || u.Hostname() == "" {
		return want + ", is " + strconv.Quote(text)
	}
	return checkPort(u, text)
}

func checkPort(u *url.URL, text string) string {
	if number, err := strconv.Atoi(u.Port()); u.Port() != "" && (err != nil || number < 1 || number > 65535) {
		return "must have a port from 1 to 65535, is " + strconv.Quote(text)
	}
	return ""
}

// url keeps a base URL without its trailing slash, so that paths can be put behind it.
func (d *decoder) url(to *string, emptyAllowed bool) func(*node, string) {
	return func(n *node, field string) {
		if !d.is(n, field, kindText) {
			return
		}
		if n.text == "" && emptyAllowed {
			return
		}
		if msg := CheckBaseURL(n.text); msg != "" {
			d.failf(n, field, "%s", msg)
			return
		}
		*to = strings.TrimRight(n.text, "/")
	}
}

func (d *decoder) address(to *string) func(*node, string) {
	return func(n *node, field string) {
		if !d.is(n, field, kindText) {
			return
		}
		_, port, err := net.SplitHostPort(n.text)
		number, portErr := strconv.Atoi(port)
		if err != nil || portErr != nil || number > 65535 || !addressForm.MatchString(n.text) {
			d.failf(n, field, "must be host:port such as 127.0.0.1:8090, is %q", n.text)
			return
		}
		*to = n.text
	}
}
