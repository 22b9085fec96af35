package web

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"

	"rapport/coach"
)

// A place is a pane of the page: a channel, or the direct messages of whoever
// looks at it.
type place struct{ channel string } // "" = direct messages

// String returns p as it stands in addresses of the page.
func (p place) String() string {
	if p.channel == "" {
		return "direct"
	}
	return "channel/" + p.channel
}

// key returns the place in History that holds p for person.
func (p place) key(person coach.Person) string {
	if p.channel == "" {
		return "direct/" + person.String()
	}
	return p.String()
}

// place reads the written form of a place.
func (a *Adapter) place(s string) (place, bool) {
	if s == "direct" {
		return place{}, true
	}
	id, ok := strings.CutPrefix(s, "channel/")
	return place{id}, ok && a.channel(id) != nil
}

// channel returns the channel with that id, or nil.
func (a *Adapter) channel(id string) *Channel {
	for i := range a.Channels {
		if a.Channels[i].ID == id {
			return &a.Channels[i]
		}
	}
	return nil
}

// channelName is what people call the channel with that id.
func (a *Adapter) channelName(id string) string {
	if c := a.channel(id); c != nil {
		return c.Name
	}
	return id
}

// Send keeps m and shows it on every page that has the place open. A key that
// was sent before changes nothing and returns the same ref. Every error wraps a
// [coach.SendError]; keeping by key makes all of them safe to try again.
func (a *Adapter) Send(ctx context.Context, to coach.Address, key string, m coach.Message) (string, error) {
	where, who, err := a.target(to)
	if err != nil {
		return "", err
	}
	body, err := encodeRow(m)
	if err != nil {
		return "", &coach.SendError{Fate: coach.Never, Err: fmt.Errorf("message: %w", err)}
	}
	ref, at := refOf(key), a.Clock.Now()
	fresh, err := a.History.Keep(ctx, key, where.key(to.Person), body, at)
	if err != nil {
		a.faults.history.Add(1)
		return "", &coach.SendError{Fate: coach.Later, Err: fmt.Errorf("keep: %w", err)}
	}
	if fresh {
		html := a.drawn.item(ref, func() string { return a.drawKept(paneKey{who, where}, ref, m, at) })
		a.trip.passed(where, who)
		a.tell(audience{user: who}, event{Kind: "item", Place: where.String(), ID: ref, HTML: html})
	}
	return ref, nil
}

// tell brings e to the pages of to, and counts those that did not keep up.
func (a *Adapter) tell(to audience, e event) {
	a.faults.slow.Add(int64(a.hub.publish(to, e)))
}

// target finds the pane that to names, and for direct messages whose it is.
func (a *Adapter) target(to coach.Address) (place, string, error) {
	never := func(fate coach.Fate, why string) (place, string, error) {
		return place{}, "", &coach.SendError{Fate: fate, Err: errors.New(why)}
	}
	switch {
	case to.Platform != platform:
		return never(coach.Never, "address of another platform")
	case to.Kind == coach.InChannel && to.Team != TeamOf(a.Team):
		return never(coach.Closed, "no such team")
	case to.Kind == coach.InChannel && a.channel(to.Channel) == nil:
		return never(coach.Closed, "no such channel")
	case to.Kind == coach.InChannel:
		return place{to.Channel}, "", nil
	case to.Kind == coach.Direct && to.Person.Realm == a.Team && to.Person.User != "":
		// Somebody who added themselves may be unknown after a restart. The
		// message waits for them to come back.
		return place{}, to.Person.User, nil
	case to.Kind == coach.Direct:
		return never(coach.Closed, "no such person")
	}
	return never(coach.Never, "no such kind of place")
}

// refOf returns the page's name for the message with that key. It shows nothing
// of the key, which may name a person.
func refOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	return "k" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:24])
}
