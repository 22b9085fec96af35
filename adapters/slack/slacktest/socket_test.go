package slacktest

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// client is slack-go against s.
func client(t *testing.T, s *Slack) *slackgo.Client {
	t.Helper()
	hc := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	return slackgo.New(s.BotToken(), slackgo.OptionHTTPClient(hc), slackgo.OptionAPIURL(s.APIURL()),
		slackgo.OptionAppLevelToken(s.AppToken()), slackgo.OptionLog(log.New(io.Discard, "", 0)))
}

// run answers everything that arrives by sockets with answer until the test
// ends.
func run(t *testing.T, s *Slack, answer func(c *slackgo.Client, e socketmode.Event) any) *slackgo.Client {
	t.Helper()
	api := client(t, s)
	sock := socketmode.New(api, socketmode.OptionLog(log.New(io.Discard, "", 0)))
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() { _ = sock.RunContext(ctx) })
	all.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-sock.Events:
				if e.Type == socketmode.EventTypeErrorBadMessage {
					if bad, ok := e.Data.(*socketmode.ErrorBadMessage); ok {
						var env socketmode.Request
						if json.Unmarshal(bad.Message, &env) == nil {
							_ = sock.AckCtx(ctx, env.EnvelopeID, nil)
						}
					}
				}
				if e.Request == nil || e.Request.EnvelopeID == "" {
					continue
				}
				_ = sock.AckCtx(ctx, e.Request.EnvelopeID, answer(api, e))
			}
		}
	})
	t.Cleanup(func() { cancel(); s.Close(); all.Wait() })
	if !s.WaitConns(1, 5*time.Second) {
		t.Fatal("not connected")
	}
	return api
}

func section(text string) slackgo.Block {
	return slackgo.NewSectionBlock(slackgo.NewTextBlockObject(slackgo.MarkdownType, text, false, false), nil, nil)
}

func button(id, label string) *slackgo.ButtonBlockElement {
	return slackgo.NewButtonBlockElement(id, "v-"+id, slackgo.NewTextBlockObject(slackgo.PlainTextType, label, false, false))
}

func form() slackgo.ModalViewRequest {
	plain := func(t string) *slackgo.TextBlockObject {
		return slackgo.NewTextBlockObject(slackgo.PlainTextType, t, false, false)
	}
	note := slackgo.NewPlainTextInputBlockElement(plain("A line"), "note")
	note.MaxLength = 20
	pick := slackgo.NewOptionsSelectBlockElement(slackgo.OptTypeStatic, plain("Choose"), "day",
		slackgo.NewOptionBlockObject("mon", plain("Monday"), nil), slackgo.NewOptionBlockObject("tue", plain("Tuesday"), nil))
	where := slackgo.NewOptionsSelectBlockElement(slackgo.OptTypeChannels, plain("Channel"), "where")
	optional := slackgo.NewInputBlock("where", plain("Where"), nil, where)
	optional.Optional = true
	return slackgo.ModalViewRequest{
		Type: slackgo.VTModal, Title: plain("A note"), Submit: plain("Save"), Close: plain("Cancel"), CallbackID: "form", PrivateMetadata: "origin",
		Blocks: slackgo.Blocks{BlockSet: []slackgo.Block{
			slackgo.NewInputBlock("note", plain("Note"), plain("Twenty characters"), note),
			slackgo.NewInputBlock("day", plain("Day"), nil, pick), optional,
		}},
	}
}

