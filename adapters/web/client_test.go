package web

import (
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// A browser is one browser of the test, with its own cookies.
type browser struct {
	*stage
	http *http.Client
	user string
	at   string // the place it looks at
	ids  int
}

// visit opens the page as user.
func (s *stage) visit(user string) *browser {
	s.Helper()
	b := s.bare(user)
	if code, body := b.get("/as/" + user + "/direct"); code != http.StatusOK {
		s.Fatalf("page: %d %s", code, body)
	}
	return b
}

// bare is a browser that was never here.
func (s *stage) bare(user string) *browser {
	s.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.Fatal(err)
	}
	transport := &http.Transport{}
	s.Cleanup(transport.CloseIdleConnections)
	return &browser{stage: s, http: &http.Client{Jar: jar, Transport: transport}, user: user, at: "direct"}
}

func (b *browser) get(path string) (int, string) {
	b.Helper()
	answer, err := b.http.Get(b.base + path)
	if err != nil {
		b.Fatal(err)
	}
	return read(b.T, answer)
}

// pane returns the HTML of a place.
func (b *browser) pane(place string) string {
	b.Helper()
	code, body := b.get("/as/" + b.user + "/" + place)
	if code != http.StatusOK {
		b.Fatalf("%s: %d %s", place, code, body)
	}
	return body
}

// post sends g as the page's script would.
func (b *browser) post(what string, g gesture) (int, string) {
	b.Helper()
	b.ids++
	g.ID = cmp.Or(g.ID, "gesture-"+strings.Repeat("x", b.ids))
	g.Place = cmp.Or(g.Place, b.at)
	body, err := json.Marshal(g)
	if err != nil {
		b.Fatal(err)
	}
	return b.raw(what, string(body))
}

func (b *browser) raw(what, body string) (int, string) {
	b.Helper()
	r, err := http.NewRequest(http.MethodPost, b.base+"/as/"+b.user+"/"+what, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Origin", b.base)
	answer, err := b.http.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	return read(b.T, answer)
}

// do sends g and returns the answer, which must be one.
func (b *browser) do(what string, g gesture) outcome {
	b.Helper()
	code, body := b.post(what, g)
	if code != http.StatusOK {
		b.Fatalf("%s: %d %s", what, code, body)
	}
	var out outcome
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		b.Fatalf("%s: %v", what, err)
	}
	return out
}

func read(t *testing.T, r *http.Response) (int, string) {
	t.Helper()
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(body)
}

func mustURL(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
