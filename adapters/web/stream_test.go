package web

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"rapport/coach"
)

// A listener is a page that listens.
type listener struct {
	*browser
	lines *bufio.Scanner
	id    string // of the last event
	close func() error
}

// listen opens a stream that begins after the event numbered after.
func (b *browser) listen(place, after string) *listener {
	b.Helper()
	code, l := b.tryListen(place, after)
	if code != http.StatusOK {
		b.Fatalf("stream: %d", code)
	}
	return l
}

func (b *browser) tryListen(place, after string) (int, *listener) {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, b.base+"/as/"+b.user+"/events?place="+url.QueryEscape(place), nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if after != "" {
		r.Header.Set("Last-Event-ID", after)
	}
	answer, err := b.http.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { answer.Body.Close() })
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 4<<20)
	l := &listener{browser: b, lines: lines, close: answer.Body.Close}
	if answer.StatusCode == http.StatusOK {
		lines.Scan() // "retry": from here on the page is known to the hub
	}
	return answer.StatusCode, l
}

// next returns the next event, which must be of that kind.
func (l *listener) next(kind string) event {
	l.Helper()
	for l.lines.Scan() {
		if id, ok := strings.CutPrefix(l.lines.Text(), "id: "); ok {
			l.id = id
		}
		body, ok := strings.CutPrefix(l.lines.Text(), "data: ")
		if !ok {
			continue
		}
		var e event
		if err := json.Unmarshal([]byte(body), &e); err != nil {
			l.Fatal(err)
		}
		if e.Kind != kind {
			l.Fatalf("got a %s event, want %s: %s", e.Kind, kind, body)
		}
		return e
	}
	l.Fatalf("stream ended, want a %s event: %v", kind, l.lines.Err())
	return event{}
}

func TestChannelMessagesReachEveryPageAndDirectOnesOnlyTheirs(t *testing.T) {
	s := open(t, &script{})
	ada, bob := s.visit("ada").listen("direct", ""), s.visit("bob").listen("channel/general", "")
	s.send(direct("ada"), "1", text("for Ada"))
	s.send(general(), "2", text("for all"))
	if got := ada.next("item"); !strings.Contains(got.HTML, "for Ada") || got.Place != "direct" {
		t.Errorf("Ada got %+v", got)
	}
	if got := ada.next("item"); !strings.Contains(got.HTML, "for all") || got.Place != "channel/general" {
		t.Errorf("Ada got %+v", got)
	}
	if got := bob.next("item"); !strings.Contains(got.HTML, "for all") {
		t.Errorf("Bob got %+v, want only what is for all", got)
	}
}

func TestPrivateAnswersReachOnlyTheirBrowser(t *testing.T) {
	c := &script{}
	c.says("home", text("only for who asked"))
	s := open(t, c)
	asker, other := s.visit("ada"), s.visit("ada").listen("direct", "")
	tab := asker.listen("channel/general", "")
	asker.do("press", gesture{Action: "1home"})
	s.send(direct("ada"), "k", text("for Ada anywhere"))
	if got := tab.next("item"); !strings.Contains(got.HTML, "only for who asked") {
		t.Errorf("another tab of the browser got %s", got.HTML)
	}
	if got := other.next("item"); !strings.Contains(got.HTML, "for Ada anywhere") {
		t.Errorf("another browser got %s", got.HTML)
	}
}

func TestStreamResumes(t *testing.T) {
	s := open(t, &script{})
	ada := s.visit("ada")
	first := ada.listen("direct", "")
	s.send(direct("ada"), "1", text("one"))
	first.next("item")
	if err := first.close(); err != nil {
		t.Fatal(err)
	}
	s.send(direct("ada"), "2", text("two"))
	s.send(direct("bob"), "3", text("not hers"))
	again := ada.listen("direct", first.id)
	if got := again.next("item"); !strings.Contains(got.HTML, "two") {
		t.Errorf("got %+v, want what was missed", got)
	}
	for i := range ringEvents + 1 {
		s.send(direct("bob"), "many"+strconv.Itoa(i), text("x"))
	}
	ada.listen("direct", first.id).next("again")
	ada.listen("direct", "otherrun.1").next("again")
}

