package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"rapport/coach"
)

func TestForeignRequestsAreTurnedAway(t *testing.T) {
	c := &script{}
	s := open(t, c)
	ada := s.visit("ada")
	good := map[string]string{"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin", "Origin": s.base}
	port := mustURL(t, s.base).Port()
	tests := map[string]struct {
		method, path, host string
		head               map[string]string
		body               string
		want               int
	}{
		"our own":              {want: 200},
		"origin alone":         {head: map[string]string{"Sec-Fetch-Site": ""}, want: 200},
		"fetch metadata alone": {head: map[string]string{"Origin": ""}, want: 200},
		"by another name":      {host: "evil.example:" + port, want: 403},
		"rebound name":         {host: "rapport.evil.example", want: 403},
		"other port":           {host: "127.0.0.1:1", want: 403},
		"page by another":      {method: "GET", path: "/as/ada/direct", host: "evil.example:" + port, want: 403},
		"style by another":     {method: "GET", path: "/style.css", host: "evil.example:" + port, want: 403},
		"cross site":           {head: map[string]string{"Sec-Fetch-Site": "cross-site"}, want: 403},
		"other port's page":    {head: map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:1"}, want: 403},
		"foreign origin":       {head: map[string]string{"Sec-Fetch-Site": "", "Origin": "http://evil.example"}, want: 403},
		"null origin":          {head: map[string]string{"Sec-Fetch-Site": "", "Origin": "null"}, want: 403},
		"https origin":         {head: map[string]string{"Sec-Fetch-Site": "", "Origin": "https" + s.base[4:]}, want: 403},
		"no origin at all":     {head: map[string]string{"Sec-Fetch-Site": "", "Origin": ""}, want: 403},
		"form body":            {head: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, want: 400},
		"no type":              {head: map[string]string{"Content-Type": ""}, want: 400},
		"not JSON":             {body: "{", want: 400},
		"not UTF-8":            {body: `{"id":"gesture-1","place":"direct","text":"` + "\xff" + `"}`, want: 400},
		"no id":                {body: `{"place":"direct"}`, want: 400},
		"strange id":           {body: `{"id":"a b c d e f g","place":"direct"}`, want: 400},
		"no such place":        {body: `{"id":"gesture-1","place":"channel/secret"}`, want: 400},
		"too many answers":     {body: `{"id":"gesture-1","place":"direct","answers":{"a":"","b":"","c":"","d":"","e":"","f":""}}`, want: 400},
		"strange answer":       {body: `{"id":"gesture-1","place":"direct","answers":{"a b":""}}`, want: 400},
		"20,000 characters":    {body: `{"id":"gesture-20k","place":"direct","text":"` + strings.Repeat("ü", maxTyped) + `"}`, want: 200},
		"one more":             {body: `{"id":"gesture-1","place":"direct","text":"` + strings.Repeat("ü", maxTyped+1) + `"}`, want: 400},
		"over 64 KiB":          {body: `{"id":"gesture-1","place":"direct","text":"` + strings.Repeat("x", maxBody) + `"}`, want: 413},
		"GET a gesture":        {method: "GET", want: 405},
		"PUT a page":           {method: "PUT", path: "/as/ada/direct", want: 405},
		"POST the stream":      {path: "/as/ada/events", want: 405},
		"no such person":       {path: "/as/mallory/press", want: 404},
		"no such page":         {method: "GET", path: "/as/ada/channel/secret", want: 404},
		"nothing":              {method: "GET", path: "/etc/passwd", want: 404},
		"foreign stream":       {method: "GET", path: "/as/ada/events?place=direct", head: map[string]string{"Sec-Fetch-Site": "same-site"}, want: 403},
		"nobody's stream":      {method: "GET", path: "/as/ada/events?place=direct", head: map[string]string{"Sec-Fetch-Site": "", "Origin": ""}, want: 403},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			method, path := "POST", "/as/ada/press"
			if tt.method != "" {
				method = tt.method
			}
			if tt.path != "" {
				path = tt.path
			}
			body := fmt.Sprintf(`{"id":"gesture-%d","place":"direct","action":"1home"}`, len(name))
			if tt.body != "" {
				body = tt.body
			}
			r, err := http.NewRequest(method, s.base+path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			for k, v := range good {
				r.Header.Set(k, v)
			}
			for k, v := range tt.head {
				r.Header.Set(k, v)
			}
			if tt.host != "" {
				r.Host = tt.host
			}
			answer, err := ada.http.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			code, line := read(t, answer)
			if code != tt.want {
				t.Errorf("got %d %q, want %d", code, line, tt.want)
			}
			if code != 200 && (len(line) < 20 || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/plain")) {
				t.Errorf("%d comes with %q as %s, want a kind line", code, line, answer.Header.Get("Content-Type"))
			}
			if csp := answer.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
				t.Errorf("policy %q", csp)
			}
		})
	}
	if s.Faults().Refused == 0 {
		t.Error("nothing was counted")
	}
}

