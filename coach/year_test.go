package coach_test

import (
	"fmt"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
)

// A lived day is what a person's rhythm brought on it.
type lived struct {
	day  int
	tip  string // id, or
	card string // id
	step int
}

// live lets days go by for somebody with a daily rhythm, who is there every
// third day, and returns what came. each is called before a day's message.
func (k *talk) live(days int, each func(day int)) (all []lived) {
	k.Helper()
	speaker := k.coach.Speakers()["rhythm"]
	start := k.now
	for day := range days {
		k.now = start.AddDate(0, 0, day)
		each(day)
		if day%3 == 0 {
			k.say("progress") // reading: the person is there
		}
		o := coach.Occasion{Kind: "rhythm", Subject: "tips", To: coach.DirectTo(k.who), Date: streak.DateOf(k.now), At: k.now, Zone: k.zone}
		choice, err := speaker.Choose(k.Context(), o)
		if err != nil {
			k.Fatal(err)
		}
		if choice.Skip != "" {
			continue
		}
		m, err := speaker.Compose(k.Context(), o, choice)
		if err == nil {
			err = m.Check()
		}
		if err != nil {
			k.Fatal(err)
		}
		came := lived{day: day}
		if tip, ok := edition.Tip(choice.Items[0]); ok {
			came.tip, came.step = tip.ID, tip.Step
		} else if card, ok := edition.Card(choice.Items[0]); ok {
			came.card, came.step = card.ID, card.Step
		}
		all = append(all, came)
		if _, err := k.store.Apply(k.Context(), fmt.Sprint("said", day, k.now), k.who, coach.Change{Said: choice.Said}); err != nil {
			k.Fatal(err)
		}
	}
	return all
}

// daily is somebody who was there once and wants a message each day.
func daily(t *testing.T) *talk {
	k := newTalk(t)
	k.press(k.say("done"), "Well")
	form := k.press(k.say("settings"), "Rhythm")
	wantText(t, k.fill(form, map[string]string{"rhythm": "daily", "hour": "540", "days": "0,1,2,3,4,5,6"}), "Saved", "09:00")
	return k
}

// TestYear runs a year of daily messages: every step in every quarter, never a
// tip on the same step twice running, no text of a tip within 60 days.
func TestYear(t *testing.T) {
	year := daily(t).live(364, func(int) {})
	last, seen := 0, map[string]int{}
	var quarters [4]map[int]bool
	for _, m := range year {
		if m.tip == "" {
			continue
		}
		if m.step == last && m.step > 0 {
			t.Errorf("day %d: step %d twice running", m.day, last)
		}
		if before, ok := seen[m.tip]; ok && m.day-before < 60 {
			t.Errorf("day %d: %s again after %d days", m.day, m.tip, m.day-before)
		}
		last, seen[m.tip] = m.step, m.day
		q := &quarters[m.day/91]
		if *q == nil {
			*q = map[int]bool{}
		}
		if m.step > 0 { // else on writing and video
			(*q)[m.step] = true
		}
	}
	for i, steps := range quarters {
		if len(steps) != 6 {
			t.Errorf("quarter %d has tips on steps %v, want all six", i+1, steps)
		}
	}
	if len(year) < 350 || len(seen) < 125 {
		t.Errorf("%d messages, %d different tips in a year", len(year), len(seen))
	}
}

// TestCards follows every card over 60 days: it comes back after about 2, 7 and
// 21 days; new ones come one after another, myths first; two messages running
// are never both cards.
func TestCards(t *testing.T) {
	k := daily(t)
	first := map[string]int{}
	days := map[string][]int{}
	var order []string
	before := lived{}
	for _, m := range k.live(60, func(int) {}) {
		if m.card != "" {
			if before.card != "" {
				t.Errorf("day %d: %s right after %s", m.day, m.card, before.card)
			}
			if _, met := first[m.card]; !met {
				first[m.card], order = m.day, append(order, m.card)
			}
			days[m.card] = append(days[m.card], m.day)
		}
		before = m
	}
	if len(order) < 5 {
		t.Fatalf("%d cards in 60 days: %v", len(order), order)
	}
	for _, id := range order {
		if c, _ := edition.Card(id); first[id] < 21 && c.Kind != "myth" {
			t.Errorf("day %d: %s is a %s, want myths in the first three weeks", first[id], id, c.Kind)
		}
		for i, want := range []int{2, 7, 21} {
			if i+1 >= len(days[id]) {
				break
			}
			if gap := days[id][i+1] - days[id][i]; gap < want || gap > want+5 {
				t.Errorf("%s came on days %v: gap %d is %d days, want about %d", id, days[id], i+1, gap, want)
			}
		}
		t.Logf("%-28s days %v", id, days[id])
	}
	if got := days[order[0]]; len(got) < 4 {
		t.Errorf("the first card came on days %v only", got)
	}
}