// app is a small app with all kinds of answers.
func app(api *slackgo.Client, e socketmode.Event) any {
	ctx := context.Background()
	switch e.Type {
	case socketmode.EventTypeSlashCommand:
		cmd := e.Data.(slackgo.SlashCommand)
		return map[string]any{"text": "Hello", "blocks": []slackgo.Block{
			section("Hello <@" + cmd.UserID + ">, you said _" + cmd.Text + "_ in *" + cmd.ChannelName + "*"),
			slackgo.NewActionBlock("row", button("more", "More"), button("form", "Form")),
		}}
	case socketmode.EventTypeInteractive:
		in := e.Data.(slackgo.InteractionCallback)
		switch in.Type {
		case slackgo.InteractionTypeBlockActions:
			if in.ActionCallback.BlockActions[0].ActionID == "form" {
				_, _ = api.OpenViewContext(ctx, in.TriggerID, form())
				return nil
			}
			_ = slackgo.PostWebhookContext(ctx, in.ResponseURL, &slackgo.WebhookMessage{Text: "More of it", ReplaceOriginal: in.Container.IsEphemeral})
		case slackgo.InteractionTypeViewSubmission:
			if in.View.State.Values["note"]["note"].Value == "bad" {
				return slackgo.NewErrorsViewSubmissionResponse(map[string]string{"note": "Not that"})
			}
			if in.View.State.Values["day"]["day"].SelectedOption.Value == "tue" {
				v := form()
				v.Title.Text, v.Submit, v.Blocks.BlockSet = "Done", nil, []slackgo.Block{section("Saved")}
				return slackgo.NewUpdateViewSubmissionResponse(&v)
			}
			_, _, _ = api.PostMessageContext(ctx, in.User.ID, slackgo.MsgOptionText("Kept", false))
		case slackgo.InteractionTypeShortcut:
			_, _ = api.OpenViewContext(ctx, in.TriggerID, form())
		}
	case socketmode.EventTypeEventsAPI:
		_, _ = api.PublishViewContext(ctx, slackgo.PublishViewContextRequest{UserID: "U0ANNA", View: slackgo.HomeTabViewRequest{
			Type: slackgo.VTHomeTab, Blocks: slackgo.Blocks{BlockSet: []slackgo.Block{section("Your home")}},
		}})
	}
	return nil
}

func TestPeople(t *testing.T) {
	s := New(t, Setup{})
	run(t, s, app)
	anna := s.Person("Anna").In("#team")
	if a := anna.Command("/rapport streak <b>"); a.Shown == nil || !a.Shown.Ephemeral() {
		t.Fatalf("got %+v, want an answer for Anna alone", a)
	}
	if got := s.Person("Ben").In("#team").Messages(); len(got) != 0 {
		t.Errorf("Ben sees %v", got)
	}
	anna.Press(nil, "More")
	if got := anna.WaitMessage("More of it"); got.Edits != 1 || len(anna.Messages()) != 1 {
		t.Errorf("got %d edits and %d messages, want the first one replaced", got.Edits, len(anna.Messages()))
	}
	anna.Command("/rapport again")
	anna.Press(anna.Last(), "Form")
	v := anna.WaitModal("A note")
	if a := anna.Submit(v, map[string]string{"Note": "a note that is far too long"}); !strings.Contains(a.Error, "allowed 0 to 20") {
		t.Errorf("got %q, want Slack to refuse the length", a.Error)
	}
	if a := anna.Submit(v, map[string]string{"Note": "bad"}); !strings.Contains(a.Error, "required") {
		t.Errorf("got %q, want Slack to ask for the day", a.Error)
	}
	anna.Submit(v, map[string]string{"Note": "bad", "Day": "Monday"})
	if got := anna.WaitModal("Not that"); got.Errors["note"] == "" {
		t.Errorf("got errors %v", got.Errors)
	}
	anna.Submit(v, map[string]string{"Note": "good", "Day": "Tuesday", "Where": "#team"})
	anna.WaitModal("Saved")
	anna.CloseModal()
	anna.Shortcut("write")
	anna.Submit(anna.WaitModal("Note"), map[string]string{"Note": "good", "Day": "Monday"})
	anna.WaitDirect("Kept")
	if _, open := anna.Modal(); open {
		t.Error("the modal is still open")
	}
	anna.OpenHome()
	anna.WaitHome("Your home")
	s.Demand()
	const want = `< Rapport, in #team (only Anna sees this):
    Hello @Anna, you said _streak <b>_ in *team*
    [More] [Form]
`
	if got := s.Transcript(); !strings.Contains(got, want) {
		t.Errorf("got transcript\n%s\nwant in it\n%s", got, want)
	}
	if got := s.Transcript(); strings.Contains(got, "U0ANNA") {
		t.Errorf("the transcript has generated names:\n%s", got)
	}
	if testing.Verbose() {
		t.Log(s.Transcript())
	}
}

