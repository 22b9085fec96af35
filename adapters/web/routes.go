package web

import (
	"encoding/base64"
	"encoding/json"
	"mime"
	"net/http"
	"regexp"
	"slices"

	"rapport/adapters/surface"
)

// routes returns everything the page answers to.
func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	get := func(path string, h http.HandlerFunc) { mux.HandleFunc(path, s.only(http.MethodGet, s.busy(h))) }
	post := func(path string, h http.HandlerFunc) { mux.HandleFunc(path, s.only(http.MethodPost, s.own(s.busy(h)))) }
	get("/", s.home)
	get("/as/{user}/{place...}", s.show)
	get("/picture/{kind}/{id}/{ref}", s.picture)
	get("/file/{id}", s.file)
	for path := range s.site.assets {
		get(path, s.site.ServeHTTP)
	}
	// Pages that listen are bounded by the hub.
	mux.HandleFunc("/as/{user}/events", s.only(http.MethodGet, s.own(s.listen)))
	post("/as/{user}/say", s.say)
	post("/as/{user}/press", s.press)
	post("/as/{user}/answer", s.answer)
	post("/as/{user}/complete", s.complete)
	post("/as/{user}/clock", s.move)
	post("/people", s.join)
	return s.guard(mux)
}

// join lets somebody new in, by name.
func (s *server) join(w http.ResponseWriter, r *http.Request) {
	g, ok := s.decode(w, r)
	if !ok {
		return
	}
	p, err := s.crowd.add(g.Name)
	if err != nil {
		s.refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	s.drawn.clear()
	names := slices.DeleteFunc(s.remembered(r), func(name string) bool { return userOf(name) == p.User })
	s.remember(w, append(names, p.Name))
	s.reply(w, struct {
		URL string `json:"url"`
	}{paneURL(p.User, place{})})
}

// maxRemembered is how many names a browser remembers, so that the people who
// were added are there again when the program was.
const maxRemembered = 12

func (s *server) peopleCookie() string { return "rapport-people-" + s.port }

// remembered returns the names that the browser of r added.
func (s *server) remembered(r *http.Request) []string {
	c, err := r.Cookie(s.peopleCookie())
	if err != nil {
		return nil
	}
	var names []string
	if body, err := base64.RawURLEncoding.DecodeString(c.Value); err != nil || json.Unmarshal(body, &names) != nil {
		return nil
	}
	return names[max(0, len(names)-maxRemembered):]
}

// remember has the browser keep names for a year.
func (s *server) remember(w http.ResponseWriter, names []string) {
	body, err := json.Marshal(names[max(0, len(names)-maxRemembered):])
	if err != nil {
		return // strings always marshal
	}
	c := s.cookie(s.peopleCookie(), base64.RawURLEncoding.EncodeToString(body))
	c.MaxAge = 365 * 24 * 60 * 60
	http.SetCookie(w, c)
}

// comeBack lets those in again whom the browser of r added in an earlier run.
func (s *server) comeBack(r *http.Request) {
	for _, name := range s.remembered(r) {
		if _, known := s.crowd.find(userOf(surface.Visible(name))); !known {
			_, _ = s.crowd.add(name) // a full team stays full
		}
	}
}

// file answers with a private file, or with a picture everyone of a channel was
// answered.
func (s *server) file(w http.ResponseWriter, r *http.Request) {
	b, ok := s.board.blob(r.PathValue("id"))
	if visitor := s.sessionOf(r); !ok && visitor != nil {
		b, ok = visitor.blob(r.PathValue("id"))
	}
	if !ok {
		s.refuse(w, http.StatusNotFound, "This file is gone: private answers are kept until Rapport is started again. Please ask for it once more.")
		return
	}
	s.give(w, b)
}

var mimeType = regexp.MustCompile(`^[a-z]+/[a-z0-9.+-]+(; charset=utf-8)?$`)

// give answers with b. Anything but our own pictures is only ever saved, never
// opened in the page.
func (s *server) give(w http.ResponseWriter, b blob) {
	h := w.Header()
	how, kind := "attachment", b.mime
	if b.inline {
		how = "inline"
	}
	if !mimeType.MatchString(kind) {
		kind = "application/octet-stream"
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": surface.Visible(b.name)}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, _ = w.Write(b.data)
}
