package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
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
	if !rides && !d.seen.first(g.id) {
		return ack{}
	}
	e, ok := d.begin(ctx)
	if !ok {
		return d.at(g, busy)
	}
	f := &follow{errand: e, gesture: g, modal: make(chan string, 1)}
	reply, done, err := coach.Await(e.ctx, d.asking(g), g.request, coach.AckWait, func(reply coach.Reply, err error) {
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
		return ack{Body: besideFirst(g.view, line)}
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
	case g.way == byCommand && reply.Message != nil:
		body = encode(response(*reply.Message, reply.Public))
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
			id, err := f.openView(f.ctx, f.trigger, blockkit.Modal(m, f.origin))
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
	if f.seen.first(f.id) {
		sleep(f.ctx, settleWait)
		_ = f.update(restored(f.view, f.request.Answers, sorry), f.view.ID) // told of already
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
		if f.seen.first(f.id) {
			f.publishAnew(page, nil)
		}
	})
	return f.ack(body, "")
}

// show shows reply by the way that fits the gesture.
func (f *follow) show(reply coach.Reply) {
	if rides := f.way == byCommand || f.way == bySubmission; rides && !f.seen.first(f.id) {
		return // told again while the first was under way
	}
	modal := <-f.modal
	if f.waiting {
		sleep(f.ctx, settleWait)
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
		_, err := f.openView(f.ctx, f.trigger, blockkit.Form(*reply.Form, f.origin))
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
	w.ReplaceOriginal = !reply.Public && (f.waiting || reply.Replace && f.ephemeral)
	f.post(w)
	if reply.Public && f.waiting {
		f.post(&slackgo.WebhookMessage{DeleteOriginal: true})
	}
}

// post answers by response_url.
func (f *follow) post(w *slackgo.WebhookMessage) {
	if err := f.respond(f.ctx, f.url, encode(w), f.backoff); err != nil {
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

const (
	insistTime  = time.Minute // how long a call is tried again
	insistTries = 4
	backoff     = time.Second // before it is, at first
)

// insist is the function of that name, at the desk's pace.
func (d *desk) insist(ctx context.Context, retry func(error) bool, call func(context.Context) error) error {
	return insist(ctx, d.backoff, retry, call)
}

// insist makes a call, and makes it again while retry says that this may help
// and does no harm, after pause at first. The error says nothing private.
func insist(ctx context.Context, pause time.Duration, retry func(error) bool, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, insistTime)
	defer cancel()
	for try := 1; ; try++ {
		err := call(ctx)
		if err == nil {
			return nil
		}
		limited, _ := errors.AsType[*slackgo.RateLimitedError](err)
		if try == insistTries || limited == nil && !retry(err) {
			return bare(err)
		}
		wait := pause + rand.N(pause)
		if limited != nil {
			wait = max(wait, limited.RetryAfter)
		}
		pause *= 2
		if end, ok := ctx.Deadline(); ok && time.Until(end) < wait {
			return bare(err)
		}
		if !sleep(ctx, wait) {
			return bare(err)
		}
	}
}

// always makes insist try whatever went wrong.
func always(error) bool { return true }

// respond posts body to a response_url of Slack. It is posted again only where
// Slack cannot have taken it: nobody answered the call, or Slack said so; after
// pause at first. The error says nothing private.
func (a *Adapter) respond(ctx context.Context, address string, body json.RawMessage, pause time.Duration) error {
	if !a.mayPost(address) {
		return errAddress
	}
	reached := false
	retry := func(err error) bool {
		if s, ok := errors.AsType[slackgo.StatusCodeError](err); ok {
			return s.Code >= http.StatusInternalServerError
		}
		_, refused := errors.AsType[slackgo.SlackErrorResponse](err)
		return !reached && !refused
	}
	return insist(ctx, pause, retry, func(ctx context.Context) error {
		reached = false
		return a.postOnce(ctx, address, body, &reached)
	})
}

var errAddress = errors.New("no address that may be posted to")

// mayPost reports whether address is of the kind that Slack gives.
func (a *Adapter) mayPost(address string) bool {
	to, err := url.Parse(address)
	if err != nil || to.Host == "" {
		return false
	}
	api, err := url.Parse(a.APIURL)
	return to.Scheme == "https" || err == nil && to.Scheme == api.Scheme
}

// postOnce posts body to address. reached becomes true when there is somebody
// to take it.
func (a *Adapter) postOnce(ctx context.Context, address string, body []byte, reached *bool) error {
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { *reached = true }})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return errAddress
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	res, err := a.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	said, err := io.ReadAll(io.LimitReader(res.Body, 4<<10))
	switch {
	case res.StatusCode == http.StatusTooManyRequests:
		after, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		return &slackgo.RateLimitedError{RetryAfter: time.Duration(after) * time.Second}
	case res.StatusCode != http.StatusOK:
		return slackgo.StatusCodeError{Code: res.StatusCode}
	case err != nil:
		return nil // taken, and what it said does not matter
	}
	var answer slackgo.SlackResponse
	if json.Unmarshal(said, &answer) == nil && answer.Error != "" {
		return slackgo.SlackErrorResponse{Err: answer.Error}
	}
	return nil
}
