package soak

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
)

const consoleBase = "/console"

var (
	formToken   = regexp.MustCompile(`name="csrf" value="([^"]+)"`)
	liveStream  = regexp.MustCompile(`data-stream="([^"]+)"`)
	setUpInPath = regexp.MustCompile(`/profiles/([^/]+)/run$`)
)

// pageLimit bounds what is read of a page or a file, in bytes.
const pageLimit = 256 << 20

// visitor uses the console as a browser does, without its JavaScript.
type visitor struct {
	client *http.Client
	base   string
}

func newVisitor(base string) (*visitor, error) {
	jar, err := cookiejar.New(nil)
	return &visitor{client: &http.Client{Jar: jar}, base: base}, err
}

// paste sets a partner up, and returns the id of its set-up.
func (v *visitor) paste(ctx context.Context, text string) (string, error) {
	at, _, err := v.post(ctx, consoleBase+"/profiles/new", consoleBase+"/profiles/yaml", url.Values{"yaml": {text}})
	if err != nil {
		return "", err
	}
	found := setUpInPath.FindStringSubmatch(at)
	if found == nil {
		return "", fmt.Errorf("setting up ended at %s", at)
	}
	return found[1], nil
}

// run starts a run, follows it to its end, and returns its results.
func (v *visitor) run(ctx context.Context, setUp string, mode profile.Mode) (reports.Results, error) {
	choose := consoleBase + "/profiles/" + setUp + "/run"
	at, page, err := v.post(ctx, choose, choose, url.Values{"mode": {string(mode)}, "lang": {"en"}})
	if err != nil {
		return reports.Results{}, err
	}
	if !strings.HasPrefix(at, consoleBase+"/runs/") {
		return reports.Results{}, fmt.Errorf("starting a run ended at %s", at)
	}
	for {
		stream := liveStream.FindStringSubmatch(page)
		if stream == nil {
			break
		}
		// The stream ends with the run.
		if _, _, err := v.get(ctx, stream[1]); err != nil {
			return reports.Results{}, err
		}
		if _, page, err = v.get(ctx, at); err != nil {
			return reports.Results{}, err
		}
	}
	_, text, err := v.get(ctx, at+"/files/results.json")
	if err != nil {
		return reports.Results{}, err
	}
	return reports.Read(strings.NewReader(text))
}

// get returns what lies at a path, and the path where redirects have led.
func (v *visitor) get(ctx context.Context, path string) (at, body string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, v.base+path, http.NoBody)
	if err != nil {
		return "", "", err
	}
	return v.do(request)
}

// post sends a form as the page at from shows it: with its token.
func (v *visitor) post(ctx context.Context, from, path string, form url.Values) (at, body string, err error) {
	_, page, err := v.get(ctx, from)
	if err != nil {
		return "", "", err
	}
	token := formToken.FindStringSubmatch(page)
	if token == nil {
		return "", "", fmt.Errorf("%s has no form", from)
	}
	form.Set("csrf", token[1])
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, v.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(request)
}

func (v *visitor) do(request *http.Request) (at, body string, err error) {
	response, err := v.client.Do(request)
	if err != nil {
		return "", "", err
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	text, err := io.ReadAll(io.LimitReader(response.Body, pageLimit))
	if err != nil {
		return "", "", err
	}
	if response.StatusCode != http.StatusOK {
		return "", "", fmt.Errorf("%s %s answered %d", request.Method, request.URL.Path, response.StatusCode)
	}
	return response.Request.URL.Path, string(text), nil
}