func TestWithoutASessionNothingIsDone(t *testing.T) {
	c := &script{}
	s := open(t, c)
	ada := s.visit("ada")
	ada.http.Jar = nil
	if code, line := ada.post("press", gesture{Action: "1home"}); code != http.StatusConflict || len(c.asked) != 0 {
		t.Errorf("got %d %q, asked %v; want 409 and nothing asked", code, line, c.asked)
	}
}

func TestHeaders(t *testing.T) {
	s := open(t, &script{})
	answer, err := http.Get(s.base + "/as/ada/direct")
	if err != nil {
		t.Fatal(err)
	}
	_, body := read(t, answer)
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
		"X-Frame-Options": "DENY", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	cookie := answer.Header.Get("Set-Cookie")
	if !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Strict") {
		t.Errorf("cookie %q", cookie)
	}
	for _, bad := range []string{"<script>", " style=", " onclick=", "http://", "https://", "javascript:", "#ZgotmplZ"} {
		if strings.Contains(body, bad) {
			t.Errorf("the page contains %q", bad)
		}
	}
}

func TestRunRefusesAnOpenDoor(t *testing.T) {
	listener, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Listener: listener, Team: "Demo", Clock: &wall{now: monday}, History: &book{},
		Channels: []Channel{{"general", "general"}}, People: []Person{{"ada", "Ada", true}}}
	if err := New(o).Run(t.Context(), &script{}); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("got %v, want it refused", err)
	}
	for name, change := range map[string]func(*Options){
		"no people":      func(o *Options) { o.People = nil },
		"no channels":    func(o *Options) { o.Channels = nil },
		"team with /":    func(o *Options) { o.Team = "a/b" },
		"channel with /": func(o *Options) { o.Channels = []Channel{{"a/b", "x"}} },
		"person with /":  func(o *Options) { o.People = []Person{{"a/b", "x", false}} },
	} {
		bad := o
		if bad.Listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		change(&bad)
		if err := New(bad).Run(t.Context(), &script{}); err == nil {
			t.Errorf("%s: Run did not refuse", name)
		}
	}
}

func TestTypedWordsArriveUnchangedAndAreShownHarmlessly(t *testing.T) {
	c := &script{}
	ada := open(t, c).visit("ada")
	raw := "x\u202egnp.exe\u202c\x1b[31m\x00 <b>&"
	html := ada.do("say", gesture{Text: "/rapport " + raw}).Events[0].HTML
	if got := c.asked[0].Action.Args; len(got) == 0 || !strings.Contains(strings.Join(got, " "), "\u202egnp.exe\u202c\x1b[31m\x00") {
		t.Errorf("the coach got %q, want %q in it", got, raw)
	}
	if strings.ContainsAny(html, "\u202e\u202c\x1b\x00") || strings.Contains(html, "<b>&") || !strings.Contains(html, "xgnp.exe[31m &lt;b&gt;&amp;") {
		t.Errorf("shown as %s", html)
	}
}

