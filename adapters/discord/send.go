package discord

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"rapport/adapters/discord/rest"
	"rapport/adapters/surface"
	"rapport/coach"
)

// Send posts m in a channel or in somebody's direct messages. ref is the channel
// and the message in it, by ids. Discord shows what is sent again under the same
// key once, for a few minutes. Every error wraps a [coach.SendError] and holds
// no words, no token and no id of anybody.
func (a *Adapter) Send(ctx context.Context, to coach.Address, key string, m coach.Message) (ref string, err error) {
	if err := a.stopped(); err != nil {
		return "", &coach.SendError{Fate: coach.Later, Why: err.Error(), Err: err}
	}
	if err := serves(to); err != nil {
		return "", &coach.SendError{Fate: coach.Never, Err: err}
	}
	if err := ctx.Err(); err != nil {
		return "", &coach.SendError{Fate: coach.Later, Err: surface.Bare(err)}
	}
	p := post{body: drawn(coach.Reply{Message: &m}), Nonce: nonce(key), Once: true}
	if to.Kind == coach.InChannel {
		return a.post(ctx, to.Channel, p, place{picture: m.Picture != nil})
	}
	return a.tell(ctx, to.Person, p)
}

// Line is how long a message is to be put off before it is tried: whose direct messages were never opened
// stands in line.
func (a *Adapter) Line(ctx context.Context, to coach.Address) time.Duration {
	if serves(to) != nil || to.Kind != coach.Direct {
		return 0
	}
	if _, known := a.room(ctx, to.Person); known {
		return 0
	}
	now := time.Now()
	if at := a.opener.line(to.Person.User, now, now.Add(openPatience)); !at.IsZero() {
		return at.Sub(now)
	}
	return 0
}

// serves says why to is no place on Discord, nil if it may be one.
func serves(to coach.Address) error {
	switch {
	case to.Platform != platform:
		return errors.New("address of another platform")
	case to.Kind == coach.InChannel && to.Team.Platform == platform && to.Channel != "":
		return nil
	case to.Kind == coach.Direct && to.Person.Platform == platform && to.Person.User != "":
		return nil
	}
	return errors.New("no address of a channel or a person")
}

// A post is a message of its own accord.
type post struct {
	body
	Nonce string `json:"nonce"`
	Once  bool   `json:"enforce_nonce"` // a repetition gets the first message instead
}

// nonce names what is sent under key, in the 25 characters that Discord takes.
func nonce(key string) string {
	sum := sha256.Sum256([]byte(key))
	return base32.StdEncoding.EncodeToString(sum[:])[:24]
}

// tell posts in the direct messages of somebody. A channel that Discord no
// longer knows is opened once more.
func (a *Adapter) tell(ctx context.Context, who coach.Person, p post) (ref string, err error) {
	to := place{direct: true}
	if room, known := a.room(ctx, who); known {
		if ref, err = a.post(ctx, room, p, to); !gone(err) {
			return ref, err
		}
		a.keepRoom(ctx, who, "")
	}
	room, err := a.open(ctx, who)
	if err != nil {
		return "", err
	}
	if ref, err = a.post(ctx, room, p, to); gone(err) {
		a.keepRoom(ctx, who, "")
	}
	return ref, err
}

// gone reports whether Discord does not know the channel.
func gone(err error) bool {
	e, ok := errors.AsType[*rest.Error](err)
	return ok && e.Code == unknownChannel
}

// open returns the channel of somebody's direct messages, once it is its turn.
// Nobody notices that they are opened, so that it may happen twice and is never
// in doubt.
func (a *Adapter) open(ctx context.Context, who coach.Person) (room string, err error) {
	if err := a.opener.turn(ctx, who.User); err != nil {
		return "", fmt.Errorf("open direct messages: %w", err)
	}
	if room, known := a.room(ctx, who); known { // since
		return room, nil
	}
	var made struct {
		ID string `json:"id"`
	}
	err = a.api.Do(ctx, rest.Call{
		Method: http.MethodPost, Path: "/users/@me/channels", Route: "POST /users/@me/channels",
		Body: map[string]string{"recipient_id": who.User},
	}, &made)
	if err != nil {
		return "", fmt.Errorf("open direct messages: %w", a.unopened(err, who.User))
	}
	a.opener.opened()
	if made.ID == "" {
		return "", fmt.Errorf("open direct messages: %w", &coach.SendError{Fate: coach.Later, Err: errUnclear})
	}
	a.keepRoom(ctx, who, made.ID)
	return made.ID, nil
}

// unopened says what becomes of a message whose channel was not opened.
func (a *Adapter) unopened(err error, user string) error {
	e := a.failed(err, place{direct: true})
	if e.Fate == coach.InDoubt {
		e.Fate = coach.Later
	}
	if e.Fate == coach.Later {
		a.opener.giveBack(user, time.Now())
	}
	if r, ok := errors.AsType[*rest.Error](err); ok && (r.Code == openedTooFast || r.Code == quarantined) {
		e.After, e.Alone = a.opener.tooFast(user, r.After), true
		a.Notify(Notice{What: "direct messages opened too fast", Err: r})
	}
	return e
}

// post posts in a channel.
func (a *Adapter) post(ctx context.Context, channel string, p post, to place) (ref string, err error) {
	path := "/channels/" + url.PathEscape(channel) + "/messages"
	var made struct {
		ID string `json:"id"`
	}
	err = a.api.Do(ctx, rest.Call{
		Method: http.MethodPost, Path: path, Route: "POST " + path, Body: p, Files: p.files,
	}, &made)
	if err != nil {
		return "", fmt.Errorf("post: %w", a.failed(err, to))
	}
	if made.ID == "" {
		return "", fmt.Errorf("post: %w", &coach.SendError{Fate: coach.InDoubt, Err: errUnclear})
	}
	return channel + "/" + made.ID, nil
}

// failed says what becomes of a message, and ends everything where nothing more
// can be sent.
func (a *Adapter) failed(err error, to place) *coach.SendError {
	e, m := sendError(err, to)
	if m.ends {
		a.stop(errToken)
	}
	return e
}