func TestSendIsIdempotentByKey(t *testing.T) {
	s := open(t, &script{})
	ada := s.visit("ada").listen("channel/general", "")
	first := s.send(general(), "nudge/1/2026-11-23", text("once"))
	if again := s.send(general(), "nudge/1/2026-11-23", text("once")); again != first || first == "" {
		t.Errorf("got refs %q and %q, want the same", first, again)
	}
	s.send(general(), "end", text("end"))
	ada.next("item")
	if got := ada.next("item"); !strings.Contains(got.HTML, "end") {
		t.Errorf("the second Send was shown: %s", got.HTML)
	}
	if strings.Contains(first, "2026") {
		t.Errorf("ref %q shows the key", first)
	}
}

func TestSendSaysWhatBecomesOfAMessage(t *testing.T) {
	s := open(t, &script{})
	bad := text("x")
	bad.Buttons = []coach.Button{{Label: "no action"}}
	tests := map[string]struct {
		to   coach.Address
		m    coach.Message
		want coach.Fate
	}{
		"other platform": {coach.ChannelOf(coach.Team{Platform: "slack", ID: "Demo"}, "general"), text("x"), coach.Never},
		"other team":     {coach.ChannelOf(TeamOf("Other"), "general"), text("x"), coach.Closed},
		"no channel":     {coach.ChannelOf(TeamOf("Demo"), "secret"), text("x"), coach.Closed},
		"other realm":    {coach.DirectTo(PersonOf("Other", "ada")), text("x"), coach.Closed},
		"home":           {coach.Address{Kind: coach.Home, Platform: platform, Person: PersonOf("Demo", "ada")}, text("x"), coach.Never},
		"bad message":    {general(), bad, coach.Never},
	}
	for name, tt := range tests {
		_, err := s.Send(t.Context(), tt.to, name, tt.m)
		if got, _ := coach.FateOf(err); err == nil || got != tt.want {
			t.Errorf("%s: got %v, want fate %v", name, err, tt.want)
		}
	}
	s.book.fault = errBroken
	_, err := s.Send(t.Context(), general(), "k", text("x"))
	if got, _ := coach.FateOf(err); got != coach.Later {
		t.Errorf("broken history: got %v, want fate %v", err, coach.Later)
	}
	s.book.fault = nil
	if s.book.all() != "" {
		t.Errorf("something was kept: %s", s.book.all())
	}
	if code, _ := s.visit("ada").get("/as/ada/channel/general"); code != http.StatusOK {
		t.Errorf("page after that: %d", code)
	}
}

func TestStreamsAreBoundedAndSlowOnesCut(t *testing.T) {
	s := open(t, &script{})
	ada := s.visit("ada")
	for range maxStreams {
		ada.listen("direct", "")
	}
	if code, _ := ada.tryListen("direct", ""); code != http.StatusServiceUnavailable {
		t.Errorf("one page too many: got %d, want 503", code)
	}

	h := newHub()
	slow := h.join(audience{"s", "ada"}, "direct", "")
	cut := 0
	for range cap(slow.out) + 1 {
		cut += h.publish(audience{}, event{Kind: "item"})
	}
	if cut != 1 || len(h.streams) != 0 {
		t.Fatalf("cut %d pages, %d left; want the one that does not read cut", cut, len(h.streams))
	}
	n := 0
	for range slow.out {
		n++
	}
	if n != cap(slow.out) {
		t.Errorf("it had %d events waiting, want %d", n, cap(slow.out))
	}
}

func TestUnreadMarks(t *testing.T) {
	s := open(t, &script{})
	bob := s.visit("bob")
	s.send(general(), "1", text("news"))
	if html := bob.pane("direct"); !strings.Contains(html, `<span class="unread">1</span>`) {
		t.Error("the channel is not marked unread")
	}
	bob.pane("channel/general")
	if html := bob.pane("direct"); strings.Contains(html, `<span class="unread">1</span>`) {
		t.Error("the channel is marked unread after it was read")
	}
}

func TestRunEndsPagesThatListen(t *testing.T) {
	s := open(t, &script{})
	l := s.visit("ada").listen("direct", "")
	if err := s.stop(); err != nil {
		t.Errorf("Run: got %v, want nil", err)
	}
	for l.lines.Scan() {
	}
	if err := l.lines.Err(); err != nil {
		t.Errorf("the stream broke off: %v", err)
	}
	if _, err := http.Get(s.base); err == nil {
		t.Error("the page is still served")
	}
}