func TestZoneAndLocaleAreChecked(t *testing.T) {
	c := &script{}
	ada := open(t, c).visit("ada")
	for _, tt := range []struct{ zone, locale, wantZone, wantLocale string }{
		{"America/Argentina/Buenos_Aires", "pt-BR", "America/Argentina/Buenos_Aires", "pt-BR"},
		{"Local", "en", "", "en"},
		{"../etc/passwd", "<b>", "", ""},
		{"Mars/Olympus", "x", "", ""},
		{strings.Repeat("A", 1000), strings.Repeat("a", 1000), "", ""},
	} {
		ada.do("press", gesture{Action: "1home", Zone: tt.zone, Locale: tt.locale})
		r := c.asked[len(c.asked)-1]
		if r.Zone != tt.wantZone || r.Locale != tt.wantLocale {
			t.Errorf("%.40q %.40q: got %q %q, want %q %q", tt.zone, tt.locale, r.Zone, r.Locale, tt.wantZone, tt.wantLocale)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	v := newVisits()
	first, _ := v.begin()
	for range maxSessions - 1 {
		v.begin()
	}
	v.find(first.id) // used since, so another goes
	if _, gone := v.begin(); gone == "" || gone == first.id || len(v.byID) != maxSessions {
		t.Errorf("gone %q of %d, want the one not used longest", gone, len(v.byID))
	}
	k := paneKey{"ada", place{}}
	for i := range maxItems + 5 {
		first.add(k, item{id: fmt.Sprint(i), html: "x"})
	}
	if items, lost := first.private(k); len(items) != maxItems || !lost || items[0].id != "5" {
		t.Errorf("%d items from %s, lost %v", len(items), items[0].id, lost)
	}
	for range 5 {
		first.hold(blob{data: make([]byte, maxBlobBytes/3)})
	}
	if first.size > maxBlobBytes || len(first.blobs) != 3 {
		t.Errorf("%d files of %d bytes are held", len(first.blobs), first.size)
	}
	for i := range maxExchanges + 5 {
		first.begin(fmt.Sprint(i))
	}
	if len(first.exchanges) != maxExchanges {
		t.Errorf("%d exchanges are held, want %d", len(first.exchanges), maxExchanges)
	}
}

func TestDrainWaitsForLateAnswers(t *testing.T) {
	c := &script{}
	began, release, told := make(chan bool), make(chan bool), make(chan error, 1)
	c.does("slow", func(ctx context.Context, _ coach.Request) (coach.Reply, error) {
		close(began)
		<-release
		told <- ctx.Err()
		return coach.Say(text("done")), nil
	})
	s := open(t, c)
	ada := s.visit("ada")
	ada.do("press", gesture{Action: "1slow"})
	<-began
	ended := make(chan error, 1)
	go func() { ended <- s.stop() }()
	select {
	case err := <-ended:
		t.Fatalf("Run ended before the answer: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := <-told; err != nil {
		t.Errorf("the handler was cancelled while draining: %v", err)
	}
}

func FuzzDecodeGesture(f *testing.F) {
	f.Add([]byte(`{"id":"gesture-1","place":"direct","answers":{"a":"b"}}`))
	f.Add([]byte(`{"id":"\ud800","text":"` + "\xff" + `"}`))
	s := &server{Adapter: New(Options{Team: "Demo"})}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := http.NewRequest(http.MethodPost, "http://127.0.0.1/", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		w := &recorder{head: http.Header{}}
		g, ok := s.decode(w, r)
		if ok == (w.code != 0) {
			t.Errorf("decoded %v and answered %d", ok, w.code)
		}
		if ok && (!json.Valid(body) || g.fault() != "") {
			t.Errorf("took %q", body)
		}
	})
}

type recorder struct {
	head http.Header
	code int
}

func (r *recorder) Header() http.Header         { return r.head }
func (r *recorder) WriteHeader(code int)        { r.code = code }
func (r *recorder) Write(p []byte) (int, error) { return io.Discard.Write(p) }
