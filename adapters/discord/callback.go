package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/bwmarrin/discordgo"

	"rapport/adapters/discord/components"
	"rapport/adapters/discord/rest"
	"rapport/adapters/surface"
	"rapport/coach"
)

// Types of a first answer
// (https://discord.com/developers/docs/interactions/receiving-and-responding).
const (
	pong          = 1
	newMessage    = 4
	thinking      = 5
	changeLater   = 6
	changeMessage = 7
	offerChoices  = 8
	openForm      = 9
)

// A callback is a first answer.
type callback struct {
	Type  int         `json:"type"`
	Data  any         `json:"data,omitempty"`
	files []rest.File // named in Data

	text json.RawMessage // all of it, where that is written already; Data is left out then
}

// json is c as it is sent.
func (c callback) json() (json.RawMessage, error) {
	if c.text != nil {
		return c.text, nil
	}
	text, err := json.Marshal(c)
	return text, surface.Bare(err)
}

// A body is a message of an answer.
type body struct {
	Components  components.List        `json:"components"`
	Flags       discordgo.MessageFlags `json:"flags"`
	Mentions    mentions               `json:"allowed_mentions"`
	Attachments []attachment           `json:"attachments"` // empty where a changed message is to lose its own
	files       []rest.File
}

// mentions are those that ping; left out, all would.
type mentions struct {
	Parse []string `json:"parse"`
}

// An attachment names one of the files that come with a body.
type attachment struct {
	ID          string `json:"id"` // its index
	Filename    string `json:"filename"`
	Description string `json:"description,omitempty"` // for those who do not see it
}

// drawn is reply as Discord shows it. It is not yet said who sees it.
func drawn(reply coach.Reply) body {
	b := body{
		Components: components.Message(*reply.Message), Flags: components.Flags,
		Mentions: mentions{Parse: []string{}}, Attachments: []attachment{},
	}
	if p := reply.Message.Picture; p != nil {
		b.attach(rest.File{Name: components.FileName(p.Name), Type: "image/png", Data: p.PNG}, p.Alt)
	}
	if f := reply.File; f != nil {
		name := components.FileName(f.Name)
		b.attach(rest.File{Name: name, Type: f.Type, Data: f.Data}, f.Alt)
		b.Components = append(b.Components, &discordgo.FileComponent{File: discordgo.UnfurledMediaItem{URL: "attachment://" + name}})
	}
	return b
}

func (b *body) attach(f rest.File, alt string) {
	b.Attachments = append(b.Attachments, attachment{ID: strconv.Itoa(len(b.files)), Filename: f.Name, Description: alt})
	b.files = append(b.files, f)
}

// deferred is the first answer that says that another follows, for the asker
// alone.
func deferred() callback {
	return callback{Type: thinking, Data: struct {
		Flags int `json:"flags"`
	}{ephemeral}}
}

// ahead is the first answer that says that c follows, in the place that c takes.
func (c callback) ahead() callback {
	if c.Type == changeMessage {
		return callback{Type: changeLater}
	}
	return deferred()
}

// Codes of Discord
// (https://discord.com/developers/docs/topics/opcodes-and-status-codes#json).
const (
	unknownMessage     = 10008
	unknownWebhook     = 10015
	unknownInteraction = 10062 // asked too long ago, or never
	alreadyAnswered    = 40060
)

// calling returns a giver that answers in with a call of ours.
//
// What may have got lost on the way is sent once more while Discord waits: an
// interaction is answered once only, so that this cannot double the answer.
func (d *desk) calling(in *interaction) giver {
	until := time.Now().Add(ackTime - max(0, d.now().Sub(made(in.ID))))
	return func(ctx context.Context, c callback) bool {
		half, done := context.WithTimeout(ctx, time.Until(until)/2)
		err := d.postOnce(half, in, c)
		done()
		if err == nil {
			return true
		}
		ctx, cancel := context.WithDeadline(ctx, until)
		defer cancel()
		switch e, _ := errors.AsType[*rest.Error](err); {
		case lost(e) && d.wait(ctx, e):
			if err = d.postOnce(ctx, in, c); err == nil || codeOf(err) == alreadyAnswered {
				return true
			}
		case badBody(e) && in.Kind != typing:
			d.Notify(Notice{What: "answer refused", Err: err})
			b := drawn(homeward(refusedLine))
			b.Flags |= ephemeral
			if err = d.postOnce(ctx, in, callback{Type: newMessage, Data: b}); err == nil {
				return false
			}
		}
		d.missed(err)
		e, _ := errors.AsType[*rest.Error](err)
		return lost(e) && e.Left
	}
}

