package slack

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapport/adapters/slack/slacktest"
)

func TestWebHandsOnAndAcknowledges(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{})
	r, web := served(t, s, brisk())
	if err := r.Ready(t.Context()); err != nil {
		t.Errorf("ready: %v", err)
	}
	if a := s.Person("Anna").Command("/rapport say <b> & 100% + ü"); a.Shown == nil || !a.JSON || a.Shown.Text != "answer to say &lt;b&gt; &amp; 100% + ü" {
		t.Errorf("command: got %+v", a)
	}
	if in := r.clerk.next(t); in.Command == nil || in.ID == "" || in.ID != in.Command.TriggerID {
		t.Errorf("command: taken as %+v", in)
	}
	if a := web.Deliver(slacktest.Interactions, press("trigger.1", "")); a.Status != http.StatusOK || len(a.Body) > 0 {
		t.Errorf("press: got %+v", a)
	}
	if in := r.clerk.next(t); in.Press == nil || in.ID != "trigger.1" || len(in.Press.ActionCallback.BlockActions) != 1 {
		t.Errorf("press: taken as %+v", in)
	}
	if a := web.Deliver(slacktest.Events, event("Ev1", "app_home_opened")); a.Status != http.StatusOK || a.Tries != 1 {
		t.Errorf("event: got %+v", a)
	}
	if in := r.clerk.next(t); in.Event == nil || in.ID != "Ev1" || in.Event.InnerEvent.Type != "app_home_opened" {
		t.Errorf("event: taken as %+v", in)
	}
	if a := web.Verify("the <challenge>"); a.Status != http.StatusOK || string(a.Body) != "the <challenge>" || a.JSON {
		t.Errorf("url_verification: got %+v", a)
	}
	if got := s.Violations(); len(got) > 0 {
		t.Errorf("violations: %v", got)
	}
}

func TestWebRetriedEventsPass(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{})
	r, web := served(t, s, brisk())
	for range 2 {
		body := `{"type":"event_callback","event_id":"Ev1","event":{"type":"app_home_opened"}}`
		a := web.Post(web.Event, jsonType, body, http.Header{"X-Slack-Retry-Num": {"1"}, "X-Slack-Retry-Reason": {"http_error"}})
		if in := r.clerk.next(t); a.Status != http.StatusOK || in.ID != "Ev1" {
			t.Errorf("got %+v, taken as %+v", a, in)
		}
	}
}

func TestWebRefusesWhatSlackDidNotSign(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{})
	r, web := served(t, s, brisk())
	for n, how := range slacktest.Signatures() {
		web.Signature = how
		for kind, body := range map[string]string{formType: "command=%2Frapport&user_id=U0ANNA", jsonType: `{"type":"url_verification","challenge":"x"}`} {
			if a := web.Post(web.Command, kind, body, nil); a.Status != http.StatusUnauthorized || len(a.Body) > 0 {
				t.Errorf("signature %d, %s: got %+v; want 401 without words", how, kind, a)
			}
		}
		if got := r.told("unsigned"); len(got) != 2*(n+1) || got[0].Err == nil {
			t.Errorf("signature %d: notices %v", how, got)
		}
	}
	if got := r.clerk.got(); len(got) > 0 {
		t.Errorf("taken: %v", got)
	}
}

// TestWebVerifiesAsSlackGoDoes holds our check to that of the library.
func TestWebVerifiesAsSlackGoDoes(t *testing.T) {
	const body = "command=%2Frapport"
	w := newWeb(&intake{Adapter: New(Options{SigningSecret: "secret"})})
	now := time.Now()
	stamp := fmt.Sprint(now.Unix())
	good := "v0=" + signed("secret", stamp, body)
	for _, tc := range []struct{ stamp, signature string }{
		{stamp, good},
		{stamp, strings.ToUpper(good)},
		{stamp, "v0=" + strings.ToUpper(good[3:])},
		{stamp, good[3:]},
		{stamp, "v1=" + good[3:]},
		{stamp, good + "00"},
		{stamp, good[:len(good)-2]},
		{stamp, good[:len(good)-1] + "x"},
		{stamp, "v0=" + strings.Repeat("00", 32)},
		{stamp, ""}, {"", good}, {"", ""},
		{stamp + " ", "v0=" + signed("secret", stamp+" ", body)},
		{"x", "v0=" + signed("secret", "x", body)},
		{"-1", "v0=" + signed("secret", "-1", body)},
		{"99999999999999999999", "v0=" + signed("secret", "99999999999999999999", body)},
		{fmt.Sprint(now.Unix() - 290), "v0=" + signed("secret", fmt.Sprint(now.Unix()-290), body)},
		{fmt.Sprint(now.Unix() + 290), "v0=" + signed("secret", fmt.Sprint(now.Unix()+290), body)},
		{fmt.Sprint(now.Unix() - 310), "v0=" + signed("secret", fmt.Sprint(now.Unix()-310), body)},
		{fmt.Sprint(now.Unix() + 310), "v0=" + signed("secret", fmt.Sprint(now.Unix()+310), body)},
	} {
		h := http.Header{}
		h.Set("X-Slack-Request-Timestamp", tc.stamp)
		h.Set("X-Slack-Signature", tc.signature)
		c := w.checks.Get().(*check)
		c.body.Reset()
		c.body.WriteString(body)
		got := c.verify(h, now)
		w.checks.Put(c)
		sv, want := slackgo.NewSecretsVerifier(h, "secret")
		if want == nil {
			io.WriteString(&sv, body)
			want = sv.Ensure()
		}
		if (got == nil) != (want == nil) {
			t.Errorf("stamp %q, signature %q: got %v; the library says %v", tc.stamp, tc.signature, got, want)
		}
	}
}

