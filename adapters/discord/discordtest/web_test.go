package discordtest

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

// serving is an app over HTTP that checks signatures as Discord wants it; answer
// makes the response to an interaction.
func serving(t *testing.T, d *Discord, answer func(w http.ResponseWriter, i map[string]any)) string {
	t.Helper()
	key, err := hex.DecodeString(d.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		at := r.Header.Get("X-Signature-Timestamp")
		sum, err := hex.DecodeString(r.Header.Get("X-Signature-Ed25519"))
		if _, bad := strconv.ParseInt(at, 10, 64); err != nil || bad != nil || !ed25519.Verify(key, append([]byte(at), body...), sum) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		var i map[string]any
		if json.Unmarshal(body, &i) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if num(i, "type") == kindPing {
			_, _ = io.WriteString(w, `{"type":1}`)
			return
		}
		answer(w, i)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestHTTP(t *testing.T) {
	d := New(t, Setup{})
	register(t, d)
	response := `{"type":4,"data":` + private + `}`
	w := d.HTTP(serving(t, d, func(w http.ResponseWriter, _ map[string]any) { _, _ = io.WriteString(w, response) }))
	if a := w.Ping(); !a.Ponged() {
		t.Errorf("a ping: got %+v", a)
	}
	anna := d.Person("Anna").In("#team")
	if a := anna.Command("/rapport"); a.Kind != answerMessage || a.Error != "" || a.Status != 200 {
		t.Errorf("got %+v", a)
	}
	if anna.WaitMessage("Hello.").For != anna.ID() {
		t.Error("others see it, too")
	}
	response = `{"type":9,"data":` + form + `}`
	anna.Press(nil, "Go")
	m := anna.WaitModal("A line")
	response = `{"type":7,"data":{"content":"Kept.","components":[],` + quietly + `}}`
	anna.Submit(m, map[string]string{"What happened?": "a", "Channel": "general"})
	anna.WaitMessage("Kept.")
	response = `{"type":8,"data":{"choices":[{"name":"a","value":"b"}]}}`
	if got := anna.Complete("/rapport", "a"); len(got) != 1 {
		t.Errorf("got %v", got)
	}
	d.Demand()
	if a := w.Oversized(2 << 20); a.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: got %+v", a)
	}
	response = `{"type":4,"data":{"content":"a"}}`
	anna.Command("/rapport")
	if got := d.Violations(); len(got) != 1 || got[0].Where != httpRoute {
		t.Errorf("a response goes through the same checks: got %v", got)
	}
	response = `{"type":4,"data":{"content":"` + of(2001) + `",` + quietly + `}}`
	if a := anna.Command("/rapport"); a.Error != noAnswer {
		t.Errorf("a response that Discord refuses: got %+v", a)
	}
	response = "Hello"
	if a := anna.Command("/rapport"); a.Error != noAnswer {
		t.Errorf("a response of words: got %+v", a)
	}
}

// TestForged: all that must be refused can be told from what is signed.
func TestForged(t *testing.T) {
	d := New(t, Setup{})
	register(t, d)
	asked := 0
	w := d.HTTP(serving(t, d, func(w http.ResponseWriter, _ map[string]any) {
		asked++
		_, _ = io.WriteString(w, `{"type":4,"data":`+private+`}`)
	}))
	ben := d.Person("Ben").In("#team")
	for _, s := range Signatures() {
		w.Signature = s
		if a := ben.Command("/rapport"); a.Status != http.StatusUnauthorized || a.Error != noAnswer || asked > 0 {
			t.Errorf("signature %d: got %+v", s, a)
		}
	}
	for _, s := range []Signature{Stale, Future, Signed} {
		w.Signature = s
		if a := ben.Command("/rapport"); a.Error != "" {
			t.Errorf("signature %d: got %+v, want it taken by an app that looks at no clock", s, a)
		}
	}
	d.Demand()
}

// TestHTTPAndREST: a 202 says that the answer comes over REST.
func TestHTTPAndREST(t *testing.T) {
	d := New(t, Setup{})
	register(t, d)
	later := make(chan map[string]any, 1)
	d.HTTP(serving(t, d, func(w http.ResponseWriter, i map[string]any) {
		w.WriteHeader(http.StatusAccepted)
		later <- i
	}))
	done := make(chan struct{})
	go func() {
		defer close(done)
		answerTo(t, d, <-later, answerMessage, private)
	}()
	if a := d.Person("Ben").In("#team").Command("/rapport"); a.Error != "" || a.Kind != answerMessage {
		t.Errorf("got %+v", a)
	}
	<-done
	d.Demand()
}

// TestNobodyListens: people are told.
func TestNobodyListens(t *testing.T) {
	d := New(t, Setup{AckTime: 100 * time.Millisecond})
	register(t, d)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	d.HTTP(gone.URL)
	if a := d.Person("Ben").In("#team").Command("/rapport"); a.Error != noAnswer || a.Status != 0 {
		t.Errorf("got %+v", a)
	}
	d.OverGateway()
	start(t, d, nil).expect(opDispatch, "GUILD_CREATE")
	d.Person("Ben").Command("/rapport")
	if its := d.Interactions(); its[1].Deliveries != 1 {
		t.Errorf("back at the Gateway: got %+v", its[1])
	}
}

// TestDocumentOverHTTP: responses are held against the published document, too.
func TestDocumentOverHTTP(t *testing.T) {
	documented(t)
	d := New(t, Setup{})
	register(t, d)
	d.HTTP(serving(t, d, func(w http.ResponseWriter, _ map[string]any) {
		_, _ = io.WriteString(w, `{"type":4,"data":{"content":"a","tts":"yes",`+quietly+`}}`)
	}))
	d.Person("Ben").In("#team").Command("/rapport")
	if got := d.Violations(); len(got) != 1 || !strings.Contains(got[0].Problem, "at [data tts]") {
		t.Errorf("got %v", got)
	}
}