// missed tells that an answer did not get through.
func (d *desk) missed(err error) {
	what := "answer lost"
	switch codeOf(err) {
	case unknownInteraction:
		what = "answer too late"
	case alreadyAnswered:
		what = "answered elsewhere"
	}
	d.Notify(Notice{What: what, Err: err})
}

// postOnce makes the call that answers in.
func (d *desk) postOnce(ctx context.Context, in *interaction, c callback) error {
	text, err := c.json()
	if err != nil {
		return err
	}
	return d.api.Do(ctx, rest.Call{
		Method: http.MethodPost, Path: "/interactions/" + in.ID + "/" + url.PathEscape(in.Token) + "/callback",
		Body: text, Files: c.files, Open: true, Free: true,
	}, nil)
}

// codeOf is Discord's code in err, 0 if there is none.
func codeOf(err error) int {
	if e, ok := errors.AsType[*rest.Error](err); ok {
		return e.Code
	}
	return 0
}

// lost reports whether the call that ended with e is worth another try, if it
// may be made twice.
func lost(e *rest.Error) bool {
	return e != nil && (e.Status == 0 || e.Status >= http.StatusInternalServerError || e.Status == http.StatusTooManyRequests)
}

// badBody reports whether Discord found fault with what was sent.
func badBody(e *rest.Error) bool {
	return e != nil && e.Status == http.StatusBadRequest && e.Code != alreadyAnswered
}

// wait waits for as long as e asks for. It reports false if ctx ends before.
func (d *desk) wait(ctx context.Context, e *rest.Error) bool {
	if end, ok := ctx.Deadline(); ok && time.Until(end) < e.After {
		return false
	}
	return sleep(ctx, e.After)
}

// edit puts b where "thinking" stands.
func (f *follow) edit(ctx context.Context, b body) {
	again := func(e *rest.Error) bool { // what is changed twice is the same
		return lost(e) || e.Code == unknownWebhook || e.Code == unknownMessage // our first answer is still on its way
	}
	err := f.insist(ctx, again, rest.Call{Method: http.MethodPatch, Path: f.webhook() + "/messages/@original", Body: b, Files: b.files, Open: true, Free: true})
	if e, _ := errors.AsType[*rest.Error](err); badBody(e) {
		f.Notify(Notice{What: "answer refused", Err: err})
		b = drawn(homeward(refusedLine))
		err = f.insist(ctx, again, rest.Call{Method: http.MethodPatch, Path: f.webhook() + "/messages/@original", Body: b, Open: true, Free: true})
	}
	if err != nil {
		f.missed(err)
	}
}

// add posts b below, for everyone in the channel.
func (f *follow) add(ctx context.Context, b body) {
	again := func(e *rest.Error) bool { // only what was not taken for certain
		return e.Status == http.StatusTooManyRequests || e.Status == 0 && !e.Left
	}
	if err := f.insist(ctx, again, rest.Call{Method: http.MethodPost, Path: f.webhook(), Body: b, Files: b.files, Open: true, Free: true}); err != nil {
		f.missed(err)
	}
}

// webhook is the path of all answers but the first.
func (f *follow) webhook() string {
	return "/webhooks/" + cmp.Or(f.App, f.app) + "/" + url.PathEscape(f.Token)
}

const insistTries = 8

// insist makes a call, and makes it again while again says that this may help
// and does no harm.
func (f *follow) insist(ctx context.Context, again func(*rest.Error) bool, call rest.Call) error {
	pause := f.backoff
	for try := 1; ; try++ {
		err := f.api.Do(ctx, call, nil)
		e, ok := errors.AsType[*rest.Error](err)
		if !ok || try == insistTries || !again(e) {
			return err
		}
		if !sleep(ctx, max(e.After, pause+rand.N(pause))) {
			return err
		}
		pause *= 2
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
