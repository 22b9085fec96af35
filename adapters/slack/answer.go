package slack

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapport/adapters/slack/blockkit"
	"rapport/coach"
)

// maxAck is how long the body of an acknowledgement may be on a socket, in
// bytes: Slack drops from 20 KiB on, envelope included.
const maxAck = 20<<10 - 512

// settleWait is what Slack gets to show "One moment." before the answer takes
// its place: the two travel by different ways.
const settleWait = 100 * time.Millisecond

// errCoach stands for an error of the coach, whose text may quote anything.
var errCoach = errors.New("the coach had no answer")

// answer asks the coach about g. What rides in the acknowledgement is made anew
// when Slack tells of g again; what takes a call of ours is done once.
func (d *desk) answer(ctx context.Context, g gesture) ack {
	rides := g.way == byCommand || g.way == bySubmission
	if !rides && !d.seen.First(g.id) {
		return ack{}
	}
	e, ok := d.begin(ctx)
	if !ok {
		return d.at(g, busy)
	}
	f := &follow{errand: e, gesture: g, modal: make(chan string, 1)}
	if g.request.Action.Verb == deleteVerb {
		f.modal <- ""
		go e.run(func() { f.show(d.deleteFile(e.life(), f.request.Arg(0))) })
		return e.ack(nil, "")
	}
	reply, done, err := coach.Await(d.work, d.asking(&f.gesture), g.request, d.ackWait, func(reply coach.Reply, err error) {
		e.run(func() { f.late(reply, err) })
	})
	if !done {
		return f.moment()
	}
	if err != nil && g.way == bySubmission {
		defer e.end()
		d.Notify(Notice{What: "answer failed", Err: errCoach})
		return d.at(g, sorry)
	}
	reply = d.orSorry(reply, err)
	if body, ok := d.body(g, reply); ok {
		return f.rest(body, reply)
	}
	if g.way == bySubmission || g.way == byCommand && d.fileIn(reply) != nil {
		out := f.moment() // an empty acknowledgement would close the modal
		go e.run(func() { f.show(reply) })
		return out
	}
	f.modal <- ""
	go e.run(func() { f.show(reply) })
	return e.ack(nil, "")
}

// What people read when they get no answer.
const (
	busy  = "Very many people are asking just now, and nothing was changed. Please try that again in a minute."
	sorry = "Something went wrong on my side, and nothing was changed. Please try that again in a moment."
)

// at is the acknowledgement that says line where one can. A form stays open,
// with what was typed.
func (d *desk) at(g gesture, line string) ack {
	switch g.way {
	case bySubmission:
		return ack{Body: besideFirst(*g.view, line)}
	case byCommand:
		return ack{Body: encode(response(coach.Message{
			Sections: []coach.Section{{Text: coach.P(line)}},
			Buttons:  []coach.Button{{Label: "Home", Action: coach.Do("home")}},
		}, false)), Spare: g.url}
	}
	return ack{}
}

// orSorry tells of err and answers it kindly.
func (d *desk) orSorry(reply coach.Reply, err error) coach.Reply {
	if err == nil && (reply.Message != nil || reply.Form != nil) {
		return reply
	}
	d.Notify(Notice{What: "answer failed", Err: errCoach})
	return coach.Sorry()
}

// body is the acknowledgement that shows reply; not ok if it has to come by
// itself.
func (d *desk) body(g gesture, reply coach.Reply) (body json.RawMessage, ok bool) {
	if d.fileIn(reply) != nil {
		return nil, false
	}
	switch {
	case g.way == bySubmission:
		body = encode(submissionAnswer(g, reply))
	case g.way == byCommand && reply.Message != nil && reply.Public:
		body = ridden(*reply.Message, slackgo.ResponseTypeInChannel)
	case g.way == byCommand && reply.Message != nil:
		body = d.page(reply.Message)
	}
	return body, body != nil && (d.AppToken == "" || len(body) < maxAck)
}

// encode returns v as JSON; nil if that cannot be, which no answer of the coach
// brings about.
func encode(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return b
}

// response is m as Slack takes it by a response_url and as the answer to a
// command.
func response(m coach.Message, public bool) *slackgo.WebhookMessage {
	w := &slackgo.WebhookMessage{
		Text: blockkit.Notice(m), Blocks: &slackgo.Blocks{BlockSet: blockkit.Message(m)},
		ResponseType: slackgo.ResponseTypeEphemeral,
	}
	if public {
		w.ResponseType = slackgo.ResponseTypeInChannel
	}
	return w
}

