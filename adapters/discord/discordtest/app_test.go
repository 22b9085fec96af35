package discordtest

import (
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// long is for what should happen.
const long = 10 * time.Second

// call is one request of an app, with its token.
func call(t *testing.T, d *Discord, method, path, body string) (int, map[string]any, http.Header) {
	t.Helper()
	status, raw, header := request(t, d, method, path, body, "application/json", "Bot "+d.Token())
	var out map[string]any
	_ = json.Unmarshal([]byte(raw), &out)
	return status, out, header
}

func request(t *testing.T, d *Discord, method, path, body, kind, auth string) (int, string, http.Header) {
	t.Helper()
	// Not the test's context: an answer may be under way when the test ends.
	r, err := http.NewRequestWithContext(context.Background(), method, d.APIURL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", kind)
	}
	r.Header.Set("User-Agent", "DiscordBot (https://example.org, 1.0)")
	if auth != "" {
		r.Header.Set("Authorization", auth)
	}
	return do(t, r)
}

func do(t *testing.T, r *http.Request) (int, string, http.Header) {
	t.Helper()
	c := http.Client{Timeout: long, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Do(r)
	if err != nil {
		return 0, err.Error(), nil
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return resp.StatusCode, err.Error(), resp.Header
	}
	return resp.StatusCode, string(raw), resp.Header
}

// An app is the least that an app has to be, on one websocket.
type app struct {
	t       *testing.T
	d       *Discord
	ws      *websocket.Conn
	frames  chan map[string]any
	session string
	resume  string
	write   sync.Mutex
	done    sync.WaitGroup
	answers func(i map[string]any) // each interaction, one after the other
}

// dial connects to an address and reads all that comes.
func dial(t *testing.T, d *Discord, url string, answers func(map[string]any)) *app {
	t.Helper()
	ws, resp, err := websocket.DefaultDialer.DialContext(t.Context(), url+"?v=10&encoding=json", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	a := &app{t: t, d: d, ws: ws, frames: make(chan map[string]any, 1000), answers: answers}
	a.done.Go(a.read)
	t.Cleanup(func() { ws.Close(); a.done.Wait() })
	return a
}

func (a *app) read() {
	defer close(a.frames)
	for {
		_, raw, err := a.ws.ReadMessage()
		if err != nil {
			if ce, ok := err.(*websocket.CloseError); ok {
				a.frames <- map[string]any{"op": -1.0, "code": float64(ce.Code)}
			}
			return
		}
		var f map[string]any
		if json.Unmarshal(raw, &f) != nil {
			continue
		}
		if f["t"] == "INTERACTION_CREATE" && a.answers != nil {
			a.answers(obj(f, "d"))
			continue
		}
		a.frames <- f
	}
}

func (a *app) send(op int, d any) {
	a.t.Helper()
	a.write.Lock()
	defer a.write.Unlock()
	if err := a.ws.WriteJSON(map[string]any{"op": op, "d": d}); err != nil {
		a.t.Log("send:", err)
	}
}

// expect waits for a frame: an opcode, or an event's name.
func (a *app) expect(op int, event string) map[string]any {
	a.t.Helper()
	deadline := time.After(long)
	for {
		select {
		case f, ok := <-a.frames:
			if !ok {
				a.t.Fatalf("the connection ended, want op %d %s", op, event)
			}
			if num(f, "op") == op && (event == "" || f["t"] == event) {
				return f
			}
			if num(f, "op") == -1 {
				a.t.Fatalf("closed with %v, want op %d %s", f["code"], op, event)
			}
		case <-deadline:
			a.t.Fatalf("no op %d %s", op, event)
		}
	}
}

// closes waits for the end and returns the close code.
func (a *app) closes() int {
	a.t.Helper()
	deadline := time.After(long)
	for {
		select {
		case f, ok := <-a.frames:
			if !ok {
				return websocket.CloseAbnormalClosure
			}
			if num(f, "op") == -1 {
				return num(f, "code")
			}
		case <-deadline:
			a.t.Fatal("the connection stays open")
		}
	}
}

// eventually tells whether done says yes in time.
func eventually(done func() bool) bool {
	for end := time.Now().Add(long); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if done() {
			return true
		}
	}
	return false
}

// identity is what IDENTIFY holds.
func identity(d *Discord) map[string]any {
	return map[string]any{"token": d.Token(), "intents": 1, "properties": map[string]any{"os": "linux", "browser": "test", "device": "test"}}
}

// start connects and starts a session.
func start(t *testing.T, d *Discord, answers func(map[string]any)) *app {
	t.Helper()
	a := dial(t, d, d.GatewayURL(), answers)
	a.expect(opHello, "")
	a.send(opIdentify, identity(d))
	a.ready()
	return a
}

func (a *app) ready() {
	a.t.Helper()
	ready := obj(a.expect(opDispatch, "READY"), "d")
	a.session, a.resume = str(ready, "session_id"), str(ready, "resume_gateway_url")
}

// register registers the two commands of our app.
func register(t *testing.T, d *Discord) {
	t.Helper()
	status, body, _ := request(t, d, "PUT", "/applications/"+d.AppID()+"/commands", twoCommands, "application/json", "Bot "+d.Token())
	if status != http.StatusOK {
		t.Fatalf("registering: %d %s", status, body)
	}
}

const twoCommands = `[
	{"name":"rapport","description":"One small thing","description_localizations":{"de":"Eine Kleinigkeit"},"contexts":[0,1,2],"integration_types":[0,1],
	 "options":[{"type":3,"name":"what","description":"a step, or what is on your mind","autocomplete":true,"max_length":300}]},
	{"name":"rapport-admin","description":"Set up","contexts":[0],"integration_types":[0],"default_member_permissions":"32"}]`

// answerTo is the first answer to an interaction.
func answerTo(t *testing.T, d *Discord, i map[string]any, kind int, data string) (int, map[string]any) {
	t.Helper()
	body := sprint(`{"type":%d,"data":%s}`, kind, data)
	status, out, _ := call(t, d, "POST", "/interactions/"+str(i, "id")+"/"+str(i, "token")+"/callback", body)
	return status, out
}

func TestThinPath(t *testing.T) {
	d := New(t, Setup{})
	register(t, d)
	start(t, d, func(i map[string]any) {
		if status, out := answerTo(t, d, i, 4, `{"content":"Hello.","flags":64,"allowed_mentions":{"parse":[]},"components":[
			{"type":1,"components":[{"type":2,"style":1,"label":"Go","custom_id":"go"}]}]}`); status != http.StatusNoContent {
			t.Errorf("got %d %v", status, out)
		}
	})
	anna := d.Person("Anna").In("#team")
	if a := anna.Command("/rapport", "journal"); a.Error != "" {
		t.Fatal(a.Error)
	}
	anna.Press(anna.WaitMessage("Hello."), "Go")
	if status, out, _ := call(t, d, "POST", "/channels/"+anna.Place()+"/messages",
		`{"content":"Monday","nonce":"1","enforce_nonce":true,"allowed_mentions":{"parse":[]}}`); status != http.StatusOK {
		t.Errorf("got %d %v", status, out)
	}
	if got := d.Posted("#team"); len(got) != 1 || got[0].Content != "Monday" {
		t.Errorf("got %v posted", got)
	}
	if ben := d.Person("Ben").In("#team"); len(ben.Messages()) != 1 {
		t.Errorf("Ben sees %v, want only what was posted", ben.Messages())
	}
	d.Demand()
}

// onePixel is the smallest picture.
const onePixel = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\nIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-\xb4\x00\x00\x00\x00IEND\xaeB`\x82"

// formOf is a form of payload_json and one file.
func formOf(t *testing.T, payload, name, content string) (body, kind string) {
	t.Helper()
	var b strings.Builder
	w := multipart.NewWriter(&b)
	if err := w.WriteField("payload_json", payload); err != nil {
		t.Fatal(err)
	}
	f, err := w.CreateFormFile("files[0]", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, content); err != nil {
		t.Fatal(err)
	}
	w.Close()
	return b.String(), w.FormDataContentType()
}

// answerFiles answers with a message and a file.
func answerFiles(t *testing.T, d *Discord, i map[string]any, data, name, content string) {
	t.Helper()
	body, kind := formOf(t, sprint(`{"type":4,"data":%s}`, data), name, content)
	status, out, _ := request(t, d, "POST", "/interactions/"+str(i, "id")+"/"+str(i, "token")+"/callback", body, kind, "")
	if status != http.StatusNoContent {
		t.Errorf("got %d %s", status, out)
	}
}
