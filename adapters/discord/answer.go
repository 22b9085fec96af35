package discord

import (
	"context"
	"errors"
	"time"

	"rapport/adapters/discord/components"
	"rapport/coach"
)

// errCoach stands for an error of the coach, whose text may quote anything.
var errCoach = errors.New("the coach had no answer")

// answer asks the coach about in and brings the answer, first by give; plain
// says that give takes no files. end is called when all of that is done, which
// may be after answer returns.
func (d *desk) answer(in *interaction, give giver, plain bool, end func()) {
	f := &follow{desk: d, interaction: in, until: time.Now().Add(errandWait), give: give, plain: plain, given: make(chan bool, 1), end: end}
	if in.Kind == typing {
		d.guarded(f.complete)
		return
	}
	late := false
	d.guarded(func() { late = f.ask() })
	if !late {
		f.end()
	}
}

// A follow is all that becomes of one interaction.
type follow struct {
	*desk
	*interaction
	until time.Time // by then all has to be done
	give  giver
	plain bool      // give takes no files
	given chan bool // tells once whether the place of a late answer is there
	end   func()
	asked coach.Request // what the coach was asked
}

// ask asks the coach. late reports that the answer is still to come, and that
// whoever brings it calls end.
//
// What takes longer gets a place of its own, which only the asker sees and
// which says that the coach is thinking. A press could also be told to change
// the pressed message later: but only the answer says whether it takes that
// message's place, and a message of others must never be the one that changes.
func (f *follow) ask() (late bool) {
	r, err := f.reading()
	if err != nil {
		f.Notify(Notice{What: "unreadable", Err: err})
		r = f.request()
		r.Action = coach.DecodeAction("")
	}
	f.asked = r
	reply, done, err := coach.Await(f.work, patient{f.coach}, r, f.ackWait, func(reply coach.Reply, err error) {
		defer f.end()
		f.guarded(func() {
			if <-f.given {
				f.bring(f.orSorry(reply, err))
			}
		})
	})
	if !done {
		f.putOff()
		return true
	}
	f.show(f.orSorry(reply, err))
	return false
}

// putOff makes a place for a late answer, and tells whoever brings it.
func (f *follow) putOff() {
	taken := false
	defer func() { f.given <- taken }()
	taken = f.give(f.work, deferred())
}

// patient is a Handler that ends an answer which takes too long.
type patient struct{ coach.Handler }

func (p patient) Handle(ctx context.Context, r coach.Request) (coach.Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	return p.Handler.Handle(ctx, r)
}

// orSorry tells of err and answers it kindly.
func (f *follow) orSorry(reply coach.Reply, err error) coach.Reply {
	if err == nil && (reply.Message != nil || reply.Form != nil && f.Kind != submitted) {
		return reply
	}
	f.Notify(Notice{What: "answer failed", Err: errCoach})
	return f.withWords(coach.Sorry())
}

// show gives reply as the first answer.
func (f *follow) show(reply coach.Reply) {
	c := f.callback(reply)
	if f.plain && len(c.files) > 0 {
		if f.give(f.work, c.ahead()) {
			f.bring(reply)
		}
		return
	}
	f.give(f.work, c)
}

// bring puts reply where "thinking" stands.
func (f *follow) bring(reply coach.Reply) {
	ctx, cancel := context.WithDeadline(f.work, f.until)
	defer cancel()
	if reply.Form != nil { // Discord opens forms as first answers only
		reply = coach.Say(f.again("It is ready:"))
	}
	if !f.public(reply) {
		f.edit(ctx, drawn(reply))
		return
	}
	// The place is the asker's own and stays so.
	f.edit(ctx, drawn(coach.Say(f.again("Everyone here sees the answer."))))
	f.add(ctx, drawn(reply))
}

// again is a line with a button that does what was asked once more.
func (f *follow) again(line string) coach.Message {
	b := coach.Button{Label: "Open it", Action: f.asked.Action, Primary: true}
	if _, err := b.Action.Encode(); err != nil {
		b = coach.Button{Label: "Home", Action: coach.Do("home")}
	}
	return coach.Message{Sections: []coach.Section{{Text: coach.P(line)}}, Buttons: []coach.Button{b}}
}

// public reports whether everyone in the channel may see reply.
func (f *follow) public(reply coach.Reply) bool {
	return reply.Public && f.asked.At.Kind == coach.InChannel
}

// callback is the first answer that shows reply.
func (f *follow) callback(reply coach.Reply) callback {
	if reply.Form != nil {
		return callback{Type: openForm, Data: components.Form(*reply.Form)}
	}
	l := look{message: reply.Message, kind: newMessage, flags: components.Flags}
	switch {
	case f.public(reply):
	case reply.Replace && f.own():
		l.kind = changeMessage
	default:
		l.flags |= ephemeral
	}
	if reply.File == nil && reply.Message.Picture == nil {
		if text := f.kept.Text(l, l.text); text != nil {
			return callback{Type: l.kind, text: text}
		}
	}
	b := drawn(reply)
	b.Flags = l.flags
	return callback{Type: l.kind, Data: b, files: b.files}
}

// What people read when they get no answer.
const (
	busyLine    = "Very many people are asking just now, and nothing was changed. Please try that again in a minute."
	refusedLine = "Discord would not show my answer. What you did may have counted: Home shows how things are."
)

// noRoom is the first answer where there is no room for in.
func (d *desk) noRoom(in *interaction) callback {
	if in.Kind == typing {
		return choices(nil)
	}
	b := drawn(in.withWords(homeward(busyLine)))
	b.Flags |= ephemeral
	return callback{Type: newMessage, Data: b, files: b.files}
}

// homeward is a line with the way home.
func homeward(line string) coach.Reply {
	return coach.Say(coach.Message{
		Sections: []coach.Section{{Text: coach.P(line)}},
		Buttons:  []coach.Button{{Label: "Home", Action: coach.Do("home")}},
	})
}
