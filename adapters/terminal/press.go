package terminal

import (
	"context"
	"fmt"

	"rapport/coach"
)

// pressLast presses a control of the message shown last. Where nothing can be
// pressed, a number is for the coach.
func (t *talk) pressLast(ctx context.Context, l line) error {
	var last *shown
	if all := t.board.pressable(t.who.User); len(all) > 0 {
		last = all[0]
	}
	if last == nil || len(last.Buttons) == 0 && last.Choices == nil {
		return t.ask(ctx, t.request(t.here(), coach.Parse(l.text)), nil)
	}
	return t.press(ctx, last, l.n)
}

// pressAt presses a control of the newest message in a place.
func (t *talk) pressAt(ctx context.Context, l line) error {
	var m *shown
	switch l.place {
	case "dm":
		m = t.board.find(t.who.User, "")
	case "channel":
		if m = t.board.newest(); t.place != "" {
			m = t.board.find(t.who.User, t.place)
		}
	default:
		c := t.named(l.place[1:])
		if c == nil {
			return t.note("There is no %s here. There is: %s.", oneLine(l.place), t.placeNames())
		}
		m = t.board.find(t.who.User, c.ID)
	}
	if m == nil {
		return t.note("There is no message there yet.")
	}
	return t.press(ctx, m, l.n)
}

// press presses control n of m.
func (t *talk) press(ctx context.Context, m *shown, n int) error {
	all := controlsOf(m.Message)
	switch {
	case len(all) == 0:
		return t.note("There is nothing to press on that message.")
	case n < 1 || n > len(all):
		return t.note("That message has %s. To say %d to the coach, type %s %d.", upTo(len(all)), n, command, n)
	}
	return t.touch(ctx, m, all[n-1])
}

func upTo(n int) string {
	if n == 1 {
		return "only [1]"
	}
	return fmt.Sprintf("[1] to [%d]", n)
}

// pressLabel presses by label, on the newest message that has it.
func (t *talk) pressLabel(ctx context.Context, label string) error {
	m, c, ok := labelled(t.board.pressable(t.who.User), label)
	if !ok {
		return t.note("Nothing here is labelled %q. messages lists what can be pressed.", oneLine(label))
	}
	return t.touch(ctx, m, c)
}

// touch sends the press of c on m.
func (t *talk) touch(ctx context.Context, m *shown, c control) error {
	r := t.request(m.at, c.action)
	r.Shared = m.shared
	return t.ask(ctx, r, m)
}

// list shows what can be pressed.
func (t *talk) list() error {
	s := t.sheet()
	found := false
	for i, m := range t.board.pressable(t.who.User) {
		if len(controlsOf(m.Message)) == 0 {
			continue
		}
		prefix := m.prefix
		if prefix == "" && i > 0 {
			prefix = byLabel // a newer message has the plain numbers
		}
		s.brief(*m, prefix)
		found = true
	}
	if !found {
		return t.note("There is nothing to press yet. Try: home")
	}
	return t.screen.write(s.b.String())
}
