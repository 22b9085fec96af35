package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
)

// policy is what the page may load: its own files and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard wraps everything: it lets in only who called this page by its own
// name, which keeps out pages of other origins that point a name of theirs at
// this machine.
func (s *server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		if !s.hosts[r.Host] {
			s.refuse(w, http.StatusForbidden, "This page answers only on this machine. Please open http://127.0.0.1:"+s.port+"/")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// only lets method through and counts how much is under way.
func (s *server) only(method string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method && !(method == http.MethodGet && r.Method == http.MethodHead) {
			w.Header().Set("Allow", method)
			s.refuse(w, http.StatusMethodNotAllowed, "That cannot be done here. Please go back to the page.")
			return
		}
		next(w, r)
	}
}

// own lets through only what our own page asked for.
func (s *server) own(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.fromPage(r) {
			s.refuse(w, http.StatusForbidden, "That came from another page, so I left it alone. Please use the page on this machine.")
			return
		}
		next(w, r)
	}
}

// fromPage reports whether a browser says that our own page made r. A request
// that says nothing about where it comes from is not ours.
func (s *server) fromPage(r *http.Request) bool {
	site, origin := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Origin")
	if site != "" && site != "same-origin" {
		return false
	}
	if origin == "" {
		return site != ""
	}
	u, err := url.Parse(origin)
	return err == nil && u.Scheme == "http" && u.Host == r.Host && origin == u.Scheme+"://"+u.Host
}

// busy bounds how many requests are answered at once.
func (s *server) busy(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case s.active <- struct{}{}:
			defer func() { <-s.active }()
			next(w, r)
		default:
			w.Header().Set("Retry-After", "1")
			s.refuse(w, http.StatusServiceUnavailable, "There is a lot going on. Please try that again in a moment.")
		}
	}
}

// body reads the body of r, which must be JSON: no plain form of another page
// can send that.
func (s *server) body(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		s.refuse(w, http.StatusBadRequest, "I could not read that. Please use the page itself.")
		return nil, false
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil {
		return body, true
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		s.refuse(w, http.StatusRequestEntityTooLarge, "That is more than I can take at once. Please make it shorter.")
		return nil, false
	}
	s.refuse(w, http.StatusBadRequest, "That did not arrive whole. Please try again.")
	return nil, false
}

// refuse answers with a kind line, which the page's script shows as it is.
func (s *server) refuse(w http.ResponseWriter, code int, line string) {
	if code != http.StatusNotFound && code != http.StatusConflict {
		s.faults.refused.Add(1)
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = io.WriteString(w, line+"\n")
}

// cookieName tells pages on other ports of this machine apart, which a browser
// does not do by itself.
func (s *server) cookieName() string { return "rapport-" + s.port }

// sessionOf returns the session of the browser that made r, or nil.
func (s *server) sessionOf(r *http.Request) *session {
	c, err := r.Cookie(s.cookieName())
	if err != nil {
		return nil
	}
	return s.visits.find(c.Value)
}

// welcome returns the session of the browser that made r, beginning one if it
// has none.
func (s *server) welcome(w http.ResponseWriter, r *http.Request) *session {
	if known := s.sessionOf(r); known != nil {
		return known
	}
	began, gone := s.visits.begin()
	if gone != "" {
		s.hub.forget(gone)
	}
	http.SetCookie(w, s.cookie(s.cookieName(), began.id))
	return began
}

func (s *server) cookie(name, value string) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode}
}
