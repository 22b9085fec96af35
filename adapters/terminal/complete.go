package terminal

import (
	"context"
	"strings"
	"time"

	"rapport/coach"
)

// completeWait is how long a completion may take before there is none.
const completeWait = time.Second

// tabs is where the Tab key stands: the first Tab fills in what is certain and
// lists the rest, further ones go through the list.
type tabs struct {
	values []string
	next   int
	at     string // the line as the last Tab left it
}

// key handles a key of the line editor that moves nothing. Tab completes;
// letters that must not be shown are not taken.
func (t *talk) key(ctx context.Context, line string, pos int, key rune) (string, int, bool) {
	if key != '\t' {
		unsafe := key >= ' ' && visible(string(key)) != string(key)
		return line, pos, unsafe
	}
	if t.keys.past.asks {
		return line, pos, true
	}
	head, tail := line[:pos], line[pos:]
	if len(t.tabs.values) > 0 && head == t.tabs.at {
		head = t.tabs.values[t.tabs.next%len(t.tabs.values)]
		t.tabs.next++
		t.tabs.at = head
		return head + tail, len(head), true
	}
	found := t.completions(ctx, head)
	t.tabs = tabs{}
	switch len(found) {
	case 0:
		return line, pos, true
	case 1:
		head = found[0].Value
		return head + tail, len(head), true
	}
	for _, o := range found {
		t.tabs.values = append(t.tabs.values, o.Value)
	}
	if common := commonPrefix(t.tabs.values); len(common) > len(head) && strings.EqualFold(common[:len(head)], head) {
		head = common
	}
	t.tabs.at = head
	// What cannot be written is noticed by the next thing that is.
	_ = t.offer(found)
	return head + tail, len(head), true
}

// offer lists ways to go on, above the line that is typed.
func (t *talk) offer(found []coach.Option) error {
	s := t.sheet()
	for _, o := range found {
		rest, ok := strings.CutPrefix(o.Label, strings.TrimPrefix(o.Value, command+" "))
		if !ok {
			rest = o.Label
		}
		s.entry(o.Value, strings.TrimLeft(rest, " -:·"))
	}
	return t.screen.write(s.b.String())
}

// completions are whole lines that begin with what was typed, or that the coach
// thinks are meant by it.
func (t *talk) completions(ctx context.Context, typed string) []coach.Option {
	typed = strings.TrimLeft(typed, " ")
	lead, prefix := "", typed
	if len(typed) > len(command) && strings.EqualFold(typed[:len(command)+1], command+" ") {
		lead, prefix = command+" ", strings.TrimLeft(typed[len(command):], " ")
	}
	ctx, cancel := context.WithTimeout(ctx, completeWait)
	defer cancel()
	var found []coach.Option
	for _, o := range t.coach.Complete(ctx, t.request(t.here(), coach.Parse(prefix)), prefix) {
		if value := oneLine(o.Value); value != "" {
			found = append(found, coach.Option{Label: oneLine(o.Label), Value: lead + value})
		}
	}
	if lead == "" && typed != "" {
		for _, own := range t.ownWords() {
			if len(own) > len(typed) && strings.EqualFold(own[:len(typed)], typed) {
				found = append(found, coach.Option{Value: own})
			}
		}
	}
	return found
}

// ownWords are lines that are for the terminal itself.
func (t *talk) ownWords() []string {
	words := []string{command + " ", "messages", "wait 7d", "wait until monday 09:00", "in dm", "quit"}
	for _, c := range t.Channels {
		words = append(words, "in #"+oneLine(c.Name))
	}
	for _, name := range t.crowd.names() {
		if isName(name) {
			words = append(words, "as "+name)
		}
	}
	for _, m := range t.board.pressable(t.who.User) {
		for _, c := range controlsOf(m.Message) {
			words = append(words, "press "+c.label)
		}
	}
	return words
}

// commonPrefix is what all values begin with.
func commonPrefix(values []string) string {
	common := []rune(values[0])
	for _, v := range values[1:] {
		n := 0
		for _, r := range v {
			if n == len(common) || common[n] != r {
				break
			}
			n++
		}
		common = common[:n]
	}
	return string(common)
}