// A follow brings the person what did not ride in the acknowledgement.
type follow struct {
	*errand
	gesture
	waiting bool        // "One moment." stands where the answer goes
	modal   chan string // brings the id of the modal that says so; "" for none
}

// moment acknowledges g while the answer is made. Where an answer opens a
// modal, one is opened now: a trigger does not live for long.
func (f *follow) moment() ack {
	m := *coach.OneMoment().Message
	_, page := f.pageAsked()
	switch {
	case f.way == byShortcut, f.way == byHome && !page:
		go f.guarded(func() {
			f.afterAck()
			id, err := f.openView(f.life(), f.trigger, blockkit.Modal(m, f.origin))
			if err != nil {
				id = ""
			}
			f.modal <- id
		})
		return f.ack(nil, "")
	case f.way == byCommand, f.way == bySubmission:
		f.waiting = true
	}
	f.modal <- ""
	body, _ := f.body(f.gesture, coach.Say(m))
	return f.ack(body, f.url)
}

// late shows an answer that came after "One moment". A form that has no answer
// comes back, with what was typed.
func (f *follow) late(reply coach.Reply, err error) {
	if err == nil || f.way != bySubmission {
		f.show(f.orSorry(reply, err))
		return
	}
	f.Notify(Notice{What: "answer failed", Err: errCoach})
	if f.seen.First(f.id) {
		sleep(f.life(), settleWait)
		_ = f.update(restored(*f.view, f.request.Answers, sorry), f.view.ID) // told of already
	}
}

// rest acknowledges g with its whole answer. Only the App Home may have to be
// made anew.
func (f *follow) rest(body json.RawMessage, reply coach.Reply) ack {
	page, ok := pageIn(f.origin)
	if f.way != bySubmission || !ok || len(reply.Faults) > 0 {
		f.end()
		return ack{Body: body, Spare: f.url}
	}
	go f.run(func() {
		if f.seen.First(f.id) {
			f.publishAnew(page, nil)
		}
	})
	return f.ack(body, "")
}

// show shows reply by the way that fits the gesture.
func (f *follow) show(reply coach.Reply) {
	if rides := f.way == byCommand || f.way == bySubmission; rides && !f.seen.First(f.id) {
		return // told again while the first was under way
	}
	modal := <-f.modal
	if f.waiting {
		sleep(f.life(), settleWait)
	}
	if _, page := f.pageAsked(); !page {
		reply = f.sendFile(reply)
	}
	switch f.way {
	case byCommand, byMessage:
		f.showMessage(reply)
	case byHome:
		f.showHome(reply, modal)
	case byModal, bySubmission:
		f.showModal(reply, f.view.ID)
	case byShortcut:
		f.showModal(reply, modal)
	}
}

// showMessage answers by response_url, or opens a form.
func (f *follow) showMessage(reply coach.Reply) {
	if reply.Form != nil {
		_, err := f.openView(f.life(), f.trigger, blockkit.Form(*reply.Form, f.origin))
		if err == nil && !f.waiting {
			return
		}
		line := "The form is open. If you closed it, it is still here:"
		if err != nil {
			line = "The form did not open. Please try once more:"
		}
		reply = coach.Say(f.again(line))
	}
	w := response(*reply.Message, reply.Public)
	// What answered a command cannot be replaced: what follows stands below it.
	w.ReplaceOriginal = !reply.Public && reply.Replace && f.ephemeral
	f.post(w)
}

// post answers by response_url.
func (f *follow) post(w *slackgo.WebhookMessage) {
	if err := f.respond(f.life(), f.url, encode(w), f.backoff); err != nil {
		f.Notify(Notice{What: "answer lost", Err: err})
	}
}

// again is a line with a button that does what was asked once more.
func (f *follow) again(line string) coach.Message {
	b := coach.Button{Label: "Open it", Action: f.request.Action, Primary: true}
	if encoded(b.Action) == "" {
		b = coach.Button{Label: "Home", Action: coach.Do("home")}
	}
	return coach.Message{Sections: []coach.Section{{Text: coach.P(line)}}, Buttons: []coach.Button{b}}
}
