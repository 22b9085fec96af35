package coach_test

import (
	"fmt"
	"strings"
	"testing"

	"rapport/coach"
	"rapport/schedules"
)

func TestAtLeast(t *testing.T) {
	for _, tc := range []struct{ tried, everybody, want int }{
		{0, 100, 0}, {4, 100, 0}, {5, 100, 5}, {9, 100, 5}, {10, 100, 10}, {19, 100, 10}, {20, 100, 20}, {49, 100, 20}, {50, 100, 50}, {5000, 9999, 50},
		{5, 11, 0}, {9, 11, 0}, {10, 11, 10}, {5, 12, 5},
	} {
		if got := coach.AtLeast(tc.tried, tc.everybody); got != tc.want {
			t.Errorf("%d of %d: at least %d, want %d", tc.tried, tc.everybody, got, tc.want)
		}
	}
}

// TestFigureTellsOfNobody is the attack of somebody who reads the posts: one
// person more or less, in any team, changes what is told at four sizes only,
// never before the next post, and nothing at all below five.
func TestFigureTellsOfNobody(t *testing.T) {
	changes := 0
	for n := 1; n < 200; n++ {
		if with, without := coach.AtLeast(n, 200), coach.AtLeast(n-1, 200); with != without {
			changes++
			if n < 5 || n != 5 && n != 10 && n != 20 && n != 50 {
				t.Errorf("%d against %d people can be told apart", n, n-1)
			}
		}
	}
	if changes != 4 {
		t.Errorf("the figure has %d steps, want 4", changes)
	}
}

// TestLastWeekInTheNextPost lets many of a team try a post: the next one says at
// least how many, and nothing else does before or after.
func TestLastWeekInTheNextPost(t *testing.T) {
	for _, tc := range []struct {
		try  int
		want string
	}{{4, ""}, {6, "5 or more tried"}, {11, "10 or more tried"}} {
		k := posting(t)
		owner := k.who
		for i := range 12 { // people who were there
			k.who.User = fmt.Sprint("p", i)
			k.press(k.say("done"), "Well")
		}
		k.who = owner
		k.weeks(1)
		settle(k)
		for i := range tc.try {
			k.who.User = fmt.Sprint("p", i)
			home := k.send(k.request(coach.Do("home", "me"), nil))
			k.press(home, "I'm in")
			k.press(k.say("done"), []string{"Well", "So-so", "Hard"}[i%3])
			if text := home.Message.Fallback(); strings.Contains(text, "or more tried") {
				t.Errorf("told live: %s", text)
			}
		}
		k.who.User = "p0"
		last := k.say("done") // done already: a second time counts for nothing
		_ = last
		k.who = owner
		for _, word := range []string{"team", "home", "setup", "progress", "data"} {
			if text := k.say(word).Message.Fallback(); strings.Contains(text, "or more tried") {
				t.Errorf("%s tells of it: %s", word, text)
			}
		}
		k.weeks(1)
		got, err := k.store.Claim(t.Context(), schedules.Claim{Now: k.now, Machine: k.now, Owner: "o", PerLane: 99, Limit: 99})
		if err != nil || len(got) != 1 {
			t.Fatalf("claimed %v, %v", got, err)
		}
		m, err := k.coach.Speakers()["nudge"].Compose(t.Context(), coach.Occasion{To: got[0].To}, got[0].Choice)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Check(); err != nil {
			t.Error(err)
		}
		if text := m.Fallback(); strings.Contains(text, "or more tried") != (tc.want != "") || !strings.Contains(text, tc.want) {
			t.Errorf("%d tried: the next post says\n%s\nwant %q", tc.try, text, tc.want)
		}
	}
}

// TestSeasonBefore lets six people try each post of a season, and four each of the
// next: the team page says of a season that is over at least how many tries there
// were, and of one that goes on nothing.
func TestSeasonBefore(t *testing.T) {
	k := posting(t)
	owner := k.who
	for i := range 12 { // people who were there
		k.who.User = fmt.Sprint("p", i)
		k.press(k.say("done"), "Well")
	}
	k.who = owner
	k.weeks(1)
	settle(k)
	const told = "or more tries"
	for week := range 12 {
		for i := range []int{6, 4}[week/6] {
			k.who.User = fmt.Sprint("p", i)
			k.press(k.send(k.request(coach.Do("home", "me"), nil)), "I'm in")
			k.press(k.say("done"), "Well")
		}
		k.who = owner
		text := k.say("team").Message.Fallback()
		if over := week >= 6; strings.Contains(text, told) != over || over && !strings.Contains(text, "30 "+told) {
			t.Errorf("after %d weeks: %s", week, text)
		}
		k.weeks(1)
		settle(k)
	}
	k.weeks(1) // the 13th post belonged to no season
	settle(k)
	if text := k.say("team").Message.Fallback(); strings.Contains(text, told) {
		t.Errorf("of a season that four tried: %s", text)
	}
}
