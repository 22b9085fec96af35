package curriculum

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestContentScenarios: every moment offers a strong line and a weak one that
// somebody decent might choose, and a talk is neither one step nor a maze.
func TestContentScenarios(t *testing.T) {
	for _, s := range builtin(t).Scenarios {
		if n := len(s.Nodes); n < 3 || n > 6 {
			t.Errorf("%s: %d moments, want 3 to 6", s.ID, n)
		}
		if n := len(s.Ends); n < 2 || n > 3 {
			t.Errorf("%s: %d ends, want 2 or 3", s.ID, n)
		}
		for _, n := range s.Nodes {
			if strong, weak := quality(n, "strong"), quality(n, "weak"); len(strong) != 1 || len(weak) == 0 {
				t.Errorf("%s: %s has %d strong and %d weak choices, want one strong and a weak one", s.ID, n.ID, len(strong), len(weak))
			}
		}
	}
}

// TestContentScenariosDoNotGiveTheLineAway: neither its letter nor its length
// tells which line is the strong one.
func TestContentScenariosDoNotGiveTheLineAway(t *testing.T) {
	places, longest, nodes := map[int]int{}, 0, 0
	for _, s := range builtin(t).Scenarios {
		first := map[int]int{}
		for _, n := range s.Nodes {
			at := quality(n, "strong")[0]
			length := func(c Choice) int { return utf8.RuneCountInString(c.Text) }
			if !slices.ContainsFunc(n.Choices, func(c Choice) bool { return length(c) > length(n.Choices[at]) }) {
				longest++
			}
			places[at]++
			first[at]++
			nodes++
		}
		if len(first) < 2 {
			t.Errorf("%s: the strong choice has the same letter all through", s.ID)
		}
	}
	for at, n := range places {
		if n*2 > nodes {
			t.Errorf("choice %c is the strong one in %d of %d moments, want half at most", 'A'+at, n, nodes)
		}
	}
	if longest*2 > nodes {
		t.Errorf("the strong choice is the longest in %d of %d moments, want half at most", longest, nodes)
	}
}

// quality returns the places of the choices of one quality.
func quality(n Node, of string) []int {
	var at []int
	for i, c := range n.Choices {
		if c.Quality == of {
			at = append(at, i)
		}
	}
	return at
}

// TestContentFirstSteps: there are three, for everyone.
func TestContentFirstSteps(t *testing.T) {
	steps := builtin(t).FirstSteps
	if len(steps) != 3 {
		t.Errorf("got %d first steps, want 3: home has room for so many", len(steps))
	}
	for _, s := range steps {
		if len(s.Audience) > 0 || s.Topic != "" {
			t.Errorf("%s: is for %v and of topic %q, want it for everyone and of none", s.ID, s.Audience, s.Topic)
		}
	}
}

func TestContentChatTips(t *testing.T) {
	e := builtin(t)
	for _, tip := range e.ChatTips {
		if tip.Topic != "" || tip.Step != 0 || !strings.HasPrefix(tip.ID, "chat.tip.") {
			t.Errorf("%s: topic %q, step %d, want none", tip.ID, tip.Topic, tip.Step)
		}
		if got, ok := e.Tip(tip.ID); !ok || got.Text != tip.Text {
			t.Errorf("Tip(%s): got %q %v", tip.ID, got.Text, ok)
		}
	}
}
