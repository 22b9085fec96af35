package discordtest

import (
	"crypto/rand"
	"time"
)

// A Person is somebody who uses the app in Discord's client.
//
// Each gesture returns when the app has given its first answer or Discord has
// given up; what comes later is awaited with the Wait methods, which look at what
// appeared or changed since the person's latest gesture, and end the test with
// the whole transcript when it does not come.
type Person struct {
	d     *Discord
	id    string
	place string // id of the channel or conversation they look at
	mark  int    // length of the timeline at their latest gesture
	since uint64 // the newest snowflake when the client was started
	typing
}

// An Answer is how the app first answered one gesture.
type Answer struct {
	ID      string // of the interaction
	Kind    int    // Discord's: 4 message, 5 deferred, 6 deferred update, 7 update, 8 choices, 9 form; 0 = none
	Latency time.Duration
	Status  int    // over HTTP, of the app's response; 0 where none came
	Body    []byte // over HTTP
	Error   string // what the person is told; "" = nothing
}

// A Choice is one that autocomplete offers.
type Choice struct{ Name, Value string }

// What people are told by Discord itself.
const (
	noAnswer   = "The application did not respond"
	noUse      = "This interaction failed"
	noSubmit   = "Something went wrong. Try again."
	noCommand  = "no such command here"
	noOptions  = "Loading options failed"
	stillEmpty = "This field is required"
)

// patience is how long the Wait methods wait.
const patience = 10 * time.Second

// A transport brings an interaction to the app.
type transport interface{ deliver(it *Interaction) }

// Person is the user of that name or id, looking at their conversation with the
// app at first.
func (d *Discord) Person(name string) *Person {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	u := d.user(name)
	if u == nil {
		d.t.Fatalf("discordtest: no user %q", name)
	}
	p := d.people[u.ID]
	if p == nil {
		p = &Person{d: d, id: u.ID, place: d.conversation(u.ID)}
		d.people[u.ID] = p
	}
	return p
}

// ID is the user id.
func (p *Person) ID() string { return p.id }

// Place is the id of the channel or conversation that p looks at.
func (p *Person) Place() string {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	return p.place
}

// In makes p look at a channel: "#name" of a server that they are in, or
// "Server/#name", or an id.
func (p *Person) In(channel string) *Person {
	p.d.t.Helper()
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	g, c := p.d.channel(channel)
	if c == nil || !sees(g, c, p.d.user(p.id)) {
		p.d.t.Fatalf("discordtest: %s sees no channel %q", p.d.called(p.id), channel)
	}
	p.place = c.ID
	return p
}

// InDM makes p look at their conversation with the app.
func (p *Person) InDM() *Person {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	p.place = p.d.conversation(p.id)
	return p
}

// Reload starts p's client anew: what only they saw is gone, and open forms are.
func (p *Person) Reload() {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	p.since = p.d.last
	delete(p.d.open, p.id)
}

// start notes what p does. d.mu is held.
func (p *Person) start(format string, args ...any) {
	p.mark, p.typing = len(p.d.timeline), typing{}
	p.d.tell(entry{kind: did, user: p.id, place: p.place, words: sprint(format, args...)})
}

// told notes the error that p sees. d.mu is held.
func (p *Person) told(what, why string) {
	p.d.tell(entry{kind: failed, user: p.id, place: p.place, words: what + ": " + why})
	p.d.touch()
}

// send brings an interaction to the app and waits for its first answer.
func (p *Person) send(it *Interaction, what, failure string) Answer {
	d := p.d
	d.mu.Lock()
	tr := d.transport
	if d.forge != nil {
		d.forge(it.Payload)
	}
	d.mu.Unlock()
	tr.deliver(it)
	d.await(it)
	d.mu.Lock()
	defer d.mu.Unlock()
	a := Answer{ID: it.ID, Kind: it.Answer, Latency: it.Latency, Status: it.status, Body: it.body}
	if it.Answer == 0 {
		a.Error, a.Latency = failure, d.age(it.made)
		p.told(what, failure)
	}
	return a
}

// await waits for the first answer, as long as Discord does.
func (d *Discord) await(it *Interaction) {
	timer := time.NewTimer(d.set.AckTime)
	defer timer.Stop()
	for {
		d.mu.Lock()
		moved, gone := d.moved, it.refused || d.age(it.made) > d.set.AckTime
		d.mu.Unlock()
		if gone {
			return
		}
		select {
		case <-it.done:
			return
		case <-timer.C:
			return
		case <-d.ctx.Done():
			return
		case <-moved: // not at every change, as hundreds may wait
		}
	}
}

// Repeat brings an interaction to the app once more, as the Gateway may do it.
// It does not wait for anything.
func (d *Discord) Repeat(a Answer) {
	d.t.Helper()
	d.mu.Lock()
	it, tr := d.interactions[a.ID], d.transport
	d.mu.Unlock()
	if it == nil {
		d.t.Fatalf("discordtest: no interaction %q", a.ID)
	}
	tr.deliver(it)
}

func randomBytes(n int) []byte {
	out := make([]byte, n)
	_, _ = rand.Read(out)
	return out
}
