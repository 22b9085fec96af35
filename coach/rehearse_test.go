package coach_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"rapport/coach"
	"rapport/coach/curriculum"
	"rapport/coach/streak"
)

// playing is a talk that is rehearsed by choosing, at every moment, the first
// line of one of the qualities, the earlier the better.
func (k *talk) playing(id string, like ...string) (r coach.Reply, moments int) {
	k.Helper()
	s, ok := edition.Scenario(id)
	if !ok {
		k.Fatalf("no scenario %s", id)
	}
	r = k.send(k.request(coach.Do("rehearse", id), nil))
	for node, ok := s.Node(s.Start); ok; moments++ {
		n := bestOf(node, like)
		r = k.press(r, string(rune('A'+n)))
		wantText(k.T, r, plainText(node.Choices[n].Feedback))
		node, ok = s.Node(node.Choices[n].Next)
	}
	return r, moments
}

func bestOf(node curriculum.Node, like []string) int {
	for _, q := range like {
		for i, c := range node.Choices {
			if c.Quality == q {
				return i
			}
		}
	}
	return 0
}

// plainText is a text of the curriculum without its one markup.
func plainText(s string) string { return strings.ReplaceAll(s, "*", "") }

func TestRehearseWell(t *testing.T) {
	for _, s := range edition.Scenarios {
		k := newTalk(t)
		r, n := k.playing(s.ID, "strong")
		wantText(t, r, "To take with you", "Every line you chose could stand")
		if n == 0 || strings.Contains(r.Message.Fallback(), "Another line to try") {
			t.Errorf("%s: %d moments, ends:\n%s", s.ID, n, r.Message.Fallback())
		}
	}
}

func TestRehearseBadly(t *testing.T) {
	for _, s := range edition.Scenarios {
		k := newTalk(t)
		r, _ := k.playing(s.ID, "weak", "ok")
		wantText(t, r, "To take with you", "Another line to try")
		for _, mark := range []string{"score", "points", "wrong", "%", "out of"} {
			if strings.Contains(strings.ToLower(r.Message.Title), mark) {
				t.Errorf("%s: a mark for the person: %q", s.ID, r.Message.Title)
			}
		}
	}
}

// TestRehearsalIsGoneOnWith leaves a talk in the middle: it is there again, also
// for a coach that was started anew on the same store.
func TestRehearsalIsGoneOnWith(t *testing.T) {
	k := newTalk(t)
	first := k.send(k.request(coach.Do("rehearse", "scn.missed-deadline"), nil))
	k.press(first, "A")
	k.anew()
	list := k.say("rehearse")
	wantText(t, list, "You are in the middle of")
	again := k.press(list, "Go on")
	wantText(t, again, "It was awkward up there")
	wantText(t, k.press(first, "B"), "I still need them") // an old button: that choice is made anew
	s, _ := edition.Scenario("scn.missed-deadline")
	r := k.say("rehearse")
	r = k.press(k.press(r, "Go on"), "A")
	wantText(t, r, plainText(s.Ends[0].Lesson), "Every line you chose") // the first A was replaced by the B
	if got := k.say("rehearse"); strings.Contains(got.Message.Fallback(), "in the middle") {
		t.Error("a talk that is over is offered to be gone on with")
	}
	wantText(t, k.press(r, "Play it again"), plainText(s.Setup))
}

// TestRehearsalLeadsTheNextTip chooses weak lines in a talk on a step: the next
// tip is on that step and says why.
func TestRehearsalLeadsTheNextTip(t *testing.T) {
	for _, s := range edition.Scenarios {
		if s.Step == 0 {
			continue
		}
		k := newTalk(t)
		k.press(k.say(""), "I'm in") // somebody who is known
		k.playing(s.ID, "weak", "ok")
		tip := k.say("tip")
		step, _ := edition.Step(s.Step)
		wantText(t, tip, step.Title)
		wantText(t, k.press(tip, "Why this?"), "the talk you rehearsed")
	}
}

// TestRehearsalKeepsItsEdition goes on in the edition that a talk was begun
// with, though another is taught since; what is begun then is of the new one.
func TestRehearsalKeepsItsEdition(t *testing.T) {
	k := newTalk(t)
	const id = "scn.missed-deadline"
	r := k.send(k.request(coach.Do("rehearse", id), nil))
	r = k.press(r, "A")
	base, err := curriculum.Builtin("en")
	if err != nil {
		t.Fatal(err)
	}
	changed, err := curriculum.Load(base, fstest.MapFS{"own.toml": {Data: []byte("schema = 1\nremove = [\"" + id + "\"]\n")}})
	if err != nil {
		t.Fatal(err)
	}
	k.coach.Teach(changed)
	if got := k.say("rehearse"); got.Message.Choices == nil || len(got.Message.Choices.Options) != len(edition.Scenarios)-1 {
		t.Errorf("the new edition offers %+v", got.Message.Choices)
	}
	wantText(t, k.press(r, "A"), "make room for her to be heard")
	if got := k.send(k.request(coach.Do("rehearse", id, "n1", "99"), nil)); !strings.Contains(got.Message.Fallback(), "older edition") {
		t.Errorf("a choice that is not there: %s", got.Message.Fallback())
	}
}

// TestRehearsalKeepsAWeek counts a talk that was played to its end, once a week.
func TestRehearsalKeepsAWeek(t *testing.T) {
	k := newTalk(t)
	r, _ := k.playing("scn.missed-deadline", "strong")
	wantText(t, r, "first week is kept")
	k.playing("scn.missed-deadline", "strong")
	self, err := k.store.Self(t.Context(), k.who)
	if err != nil || self.Ledger.Kept != 1 {
		t.Errorf("kept %d weeks, %v", self.Ledger.Kept, err)
	}
	events, _ := k.store.Events(t.Context(), k.who)
	events = slices.DeleteFunc(events, func(e streak.Event) bool { return e.Kind != streak.Rehearsal })
	if len(events) != 1 || events[0].Item != "scn.missed-deadline" {
		t.Errorf("the log has %+v, want one rehearsal", events)
	}
}

func TestRehearsalTakesNoNonsense(t *testing.T) {
	k := newTalk(t)
	for _, args := range [][]string{{"scn.none"}, {"scn.missed-deadline", "n9", "0"}, {"scn.missed-deadline", "n1", "x"}, {"scn.missed-deadline", "n1", "-1"}, {"scn.missed-deadline", "n1"}} {
		wantText(t, k.send(k.request(coach.Do("rehearse", args...), nil)), "Nothing was changed")
	}
	if self, _ := k.store.Self(t.Context(), k.who); self.Known {
		t.Error("a look at a talk leaves a trace")
	}
	k.send(k.request(coach.Do("rehearse", "scn.missed-deadline"), nil))
	if self, _ := k.store.Self(t.Context(), k.who); self.Known {
		t.Error("reading how a talk begins leaves a trace")
	}
}