func TestEnvelopes(t *testing.T) {
	s := New(t, Setup{AckTime: 300 * time.Millisecond})
	answer := func(_ *slackgo.Client, e socketmode.Event) any {
		if cmd, ok := e.Data.(slackgo.SlashCommand); ok && cmd.Text == "large" {
			return map[string]any{"text": strings.Repeat("x", maxAck)}
		}
		return nil
	}
	run(t, s, answer)
	anna := s.Person("Anna")
	if a := anna.Command("/rapport large"); a.Error != "operation_timeout" {
		t.Errorf("got %q, want operation_timeout", a.Error)
	}
	if got := anna.Errors(); len(got) != 1 {
		t.Errorf("Anna sees %q, want one error", got)
	}
	a := anna.Command("/rapport small")
	if a.Error != "" {
		t.Fatalf("got %q", a.Error)
	}
	if again := s.Repeat(a, nil); again.Error != "" || again.Envelope != a.Envelope {
		t.Errorf("got %+v, want the envelope acknowledged again", again)
	}
	ids := s.Conns()[0].Unparsable()
	s.Conns()[0].Garbage([]byte("no JSON"))
	s.Conns()[0].Garbage([]byte(`{"type":"something_new"}`))
	if !s.Wait(2*time.Second, func() bool { return s.Acked(ids...) }) {
		t.Errorf("unparsable envelopes were not all acknowledged: %+v", s.Envelopes())
	}
	s.Conns()[0].Freeze()
	if a := anna.Command("/rapport frozen"); a.Error != "operation_timeout" {
		t.Errorf("got %q over a frozen connection, want operation_timeout", a.Error)
	}
	if len(s.Conns()) != 1 {
		t.Error("a frozen connection must stay open")
	}
	s.Conns()[0].Drop()
	if a := anna.Command("/rapport none"); a.Error != "dispatch_failed" && a.Error != "" {
		t.Errorf("got %q", a.Error)
	}
}

func TestRefresh(t *testing.T) {
	s := New(t, Setup{})
	run(t, s, app)
	s.Refresh(0)
	if !s.Wait(3*time.Second, func() bool { return len(s.Conns()) == 1 && s.Connected() == 2 }) {
		t.Errorf("got %d open of %d, want 1 of 2", len(s.Conns()), s.Connected())
	}
}

func TestEventsComeAgain(t *testing.T) {
	s := New(t, Setup{AckTime: 100 * time.Millisecond, Retries: []time.Duration{0, 0}})
	run(t, s, app)
	s.Conns()[0].Freeze()
	a := s.Event(map[string]any{"type": "app_home_opened", "user": "U0ANNA", "tab": "home"})
	if a.Tries != 3 || a.Error == "" {
		t.Errorf("got %d tries and error %q, want 3 and one", a.Tries, a.Error)
	}
	var lost int
	for _, e := range s.Envelopes() {
		if e.Lost {
			lost++
		}
	}
	if lost != 3 {
		t.Errorf("got %d lost, want 3", lost)
	}
}

func dial(t *testing.T, url string) (*websocket.Conn, map[string]any, error) {
	t.Helper()
	ws, resp, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		return nil, nil, err
	}
	resp.Body.Close()
	t.Cleanup(func() { ws.Close() })
	var hello map[string]any
	if err := ws.ReadJSON(&hello); err != nil {
		t.Fatal(err)
	}
	return ws, hello, nil
}

