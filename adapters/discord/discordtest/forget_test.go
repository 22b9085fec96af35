package discordtest

import (
	"strings"
	"testing"
	"time"
)

func TestForget(t *testing.T) {
	d := New(t, Setup{})
	e := echoing(t, d)
	e.say(answerMessage, private)
	anna := d.Person("Anna").In("#team")
	anna.Command("/rapport", "one")
	if !d.Wait(long, func() bool { return len(d.Calls()) == 2 }) { // commands registered, an answer
		t.Fatalf("%d calls, want 2", len(d.Calls()))
	}
	d.Forget(time.Minute)
	if len(d.Calls()) != 2 || len(d.Messages("")) != 1 || len(d.Interactions()) != 1 || !strings.Contains(d.Transcript(), "/rapport one") {
		t.Errorf("what is new is forgotten: %d calls, %d messages\n%s", len(d.Calls()), len(d.Messages("")), d.Transcript())
	}

	e.say(answerModal, form)
	anna.Command("/rapport", "two")
	opened := anna.WaitModal("")
	d.Forget(-time.Second)
	d.mu.Lock()
	kept := len(d.calls) + len(d.messages) + len(d.byID) + len(d.alike) + len(d.interactions) + len(d.byToken) + len(d.arrivals) + len(d.timeline)
	for _, s := range d.sessions {
		kept += len(s.events)
	}
	d.mu.Unlock()
	if kept != 0 {
		t.Errorf("it remembers %d things", kept)
	}
	if v, ok := anna.Modal(); !ok || v.ID != opened.ID {
		t.Error("the open form is gone")
	}
	e.say(answerMessage, private)
	anna.Submit(opened, map[string]string{"What happened?": "We talked.", "Channel": "team"})
	if got := anna.Errors(); len(got) != 0 || len(d.Messages("#team")) != 1 {
		t.Errorf("afterwards: %q, %d messages", got, len(d.Messages("#team")))
	}
	d.Demand()
}

// What is forgotten cannot be resumed: an app that missed it begins anew.
func TestForgetEvents(t *testing.T) {
	d := New(t, Setup{AckTime: 50 * time.Millisecond})
	register(t, d)
	a := start(t, d, nil)
	a.expect(opDispatch, "GUILD_CREATE")
	a.ws.Close()
	left(t, d)
	d.ChangeChannel("#team", func(c *Channel) { c.Name = "crew" })
	d.Forget(-time.Second)
	d.ChangeChannel("#crew", func(c *Channel) { c.Name = "team" })
	b := a.back(a.resume, 3)
	if f := b.expect(opDispatch, "CHANNEL_UPDATE"); num(f, "s") != 4 {
		t.Errorf("got %v, want the one that is not forgotten", f)
	}
	b.expect(opDispatch, "RESUMED")
	b.ws.Close()
	left(t, d)
	c := a.back(a.resume, 2)
	if f := c.expect(opInvalid, ""); f["d"] != false {
		t.Errorf("got %v, want an invalid session", f)
	}
	d.Demand()
}