func signed(secret, stamp, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	return hex.EncodeToString(mac.Sum(nil))
}

func TestWebRefusesWhatItCannotRead(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{})
	r, web := served(t, s, brisk())
	large := strings.Repeat("x", maxPayload+1)
	for i, tc := range []struct {
		kind, body string
		want       int
	}{
		{"text/plain", "x", http.StatusUnsupportedMediaType},
		{"", "x", http.StatusUnsupportedMediaType},
		{"a/b/c", "x", http.StatusUnsupportedMediaType},
		{formType, "", http.StatusBadRequest},
		{formType, "command=%zz&user_id=U1", http.StatusBadRequest},
		{formType, "command=%2Frapport", http.StatusBadRequest},
		{formType, "user_id=U1", http.StatusBadRequest},
		{formType, "payload=%7B", http.StatusBadRequest},
		{formType, "payload=%7B%7D", http.StatusBadRequest},
		{formType, "payload=%5B1%5D", http.StatusBadRequest},
		{jsonType, "", http.StatusBadRequest},
		{jsonType, "{", http.StatusBadRequest},
		{jsonType, "[]", http.StatusBadRequest},
		{jsonType, `{"type":"event_callback"}`, http.StatusBadRequest},
		{jsonType, `{"type":"event_callback","event_id":"Ev1","event":7}`, http.StatusBadRequest},
		{jsonType, `{"type":"event_callback","event":{"type":"app_home_opened"}}`, http.StatusBadRequest},
		{formType, large, http.StatusRequestEntityTooLarge},
		{jsonType, large, http.StatusRequestEntityTooLarge},
	} {
		a := web.Post(web.Command, tc.kind, tc.body, nil)
		if a.Status != tc.want || len(a.Body) > 0 {
			t.Errorf("%s %.60s: got %d %q; want %d", tc.kind, tc.body, a.Status, a.Body, tc.want)
		}
		if got := len(r.told("malformed")); got != i+1 {
			t.Errorf("%s %.60s: got %d notices; want %d", tc.kind, tc.body, got, i+1)
		}
	}
	if got := r.clerk.got(); len(got) > 0 {
		t.Errorf("taken: %v", got)
	}
}

func TestWebTakesWhatNeedsNoAnswer(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{})
	r, web := served(t, s, brisk())
	for _, tc := range []struct{ kind, body, notice string }{
		{formType, "ssl_check=1&token=x", ""},
		{jsonType, `{"type":"event_callback","event_id":"Ev1","event":{"type":"something_new"}}`, "unreadable"},
		{jsonType, `{"type":"app_rate_limited","minute_rate_limited":1}`, "events limited"},
	} {
		if a := web.Post(web.Event, tc.kind, tc.body, nil); a.Status != http.StatusOK || len(a.Body) > 0 {
			t.Errorf("%s: got %+v", tc.body, a)
		}
		if tc.notice != "" && len(r.told(tc.notice)) != 1 {
			t.Errorf("%s: no notice %q", tc.body, tc.notice)
		}
	}
	if got := r.clerk.got(); len(got) > 0 {
		t.Errorf("taken: %v", got)
	}
}

func TestWebOtherAddressesAndMethods(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{})
	r, _ := served(t, s, brisk())
	at := "http://" + r.Listener.Addr().String()
	for _, tc := range []struct {
		method, path string
		want         int
	}{
		{http.MethodPost, "/", http.StatusNotFound},
		{http.MethodPost, "/slack/", http.StatusNotFound},
		{http.MethodGet, "/slack", http.StatusMethodNotAllowed},
		{http.MethodPut, "/slack", http.StatusMethodNotAllowed},
		{http.MethodPost, "/slack", http.StatusUnsupportedMediaType},
	} {
		req, err := http.NewRequestWithContext(t.Context(), tc.method, at+tc.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != tc.want {
			t.Errorf("%s %s: got %d; want %d", tc.method, tc.path, res.StatusCode, tc.want)
		}
	}
}