// TestPauseStretchesGaps puts a pause between a card and its coming back: it is
// back as many days later as the pause is long.
func TestPauseStretchesGaps(t *testing.T) {
	back := func(paused bool) (days int) {
		k := newTalk(t)
		k.press(k.say("done"), "Well")
		r := k.say("card")
		id := button(t, r, "A").Args[0]
		c, _ := edition.Card(id)
		k.press(r, string(rune('A'+c.Answer)))
		if paused {
			k.now = monday.AddDate(0, 0, 1)
			k.fill(k.say("pause"), map[string]string{"from": "today", "until": "2 weeks"})
		}
		for days = 1; days < 60; days++ {
			k.now = monday.AddDate(0, 0, days)
			if button(t, k.say("card"), "A").Args[0] == id {
				break
			}
		}
		return days
	}
	without, with := back(false), back(true)
	if without != 2 || with < without+14 || with > without+15 {
		t.Errorf("back after %d days, and after %d with a pause of two weeks", without, with)
	}
}

// TestWrongAnswerBeginsAnew asks a card again soon that was answered otherwise.
func TestWrongAnswerBeginsAnew(t *testing.T) {
	k := newTalk(t)
	k.press(k.say("done"), "Well")
	r := k.say("card")
	id := button(t, r, "A").Args[0]
	c, _ := edition.Card(id)
	letter := func(n int) string { return string(rune('A' + n)) }
	wantText(t, k.press(r, letter(c.Answer)), "Yes.", plainText(c.Why))
	again := func(day int) bool {
		k.now = monday.AddDate(0, 0, day)
		return button(t, k.say("card"), "A").Args[0] == id
	}
	if again(1) {
		t.Error("back after a day")
	}
	if !again(2) {
		t.Error("not back after two days")
	}
	wantText(t, k.press(k.say("card"), letter((c.Answer+1)%len(c.Options))), "This fits better", plainText(c.Options[c.Answer]))
	if again(3) || !again(4) {
		t.Error("answered otherwise, it is not back after two days")
	}
	k.press(k.say("card"), letter(c.Answer))
	if again(9) || !again(11) {
		t.Error("answered well again, it is not back after seven days")
	}
}

func TestCardsLeaveNoTrace(t *testing.T) {
	k := newTalk(t)
	r := k.say("card")
	wantText(t, k.press(r, "A"), "How sure")
	if self, _ := k.store.Self(t.Context(), k.who); self.Known {
		t.Error("reading a card leaves a trace")
	}
	for _, args := range [][]string{{}, {"s9.card.x", "0"}, {button(t, r, "A").Args[0], "9"}, {button(t, r, "A").Args[0], "-1"}} {
		wantText(t, k.send(k.request(coach.Do("answer", args...), nil)), "Nothing was changed")
	}
}

// TestEveryCardFits shows each card and each of its answers.
func TestEveryCardFits(t *testing.T) {
	k := newTalk(t)
	n := 0
	for _, topic := range edition.Topics() {
		for _, c := range topic.Cards {
			for i := range c.Options {
				k.send(k.request(coach.Do("answer", c.ID, fmt.Sprint(i)), nil))
			}
			n++
		}
	}
	if n < 72 {
		t.Errorf("%d cards", n)
	}
}

// TestWhoOnlyReads lets somebody with a daily rhythm never press: they are asked
// once whether to go on, get less in steps that are said once each, and then
// nothing. One press brings all of it back.
func TestWhoOnlyReads(t *testing.T) {
	k := daily(t)
	speakers := k.coach.Speakers()
	var came []string
	days := func(n int) {
		for range n {
			k.now = k.now.AddDate(0, 0, 1)
			for _, subject := range []string{"tips", "friday", "thursday"} {
				weekday := k.now.Weekday()
				if subject == "friday" != (weekday == time.Friday) || subject == "thursday" != (weekday == time.Thursday) {
					continue
				}
				o := coach.Occasion{Kind: "rhythm", Subject: subject, To: coach.DirectTo(k.who), Date: streak.DateOf(k.now), At: k.now, Zone: k.zone}
				choice, err := speakers["rhythm"].Choose(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				if choice.Skip != "" {
					continue
				}
				m, err := speakers["rhythm"].Compose(t.Context(), o, choice)
				if err != nil || m.Check() != nil {
					t.Fatal(err, m.Check())
				}
				came = append(came, choice.Composer)
				at := k.now
				k.unanswered(1) // moves the clock by a day
				k.now = at
				if _, err := k.store.Apply(t.Context(), fmt.Sprint("said", k.now), k.who, coach.Change{Said: choice.Said, Unseen: true}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	days(365)
	count := map[string]int{}
	for _, c := range came {
		count[c]++
	}
	if count["slower"] != 2 || count["keep"] != 2 || came[10] != "keep" || came[15] != "slower" || came[len(came)-1] != "slower" {
		t.Errorf("%d messages, %v: %v", len(came), count, came)
	}
	if len(came) > 40 { // what is left of the rhythm asks about things taken up, and none is
		t.Errorf("%d messages to somebody who never pressed", len(came))
	}
	k.say("progress")
	came = nil
	days(7)
	if len(came) < 5 {
		t.Errorf("after a press %v came in a week, want the old rhythm", came)
	}
}