// TestLargeAcknowledgement goes past slack-go, which refuses to send one.
func TestLargeAcknowledgement(t *testing.T) {
	for _, test := range []struct {
		size    int
		dropped int
	}{{maxAck - 1, 0}, {maxAck, 1}} {
		s := New(t, Setup{AckTime: 500 * time.Millisecond})
		_, url, err := client(t, s).StartSocketModeContext(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ws, _, err := dial(t, url)
		if err != nil {
			t.Fatal(err)
		}
		answers := make(chan Answer, 1)
		go func() { answers <- s.Event(map[string]any{"type": "app_uninstalled"}) }()
		var in struct {
			EnvelopeID string `json:"envelope_id"`
		}
		if err := ws.ReadJSON(&in); err != nil {
			t.Fatal(err)
		}
		frame := []byte(`{"envelope_id":"` + in.EnvelopeID + `","filler":""}`)
		frame = []byte(strings.Replace(string(frame), `""}`, `"`+strings.Repeat("x", test.size-len(frame))+`"}`, 1))
		if err := ws.WriteMessage(websocket.TextMessage, frame); err != nil {
			t.Fatal(err)
		}
		if !s.Wait(time.Second, func() bool { return s.Acked(in.EnvelopeID) || s.Dropped() > 0 }) {
			t.Error("nothing became of the acknowledgement")
		}
		if got := s.Dropped(); got != test.dropped {
			t.Errorf("%d bytes: got %d dropped, want %d", test.size, got, test.dropped)
		}
		s.Close()
		<-answers
	}
}

func TestTickets(t *testing.T) {
	s := New(t, Setup{})
	api := client(t, s)
	var last *websocket.Conn
	for i := range maxConns + 1 {
		_, url, err := api.StartSocketModeContext(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ws, hello, err := dial(t, url)
		if err != nil {
			t.Fatal(err)
		}
		if got := hello["num_connections"]; got != float64(i+1) {
			t.Errorf("got num_connections %v, want %d", got, i+1)
		}
		if _, _, err := dial(t, url); err == nil {
			t.Error("a ticket was taken twice")
		}
		last = ws
	}
	var bye map[string]any
	if err := last.ReadJSON(&bye); err != nil || bye["reason"] != "too_many_websockets" {
		t.Errorf("got %v, %v, want too_many_websockets", bye, err)
	}
	s.Fail("apps.connections.open", Fault{Error: "missing_scope", Needed: "connections:write", Provided: "x"})
	if _, _, err := api.StartSocketModeContext(t.Context()); err == nil || err.Error() != "missing_scope" {
		t.Errorf("got %v, want missing_scope", err)
	}
}

// links opens n connections that acknowledge everything, and tells by which
// the envelopes came.
func links(t *testing.T, s *Slack, n int) <-chan int {
	t.Helper()
	came := make(chan int, 100)
	var all sync.WaitGroup
	for i := range n {
		_, url, err := client(t, s).StartSocketModeContext(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ws, _, err := dial(t, url)
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			for {
				var in struct {
					EnvelopeID string `json:"envelope_id"`
				}
				if ws.ReadJSON(&in) != nil {
					return
				}
				if in.EnvelopeID != "" {
					came <- i + 1
					_ = ws.WriteJSON(in)
				}
			}
		})
	}
	t.Cleanup(func() { s.Close(); all.Wait() })
	return came
}

func TestSeveralConnections(t *testing.T) {
	s := New(t, Setup{AckTime: 200 * time.Millisecond})
	came := links(t, s, 3)
	anna := s.Person("Anna")
	for _, want := range []int{1, 2, 3, 1} {
		if a := anna.Command("/rapport"); a.Error != "" {
			t.Fatal(a.Error)
		}
		if got := <-came; got != want {
			t.Errorf("got connection %d, want %d", got, want)
		}
	}
	s.Use(s.Conns()[2].Over())
	a := anna.Command("/rapport")
	if got := <-came; got != 3 {
		t.Errorf("got connection %d, want the chosen 3", got)
	}
	again := s.Repeat(a, s.Conns()[0])
	if got := <-came; got != 1 || again.Error != "" || again.Envelope != a.Envelope {
		t.Errorf("got connection %d and %+v, want the envelope again over 1", got, again)
	}
	s.Use(s.Socket())
	s.Conns()[1].Freeze()
	var lost int
	for range 3 {
		if anna.Command("/rapport").Error != "" {
			lost++
		}
	}
	if lost != 1 || len(s.Conns()) != 3 {
		t.Errorf("got %d lost over %d connections, want 1 over 3", lost, len(s.Conns()))
	}
	if got := s.Envelopes(); got[0].Latency <= 0 || !got[0].Acked || got[0].Lost {
		t.Errorf("got %+v", got[0])
	}
	s.Disconnect("link_disabled")
	if !s.WaitConns(0, time.Second) {
		t.Error("connections are still open")
	}
	if a := anna.Command("/rapport"); a.Error != "dispatch_failed" {
		t.Errorf("got %q without a connection, want dispatch_failed", a.Error)
	}
}

func TestPings(t *testing.T) {
	s := New(t, Setup{Ping: 5 * time.Millisecond})
	_, url, err := client(t, s).StartSocketModeContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ws, _, err := dial(t, url)
	if err != nil {
		t.Fatal(err)
	}
	pings := make(chan struct{}, 1000)
	ws.SetPingHandler(func(string) error { pings <- struct{}{}; return nil })
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _, _ = ws.ReadMessage()
	}()
	for range 3 {
		select {
		case <-pings:
		case <-time.After(3 * time.Second):
			t.Fatal("no ping")
		}
	}
	s.Conns()[0].Drop()
	<-read
}

