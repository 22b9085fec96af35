package terminal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"rapport/coach"
)

// Send shows m, under the heading of its place and the time. A key that was
// sent before changes nothing and returns the same ref. Every error wraps a
// [coach.SendError].
func (a *Adapter) Send(ctx context.Context, to coach.Address, key string, m coach.Message) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", &coach.SendError{Fate: coach.Later, Err: err}
	}
	msg, place, err := a.target(to)
	if err != nil {
		return "", err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if ref, ok := a.sent[key]; ok {
		return ref, nil
	}
	msg.Message = m
	if err := a.show(msg, a.picture(m)); err != nil {
		return "", &coach.SendError{Fate: coach.InDoubt, Err: fmt.Errorf("write: %w", err)}
	}
	if to.Kind == coach.InChannel {
		a.board.put(a.board.posts, place, msg)
	} else {
		a.board.put(a.board.directs, place, msg)
	}
	a.sent[key] = refOf(key)
	return a.sent[key], nil
}

// target returns how a message to that address is shown, and the board's name
// of its place.
func (a *Adapter) target(to coach.Address) (msg shown, place string, err error) {
	never := func(fate coach.Fate, why string) (shown, string, error) {
		return shown{}, "", &coach.SendError{Fate: fate, Err: errors.New(why)}
	}
	switch {
	case to.Platform != platform:
		return never(coach.Never, "address of another platform")
	case to.Kind == coach.InChannel && to.Team != TeamOf(a.Team):
		return never(coach.Closed, "no such team")
	case to.Kind == coach.InChannel && a.channel(to.Channel) == nil:
		return never(coach.Closed, "no such channel")
	case to.Kind == coach.InChannel:
		return a.post(*a.channel(to.Channel)), to.Channel, nil
	case to.Kind == coach.Direct && to.Person.Realm == a.Team && to.Person.User != "":
		name := oneLine(a.crowd.name(to.Person.User))
		return shown{at: to, head: "@ " + name + "  " + a.now().Format(dayTime), prefix: "dm "}, to.Person.User, nil
	case to.Kind == coach.Direct:
		return never(coach.Closed, "no such person")
	}
	return never(coach.Never, "no such kind of place")
}

// post returns how a message in c is shown.
func (a *Adapter) post(c Channel) shown {
	name := oneLine(c.Name)
	return shown{
		at: coach.ChannelOf(TeamOf(a.Team), c.ID), shared: true,
		head:   "# " + name + "  " + a.now().Format(dayTime),
		prefix: "#" + name + " ",
	}
}

// picture saves the picture of m, if it has one, and says where.
func (a *Adapter) picture(m coach.Message) []string {
	if m.Picture == nil {
		return nil
	}
	return []string{a.save(m.Picture.Name, m.Picture.PNG)}
}

// refOf returns the terminal's name for the message with that key.
func refOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	return "t" + hex.EncodeToString(sum[:12])
}
