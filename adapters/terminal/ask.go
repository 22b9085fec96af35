package terminal

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"rapport/coach"
)

// answerWait is how long the coach may take over one answer.
const answerWait = 30 * time.Second

// request is an action of whoever speaks, done at that address. Its ID is new
// for all time, since a database may outlive the program.
func (t *talk) request(at coach.Address, action coach.Action) coach.Request {
	return coach.Request{
		ID: rand.Text(), From: PersonOf(t.Team, t.who.User), Team: TeamOf(t.Team), At: at,
		Action: action, Zone: t.Zone, Admin: t.who.Admin,
	}
}

// ask hands r to the coach and shows what comes back. Origin is the message
// that was pressed, nil for none.
func (t *talk) ask(ctx context.Context, r coach.Request, origin *shown) error {
	reply, err := t.answer(ctx, r)
	for err == nil && reply.Form != nil {
		if reply.Message != nil {
			if err = t.tell(r, reply, origin); err != nil {
				return err
			}
		}
		reply, err = t.fill(ctx, r, *reply.Form)
	}
	switch {
	case errors.Is(err, errLeft):
		return nil
	case err != nil:
		return err
	}
	return t.tell(r, reply, origin)
}

// answer returns the coach's reply, or its apology. Only the end of ctx is an
// error. In a pipe nobody waits, so nothing is said meanwhile and the same
// input always gives the same output.
func (t *talk) answer(ctx context.Context, r coach.Request) (coach.Reply, error) {
	limited, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	reply, err := t.await(limited, r)
	if ctx.Err() != nil {
		return coach.Reply{}, ctx.Err()
	}
	if err != nil || reply.Message == nil && reply.Form == nil && len(reply.Faults) == 0 {
		return coach.Sorry(), nil
	}
	return reply, nil
}

// await waits for the reply, and says so on a terminal.
func (t *talk) await(ctx context.Context, r coach.Request) (coach.Reply, error) {
	if !t.Edit {
		return t.coach.Handle(ctx, r)
	}
	type result struct {
		coach.Reply
		err error
	}
	late := make(chan result, 1)
	reply, done, err := coach.Await(ctx, t.coach, r, coach.AckWait, func(reply coach.Reply, err error) {
		late <- result{reply, err}
	})
	if done {
		return reply, err
	}
	if err := t.note("%s", reply.Message.Fallback()); err != nil {
		return coach.Reply{}, errors.Join(err, (<-late).err)
	}
	got := <-late
	return got.Reply, got.err
}

// tell shows a reply with a message.
func (t *talk) tell(r coach.Request, reply coach.Reply, origin *shown) error {
	if reply.Message == nil {
		reply = coach.Sorry()
	}
	var extra []string
	if f := reply.File; f != nil {
		extra = append(extra, f.Alt, t.save(f.Name, f.Data))
	}
	m := shown{at: r.At, head: "Rapport (only you)"}
	public := reply.Public && r.At.Kind == coach.InChannel && t.channel(r.At.Channel) != nil
	if public {
		m = t.post(*t.channel(r.At.Channel))
	}
	m.Message = *reply.Message
	if err := t.show(m, append(t.picture(m.Message), extra...)); err != nil {
		return err
	}
	user := t.who.User
	switch {
	case public:
		t.board.put(t.board.posts, r.At.Channel, m)
	case reply.Replace && origin != nil && origin == t.board.find(user, ""):
		m.prefix = origin.prefix
		t.board.put(t.board.directs, user, m)
	default:
		t.board.put(t.board.answers, user, m)
	}
	return nil
}