func TestFrozenUntilHungUp(t *testing.T) {
	s := New(t, Setup{})
	_, url, err := client(t, s).StartSocketModeContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ws, _, err := dial(t, url)
	if err != nil {
		t.Fatal(err)
	}
	s.Conns()[0].Freeze()
	s.Conns()[0].Garbage([]byte("unsent"))
	if err := ws.WriteMessage(websocket.TextMessage, []byte("unread")); err != nil {
		t.Fatal(err)
	}
	_ = ws.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if _, got, err := ws.ReadMessage(); err == nil {
		t.Errorf("a frozen connection wrote %s", got)
	}
	if got := s.Stray(); got != 0 || len(s.Conns()) != 1 {
		t.Errorf("got %d frames read over %d connections, want none over 1", got, len(s.Conns()))
	}
}

func TestFrozenEnds(t *testing.T) {
	s := New(t, Setup{})
	_, url, err := client(t, s).StartSocketModeContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ws, _, err := dial(t, url)
	if err != nil {
		t.Fatal(err)
	}
	s.Conns()[0].Freeze()
	ws.Close()
	if !s.WaitConns(0, 2*time.Second) {
		t.Error("the connection that the app left is still open")
	}
}

// TestClosing acknowledges a command after Slack has said that it closes, and
// after it has hung up: only the first counts. Nothing more comes either way.
func TestClosing(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(*Conn)
		want string
	}{
		"refresh":     {func(c *Conn) { c.Refresh(0) }, ""},
		"with a word": {func(c *Conn) { c.Disconnect("link_disabled") }, ""},
		"without":     {func(c *Conn) { c.Warn(); c.HangUp() }, "operation_timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(t, Setup{AckTime: 500 * time.Millisecond})
			_, url, err := client(t, s).StartSocketModeContext(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			ws, _, err := dial(t, url)
			if err != nil {
				t.Fatal(err)
			}
			answered, ended := make(chan Answer, 1), make(chan struct{})
			go func() { answered <- s.Person("Anna").Command("/rapport") }()
			var in map[string]any
			if err := ws.ReadJSON(&in); err != nil {
				t.Fatal(err)
			}
			c := s.Conns()[0]
			go func() { defer close(ended); test.end(c) }()
			for parts := false; !parts; time.Sleep(time.Millisecond) {
				c.mu(func() { parts = c.parts })
			}
			if a := s.Person("Ben").Command("/rapport"); a.Error != "dispatch_failed" {
				t.Errorf("got %q, want nothing more to come", a.Error)
			}
			if err := ws.WriteJSON(map[string]any{"envelope_id": in["envelope_id"]}); err != nil {
				t.Fatal(err)
			}
			if got := <-answered; got.Error != test.want {
				t.Errorf("acknowledged late: got %q, want %q", got.Error, test.want)
			}
			for err == nil {
				_, _, err = ws.ReadMessage()
			}
			ws.Close()
			<-ended
		})
	}
}
