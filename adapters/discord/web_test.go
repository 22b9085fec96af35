package discord

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"rapport/coach"
)

// A webStage is a stage whose desk is asked over HTTP.
type webStage struct {
	*stage
	url    string
	key    ed25519.PrivateKey
	client *http.Client
}

func newWebStage(t *testing.T) *webStage {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &webStage{
		stage: newStage(t, func(o *Options) { o.PublicKey, o.Listener = hex.EncodeToString(public), l }),
		url:   "http://" + l.Addr().String(), key: private, client: &http.Client{Transport: &http.Transport{}, Timeout: 20 * time.Second},
	}
	w, err := newWeb(s.desk)
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.serve(ctx) }()
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		end()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return s
}

// signed is a request as Discord signs it at that time.
func (s *webStage) signed(body []byte, at time.Time) *http.Request {
	stamp := strconv.FormatInt(at.Unix(), 10)
	r, err := http.NewRequest(http.MethodPost, s.url+webPath, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Signature-Timestamp", stamp)
	r.Header.Set("X-Signature-Ed25519", hex.EncodeToString(ed25519.Sign(s.key, append([]byte(stamp), body...))))
	return r
}

// do sends r and returns the answer.
func (s *webStage) do(r *http.Request) (status int, body []byte) {
	s.t.Helper()
	res, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, body
}

// tells brings an interaction and returns the first answer.
func (s *webStage) tells(in map[string]any) call {
	s.t.Helper()
	status, body := s.do(s.signed(raw(s.t, in), time.Now()))
	var c call
	if status != http.StatusOK || json.Unmarshal(body, &c.body) != nil {
		s.t.Fatalf("got %d %q", status, body)
	}
	return c
}

func TestWebPing(t *testing.T) {
	s := newWebStage(t)
	if c := s.tells(map[string]any{"id": "1", "application_id": ourApp, "type": 1, "token": "x", "version": 1}); c.kind() != pong {
		t.Errorf("got %v; want type 1", c.body)
	}
	if len(s.requests()) > 0 {
		t.Error("the coach was asked")
	}
}

func TestWebAnswers(t *testing.T) {
	s := newWebStage(t)
	c := s.tells(s.does(command, typedCommand("rapport", "")))
	if c.kind() != newMessage || flags(c.data()) != ephemeral|componentsV2 || !strings.Contains(texts(c.data()["components"]), "Hello") {
		t.Errorf("got %v", c.body)
	}
	quiet(t, c.data())
	if n := len(s.made()); n > 0 {
		t.Errorf("%d calls; want the answer in the response alone", n)
	}
}

func TestWebLateAnswer(t *testing.T) {
	s := newWebStage(t)
	answers := s.slowly()
	if c := s.tells(s.does(command, typedCommand("rapport", ""))); c.kind() != thinking || flags(c.data()) != ephemeral {
		t.Errorf("got %v", c.body)
	}
	answers <- coach.Say(message("Here it is"))
	if c := s.nth(1); c.path != original || !strings.Contains(texts(c.body["components"]), "Here it is") {
		t.Errorf("got %+v", c)
	}
}

func TestWebFile(t *testing.T) {
	s := newWebStage(t)
	m := message("Your data")
	s.reply = func(context.Context, coach.Request) (coach.Reply, error) {
		return coach.Reply{Message: &m, File: &coach.File{Name: "data.json", Type: "application/json", Data: []byte("{}"), Alt: "All"}}, nil
	}
	if c := s.tells(s.does(command, typedCommand("rapport", "data"))); c.kind() != thinking {
		t.Errorf("got %v; want it put off, as a response holds no file", c.body)
	}
	if c := s.nth(1); c.path != original || c.files["data.json"] != "{}" {
		t.Errorf("got %+v", c)
	}
}

// TestWebPicture: one that takes the place of the pressed message does so.
func TestWebPicture(t *testing.T) {
	s := newWebStage(t)
	m := message("Your weeks")
	m.Picture = &coach.Picture{Name: "weeks.png", PNG: []byte("png"), Alt: "One week"}
	s.reply = func(context.Context, coach.Request) (coach.Reply, error) {
		return coach.Reply{Message: &m, Replace: true}, nil
	}
	if c := s.tells(s.does(press, control(coach.Do("progress", "picture")), ofMessage(ephemeral))); c.kind() != changeLater {
		t.Errorf("got %v; want the pressed message to be changed later", c.body)
	}
	if c := s.nth(1); c.path != original || c.files["weeks.png"] != "png" {
		t.Errorf("got %+v", c)
	}
}

func TestWebComplete(t *testing.T) {
	s := newWebStage(t)
	s.offer = func(_ context.Context, prefix string) []coach.Option {
		return []coach.Option{{Label: "done - tell", Value: "done"}}
	}
	c := s.tells(s.does(typing, typedCommand("rapport", "do")))
	if b, _ := json.Marshal(c.body); string(b) != `{"data":{"choices":[{"name":"done - tell","value":"done"}]},"type":8}` {
		t.Errorf("got %s", b)
	}
}

// TestWebRefuses: what is not from Discord, or not meant for now, changes
// nothing and is counted.
func TestWebRefuses(t *testing.T) {
	s := newWebStage(t)
	good := func() []byte { return raw(t, s.does(command, typedCommand("rapport", ""))) }
	header := func(r *http.Request, name, value string) *http.Request {
		if value == "" {
			r.Header.Del(name)
		} else {
			r.Header.Set(name, value)
		}
		return r
	}
	now := time.Now()
	_, other, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	forged := *s
	forged.key = other
	tampered := s.signed(good(), now)
	tampered.Body, tampered.ContentLength = io.NopCloser(bytes.NewReader(good())), -1
	replayed := good()
	if status, _ := s.do(s.signed(replayed, now)); status != http.StatusOK {
		t.Fatalf("got %d; want the first taken", status)
	}
	moved := s.signed(good(), now)
	moved.Header.Set("X-Signature-Timestamp", strconv.FormatInt(now.Unix()+1, 10))
	get, err := http.NewRequest(http.MethodGet, s.url+webPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := s.signed(good(), now)
	elsewhere.URL.Path = "/"
	large := bytes.Repeat([]byte(" "), maxPayload+1)
	chunked := s.signed(large, now)
	chunked.ContentLength = -1
	for _, tc := range []struct {
		name   string
		r      *http.Request
		want   int
		notice string
	}{
		{"forged", forged.signed(good(), now), 401, "unsigned"},
		{"tampered", tampered, 401, "unsigned"},
		{"another time", moved, 401, "unsigned"},
		{"no signature", header(s.signed(good(), now), "X-Signature-Ed25519", ""), 401, "unsigned"},
		{"no timestamp", header(s.signed(good(), now), "X-Signature-Timestamp", ""), 401, "unsigned"},
		{"no hex", header(s.signed(good(), now), "X-Signature-Ed25519", "zz"), 401, "unsigned"},
		{"a short signature", header(s.signed(good(), now), "X-Signature-Ed25519", "abcd"), 401, "unsigned"},
		{"stale", s.signed(good(), now.Add(-6*time.Minute)), 401, "unsigned"},
		{"from the future", s.signed(good(), now.Add(6*time.Minute)), 401, "unsigned"},
		{"oversized", s.signed(large, now), 413, "malformed"},
		{"oversized, length not told", chunked, 413, "malformed"},
		{"another type", header(s.signed(good(), now), "Content-Type", "text/plain"), 415, "malformed"},
		{"no type", header(s.signed(good(), now), "Content-Type", ""), 415, "malformed"},
		{"no JSON", s.signed([]byte("nothing"), now), 400, "malformed"},
		{"no interaction", s.signed([]byte("{}"), now), 400, "malformed"},
		{"replayed", s.signed(replayed, now), 400, "repeated"},
		{"old", s.signed(raw(t, s.does(command, typedCommand("rapport", ""), with("id", snowflake(now.Add(-4*time.Second), 1)))), now), 400, "late"},
		{"of a bot", s.signed(raw(t, s.does(command, typedCommand("rapport", ""), with("member", map[string]any{"user": map[string]any{"id": annaID, "bot": true}}))), now), 400, ""},
		{"another method", get, 405, ""},
		{"another path", elsewhere, 404, ""},
	} {
		before := len(s.notices(tc.notice))
		if status, body := s.do(tc.r); status != tc.want || tc.want == 401 && len(body) > 0 {
			t.Errorf("%s: got %d %q; want %d", tc.name, status, body, tc.want)
		}
		if tc.notice != "" && len(s.notices(tc.notice)) != before+1 {
			t.Errorf("%s: is not counted as %q", tc.name, tc.notice)
		}
	}
	if n := len(s.requests()); n != 1 {
		t.Errorf("the coach was asked %d times; want once", n)
	}
	s.tells(s.does(command, typedCommand("rapport", ""))) // still serves
}

func TestWebBusy(t *testing.T) {
	s := newWebStage(t)
	answers := s.slowly()
	for range cap(s.slots) {
		s.slots <- struct{}{}
	}
	if c := s.tells(s.does(command, typedCommand("rapport", ""))); !strings.Contains(texts(c.data()["components"]), "Very many people") {
		t.Errorf("got %v", c.body)
	}
	if c := s.tells(s.does(typing, typedCommand("rapport", "x"))); c.kind() != offerChoices {
		t.Errorf("got %v", c.body)
	}
	words := strings.Repeat("heliotrope ", 20)
	if c := s.tells(s.does(submitted, sentForm(coach.Do("note"), "words", words))); !strings.Contains(texts(c.data()["components"]), words) {
		t.Errorf("got %v; want what was typed given back", c.body)
	}
	long := sentForm(coach.Do("note"), "words", strings.Repeat(words, 20))
	if status, _ := s.do(s.signed(raw(t, s.does(submitted, long)), time.Now())); status != http.StatusServiceUnavailable {
		t.Errorf("got %d; want the form to stay open", status)
	}
	for range cap(s.slots) {
		<-s.slots
	}
	go func() { answers <- coach.Say(message("Again")) }()
	s.tells(s.does(command, typedCommand("rapport", "")))
}

// TestWebSlowClient is cut off, and holds up nobody.
func TestWebSlowClient(t *testing.T) {
	s := newWebStage(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "POST "+webPath+" HTTP/1.1\r\nHost: x\r\n"); err != nil {
		t.Fatal(err)
	}
	s.tells(s.does(command, typedCommand("rapport", "")))
	_ = conn.SetReadDeadline(time.Now().Add(headerTime + 15*time.Second))
	if _, err := io.ReadAll(conn); err != nil {
		t.Errorf("got %v; want to be cut off", err)
	}
}

func TestPublicKey(t *testing.T) {
	good := strings.Repeat("0a", ed25519.PublicKeySize)
	for key, want := range map[string]bool{good: true, strings.ToUpper(good): true, "": false, "0a": false, good + "0a": false, strings.Repeat("x", 64): false} {
		if _, err := publicKey(key); (err == nil) != want {
			t.Errorf("%q: got %v; want taken is %t", key, err, want)
		}
	}
}
