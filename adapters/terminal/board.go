package terminal

import (
	"slices"
	"strings"
	"sync"

	"rapport/coach"
)

// A control is a button or an option of a message.
type control struct {
	label   string
	action  coach.Action
	primary bool
	danger  bool
}

// controlsOf returns what of m can be pressed, in the order of its numbers:
// buttons, then options.
func controlsOf(m coach.Message) []control {
	var out []control
	for _, b := range m.Buttons {
		out = append(out, control{oneLine(b.Label), b.Action, b.Primary, b.Danger})
	}
	if m.Choices != nil {
		for _, o := range m.Choices.Options {
			out = append(out, control{label: oneLine(o.Label), action: o.Action})
		}
	}
	return out
}

// A shown is a message that can be pressed.
type shown struct {
	coach.Message
	turn   int
	at     coach.Address // where it stands
	shared bool          // others see it too
	head   string        // the line above it
	prefix string        // typed before a number to mean it, such as "dm "; "" for an answer
}

// A board remembers the newest message of each place: what is pressable.
type board struct {
	mu      sync.Mutex
	turn    int
	answers map[string]*shown // by user
	directs map[string]*shown // by user
	posts   map[string]*shown // by channel id
}

func newBoard() *board {
	return &board{answers: make(map[string]*shown), directs: make(map[string]*shown), posts: make(map[string]*shown)}
}

// put remembers s as the newest of its place in one of the board's maps.
func (b *board) put(place map[string]*shown, key string, s shown) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn++
	s.turn = b.turn
	place[key] = &s
}

// find returns the newest message of a place for user: of a channel, or of
// their direct messages if channel is "".
func (b *board) find(user, channel string) *shown {
	b.mu.Lock()
	defer b.mu.Unlock()
	if channel == "" {
		return b.directs[user]
	}
	return b.posts[channel]
}

// newest returns the newest post of any channel, or nil.
func (b *board) newest() *shown {
	b.mu.Lock()
	defer b.mu.Unlock()
	var last *shown
	for _, s := range b.posts {
		if last == nil || s.turn > last.turn {
			last = s
		}
	}
	return last
}

// pressable returns what user can press, the last shown first.
func (b *board) pressable(user string) []*shown {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []*shown
	for _, s := range b.posts {
		out = append(out, s)
	}
	for _, s := range []*shown{b.answers[user], b.directs[user]} {
		if s != nil && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(x, y *shown) int { return y.turn - x.turn })
	return out
}

// labelled returns the control of that label among what can be pressed: the
// same words, or else the one label that begins with them.
func labelled(among []*shown, label string) (*shown, control, bool) {
	label = strings.ToLower(oneLine(label))
	for _, same := range []func(s, label string) bool{
		func(s, label string) bool { return s == label },
		strings.HasPrefix,
	} {
		for _, s := range among {
			for _, c := range controlsOf(s.Message) {
				if same(strings.ToLower(c.label), label) {
					return s, c, true
				}
			}
		}
	}
	return nil, control{}, false
}

// count is how many messages were put up so far.
func (b *board) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.turn
}
