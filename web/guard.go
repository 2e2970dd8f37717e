package web

import (
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// maxForm bounds the body of a form, in bytes.
const maxForm = 1 << 20

// policy lets a page load our own files and send its forms home, and nothing else. Boosted's icons are data: images.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func setHeaders(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// Local says whether a request comes from this machine and is meant for it. A page elsewhere that lets its own name
// point here (DNS rebinding) shows in Host; a proxy in front shows in its header.
func Local(r *http.Request) bool {
	for _, header := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip"} {
		if r.Header.Get(header) != "" {
			return false
		}
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return false
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(r.Host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || (err == nil && address.IsLoopback())
}

// arrivedFromElsewhere says whether a link on another site led here. The browser then holds back cookies that are
// SameSite=Strict, and a new one set now would end the sign-in that it has.
func arrivedFromElsewhere(r *http.Request) bool {
	_, err := r.Cookie(sessionCookie)
	return err != nil && safe(r.Method) && r.Header.Get("Sec-Fetch-Site") == "cross-site"
}

// comeAgain lets the page ask for itself once more: this time the request is the site's own, and brings its cookies.
func (s *Site) comeAgain(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	// The writer's error is a browser that has gone.
	_, _ = io.WriteString(w, `<!DOCTYPE html><html lang="en"><head><meta http-equiv="refresh" content="0">`+
		`<title>Clementine</title></head><body></body></html>`)
}

// safe says whether a method only reads (RFC 9110, 9.2.1).
func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead
}

var errForged = errors.New("the form's token is not that of this browser")

// checkForm refuses a form that another site has sent, or that carries no token of this browser.
func (s *Site) checkForm(w http.ResponseWriter, r *http.Request, path string, v Visit) error {
	if err := s.crossOrigin.Check(r); err != nil {
		return errForged
	}
	limit := int64(maxForm)
	// Strangers get no room for files.
	if s.options.Uploads != nil && v.Account.Subject != "" {
		limit = max(limit, s.options.Uploads(path))
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	read := r.ParseForm
	if media == "multipart/form-data" && limit > maxForm {
		read = func() error { return r.ParseMultipartForm(maxForm) } // #nosec G120 -- bounded above; the rest lies on the disk meanwhile
	}
	if err := read(); err != nil {
		return err
	}
	if !s.sessions.validForm(v.browser, r.PostForm.Get(formField)) {
		return errForged
	}
	return nil
}

// removeFiles removes what a form's files left on the disk.
func removeFiles(r *http.Request) {
	if r.MultipartForm != nil {
		_ = r.MultipartForm.RemoveAll() // the system's own cleaning comes later
	}
}
