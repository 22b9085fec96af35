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
