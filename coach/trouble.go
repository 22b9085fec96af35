package coach

import (
	"context"
	"fmt"
	"slices"
)

// tellTrouble says, on top of the next private reply to somebody who may set
// the team up, why its posts stopped: once, to whoever of them comes first. The
// set-up page goes on showing it. It costs nobody else a query.
func (v *visit) tellTrouble(ctx context.Context, r *Reply) error {
	if r.Message == nil || r.Public || len(r.Faults) > 0 || v.Request.Team == (Team{}) || !v.mayManage() {
		return nil
	}
	why, err := v.Store.Trouble(ctx, v.Request.Team)
	if err != nil {
		return fmt.Errorf("trouble: %w", err)
	}
	if why == "" {
		return nil
	}
	if !v.shown {
		m := v.withTrouble(*r.Message, why)
		if m.Check() != nil {
			return nil // no room: on top of the next
		}
		r.Message = &m
	}
	if err := v.Store.Told(ctx, v.Request.Team); err != nil {
		return fmt.Errorf("trouble: %w", err)
	}
	return nil
}

// withTrouble returns m with a section on top, and the way to set-up where
// there is room for a button. m itself may be a page that others see too: it is
// not written to.
func (v *visit) withTrouble(m Message, why string) Message {
	text := v.say.text("*Attention:* the last post to %s did not get through (%s). Nothing is posted until somebody checks that I am in the channel and may post, and presses Change in `/rapport setup`. You are told because you may do that; nobody else is.",
		v.channelText(v.plan.Channel), clip(shown(why), 120))
	m.Sections = append([]Section{{Text: text}}, m.Sections...)
	setUp := v.button("Set-up", Do("setup"))
	same := func(b Button) bool { return b.Action.Verb == "setup" && len(b.Action.Args) == 0 }
	if len(m.Buttons) < MaxButtons && !slices.ContainsFunc(m.Buttons, same) {
		m.Buttons = append(slices.Clip(m.Buttons), setUp)
	}
	return m
}

// tellDoor says, on top of the next private reply to somebody whose direct
// messages turned the coach away, that they did and what goes on without them:
// once, and nowhere else.
func (v *visit) tellDoor(ctx context.Context, r *Reply) error {
	if !v.door || r.Message == nil || r.Public || len(r.Faults) > 0 {
		return nil
	}
	m := *r.Message
	m.Sections = append([]Section{{Text: v.say.text("*My last direct message did not reach you:* your direct messages are closed to me, so I stopped what was planned there. Open them and ask me again if you like, or type `/rapport done` whenever you like. Either is fine.")}}, m.Sections...)
	if m.Check() != nil {
		return nil // no room: on top of the next
	}
	r.Message = &m
	if !v.self.Closed {
		return nil // they wished for another just now, and will hear if that fails
	}
	s := v.self.Settings
	s.DoorTold = true
	if _, err := v.Store.Apply(ctx, v.ID+"/door", v.From, Change{Settings: &s, Unseen: true}); err != nil {
		return fmt.Errorf("door: %w", err)
	}
	return nil
}

// openDoor forgets that they were told, with the next direct message that a
// person wishes for.
func (v *visit) openDoor(ch *Change) {
	if !v.self.Settings.DoorTold || len(ch.Wishes) == 0 {
		return
	}
	s := v.self.Settings
	if ch.Settings != nil {
		s = *ch.Settings
	}
	s.DoorTold = false
	ch.Settings = &s
}