// TestWebReadsNoMoreThanItTakes sends bodies whose length is not told, and
// headers without end.
func TestWebReadsNoMoreThanItTakes(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{})
	r, _ := served(t, s, brisk())
	at := r.Listener.Addr().String()
	body := io.LimitReader(endless{}, maxPayload+1)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+at+webPath, struct{ io.Reader }{body})
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", formType)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("body: got %d; want 413", res.StatusCode)
	}
	conn, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /slack HTTP/1.1\r\nHost: x\r\nX-Long: %s\r\n\r\n", strings.Repeat("x", 2*maxHeader))
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("headers: got %v, %v; want 431", answer, err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestWebParsesFormsAsNetURLDoes(t *testing.T) {
	for _, body := range []string{
		"", "&", "=", "command", "command=", "command=%2Frapport&text=a+b%20c%C3%BC&user_id=U1",
		"text=1&text=2", "&&text=x&&", "text=a=b=c", "is_enterprise_install=true", "is_enterprise_install=1",
		"token=secret&team_id=T&team_domain=d&enterprise_id=E&enterprise_name=n&channel_id=C&channel_name=c&user_name=u&response_url=https%3A%2F%2Fx&trigger_id=t&api_app_id=A",
		"payload=%7B%7D&ssl_check=1",
	} {
		values, err := url.ParseQuery(body)
		if err != nil {
			t.Fatal(err)
		}
		want, err := slackgo.SlashCommandParse(&http.Request{Method: http.MethodPost, Form: values, PostForm: values})
		if err != nil {
			t.Fatal(err)
		}
		want.Token = ""
		got, err := parseForm(body)
		if err != nil {
			t.Fatalf("%q: %v", body, err)
		}
		if got.SlashCommand != want || got.payload != values.Get("payload") || got.sslCheck != values.Get("ssl_check") {
			t.Errorf("%q: got %+v; want %+v", body, got, want)
		}
	}
}

func FuzzParseForm(f *testing.F) {
	f.Add("command=%2Frapport&text=a+b&user_id=U1")
	f.Add("payload=%7B%22type%22%3A%22x%22%7D")
	f.Add("text=%zz")
	f.Fuzz(func(t *testing.T, body string) {
		got, err := parseForm(body)
		values, wrong := url.ParseQuery(body)
		if err != nil && wrong == nil {
			t.Errorf("%q: got %v; net/url reads it", body, err)
		}
		if err == nil && wrong == nil && !strings.Contains(body, "%") && got.Text != "" && values.Get("text") != "" && got.Text != values.Get("text") {
			t.Errorf("%q: got %q; want %q", body, got.Text, values.Get("text"))
		}
	})
}

func TestWebTakesManyAtATime(t *testing.T) {
	const many = 200
	s := slacktest.New(t, slacktest.Setup{})
	r, _ := served(t, s, brisk())
	release := r.clerk.holding()
	var typed sync.WaitGroup
	answered := make(chan bool, many)
	for i := range many {
		typed.Go(func() {
			a := s.Person("Anna").Command(fmt.Sprint("/rapport ", i))
			answered <- a.Shown != nil && a.Shown.Text == fmt.Sprint("answer to ", i)
		})
	}
	for range many {
		r.clerk.next(t)
	}
	release()
	typed.Wait()
	close(answered)
	for ok := range answered {
		if !ok {
			t.Error("a command was not answered")
		}
	}
}

func TestWebRefusesWhenFull(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{AckTime: time.Second, Retries: []time.Duration{}})
	p := brisk()
	p.room = 1
	r, web := served(t, s, p)
	refusesWhenFull(t, s, r)
	for kind, payload := range map[slacktest.Kind]map[string]any{
		slacktest.Interactions: press("trigger.2", ""),
		slacktest.Events:       event("Ev1", "app_home_opened"),
	} {
		if a := web.Deliver(kind, payload); a.Status != http.StatusServiceUnavailable {
			t.Errorf("%s: got %+v; want 503", kind, a)
		}
	}
	if got := len(r.clerk.got()); got != 1 {
		t.Errorf("taken: got %d; want 1", got)
	}
}

