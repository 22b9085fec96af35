package coach_test

import (
	"fmt"
	"strings"
	"testing"

	"rapport/coach"
	"rapport/schedules"
)

func TestAtLeast(t *testing.T) {
	for _, tc := range []struct{ tried, everybody, leftOut, want int }{
		{4, 100, 4, 0}, {8, 100, 4, 0}, {9, 100, 4, 5}, {9, 100, 5, 0}, {12, 100, 8, 0}, {13, 100, 8, 5}, {13, 100, 4, 5}, {14, 100, 4, 10},
		{18, 100, 8, 10}, {23, 100, 4, 10}, {24, 100, 4, 20}, {53, 100, 4, 20}, {58, 100, 8, 50}, {5000, 9999, 8, 50},
		{9, 15, 4, 0}, {15, 15, 4, 0}, {9, 16, 4, 5}, {16, 16, 4, 5}, {20, 20, 4, 5}, {14, 21, 4, 10}, {0, 0, 8, 0},
	} {
		if got := coach.AtLeast(tc.tried, tc.everybody, tc.leftOut); got != tc.want {
			t.Errorf("%d of %d, %d left out: at least %d, want %d", tc.tried, tc.everybody, tc.leftOut, got, tc.want)
		}
	}
}

// TestLeftOut draws often: four to eight, each about as often.
func TestLeftOut(t *testing.T) {
	got := map[int]int{}
	for range 10_000 {
		got[coach.LeftOut()]++
	}
	for n, times := range got {
		if n < 4 || n > 8 || times < 1700 || times > 2300 { // seven deviations and more
			t.Errorf("%d was drawn %d times of 10000, want about 2000 of each from 4 to 8", n, times)
		}
	}
	if len(got) != 5 {
		t.Errorf("drew %v, want five numbers", got)
	}
}

// TestFigureTellsOfNobody is what one person may change in what is told, in teams
// of every size, by trying it or not, and by never having been there.
func TestFigureTellsOfNobody(t *testing.T) {
	const sizes = 130
	most := 0
	for everybody := range sizes {
		for tried := 0; tried <= everybody; tried++ {
			for what, more := range map[string][2]int{"tries it": {1, 0}, "joins": {0, 1}, "joins and tries it": {1, 1}} {
				differ := 0
				for leftOut := 4; leftOut <= 8; leftOut++ {
					with, without := coach.AtLeast(tried+more[0], everybody+more[1], leftOut), coach.AtLeast(tried, everybody, leftOut)
					if with != without {
						differ++
					}
					if with > 0 && (tried+more[0]-4 < with || everybody+more[1]-4 < with+7) {
						t.Errorf("%d of %d tried and %d are told of: four of them may be one person's", tried, everybody, with)
					}
				}
				if most = max(most, differ); differ > 0 && tried < 8 || differ > 1 {
					t.Errorf("one person more than %d of %d %s: %d of 5 draws differ", tried, everybody, what, differ)
				}
			}
		}
	}
	if most != 1 {
		t.Errorf("at most %d draws of 5 differ; the figure is expected to change at all", most)
	}
}

// TestLastWeekInTheNextPost lets many of a team try a post: the next one says at
// least how many, and nothing else does before or after.
func TestLastWeekInTheNextPost(t *testing.T) {
	for _, tc := range []struct {
		try  int
		want string
	}{{8, ""}, {13, "5 or more tried"}, {18, "10 or more tried"}} {
		k := posting(t)
		owner := k.who
		for i := range 26 { // people who were there
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

// TestSeasonBefore lets 13 people try each post of a season, and eight each of the
// next: the team page says of a season that is over at least how many tries there
// were, and of one that goes on nothing.
func TestSeasonBefore(t *testing.T) {
	k := posting(t)
	owner := k.who
	for i := range 26 { // people who were there
		k.who.User = fmt.Sprint("p", i)
		k.press(k.say("done"), "Well")
	}
	k.who = owner
	k.weeks(1)
	settle(k)
	const told = "or more tries"
	for week := range 12 {
		for i := range []int{13, 8}[week/6] {
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
		t.Errorf("of a season that eight tried: %s", text)
	}
}