func TestWebAnswersBesideIfSlackHungUp(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{AckTime: 50 * time.Millisecond})
	s.Use(nowhere{})
	a := s.Person("Anna").Command("/rapport hello")
	hung, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequestWithContext(hung, http.MethodPost, webPath, nil)
	sent := 0
	w := newWeb(&intake{Adapter: New(Options{APIURL: s.APIURL()}), work: t.Context()})
	w.answer(httptest.NewRecorder(), r, ack{Body: answerTo("hello"), Spare: a.Payload["response_url"].(string), Sent: func() { sent++ }})
	if _, posts := answers(s, "hello"); posts != 1 || sent != 1 {
		t.Errorf("got %d posts, told %d times; want 1 and 1", posts, sent)
	}
}

// nowhere is a transport that loses everything.
type nowhere struct{}

func (nowhere) Deliver(k slacktest.Kind, payload map[string]any) slacktest.Answer {
	return slacktest.Answer{Kind: k, Payload: payload, Error: "operation_timeout"}
}

func TestWebEndsGently(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{})
	r, _ := served(t, s, brisk())
	release := r.clerk.holding()
	var typed sync.WaitGroup
	var first slacktest.Answer
	typed.Go(func() { first = s.Person("Ben").Command("/rapport first") })
	r.clerk.next(t)
	r.end()
	for r.Ready(t.Context()) == nil {
	}
	release()
	typed.Wait()
	if first.Shown == nil || first.Shown.Text != "answer to first" {
		t.Errorf("under way: got %+v", first)
	}
	if err := r.ended(); err != nil {
		t.Errorf("Run: %v", err)
	}
	if c, err := net.Dial("tcp", r.Listener.Addr().String()); err == nil {
		c.Close()
		t.Error("it still listens")
	}
}

func TestWebEndsWithItsListener(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{})
	r, _ := served(t, s, brisk())
	r.Listener.Close()
	if err := r.ended(); err == nil || !strings.Contains(err.Error(), "serve HTTP") {
		t.Errorf("Run: got %v", err)
	}
}

func TestWebNeedsASecret(t *testing.T) {
	a := New(Options{})
	err := newWeb(&intake{Adapter: a}).serve(t.Context())
	if err == nil || !strings.Contains(err.Error(), "slack.signing_secret") {
		t.Errorf("got %v", err)
	}
}

// A fixed taker has one answer.
type fixed struct{ ack }

func (f fixed) take(context.Context, incoming) ack { return f.ack }
func (f fixed) wait(context.Context)               {}

// command is a signed request of a slash command.
func command(secret string) *http.Request {
	const body = "token=x&team_id=T0LIGHT&team_domain=lighthouse&channel_id=C1&channel_name=general&user_id=U0ANNA&user_name=anna&command=%2Frapport&text=streak&api_app_id=A1&is_enterprise_install=false&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2F1%2F2&trigger_id=1.2.3"
	r := httptest.NewRequest(http.MethodPost, webPath, strings.NewReader(body))
	stamp := fmt.Sprint(time.Now().Unix())
	r.Header.Set("Content-Type", formType)
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", "v0="+signed(secret, stamp, body))
	return r
}

// lean is a way of payloads without a connection, and a request for it.
func lean() (*web, *http.Request, *bytes.Reader) {
	in := &intake{Adapter: New(Options{SigningSecret: "secret"}), taker: fixed{ack{Body: answerTo("streak")}},
		open: context.Background(), work: context.Background(), slots: make(chan struct{}, 8), beside: make(chan struct{}, 8)}
	r := command("secret")
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	reader := bytes.NewReader(body)
	r.Body = io.NopCloser(reader)
	return newWeb(in), r, reader
}

// A sink is a response that goes nowhere.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(status int)      { s.status = status }

// TestWebIsLean bounds what one command costs beside net/http. It takes the least
// of some measurements: under the race detector a pool loses some of what it is
// given, by chance.
func TestWebIsLean(t *testing.T) {
	w, r, body := lean()
	out := &sink{header: http.Header{}}
	got := math.Inf(1)
	for range 10 {
		got = min(got, testing.AllocsPerRun(200, func() {
			body.Seek(0, io.SeekStart)
			clear(out.header)
			w.ServeHTTP(out, r)
		}))
	}
	if out.status != 0 {
		t.Fatalf("status: got %d; want 200 by default", out.status)
	}
	if most := 10.0; got > most {
		t.Errorf("allocations: got %.0f; want at most %.0f", got, most)
	}
	t.Logf("%.0f allocations", got)
}

func BenchmarkWebCommand(b *testing.B) {
	w, r, body := lean()
	out := &sink{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		body.Seek(0, io.SeekStart)
		clear(out.header)
		w.ServeHTTP(out, r)
	}
}
