package coach

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"rapport/coach/curriculum"
)

// threadbare is an edition with per texts a topic, a third of each level.
func threadbare(per int) *curriculum.Edition {
	e := new(curriculum.Edition)
	for i := range e.Steps {
		e.Steps[i].Key, e.Steps[i].N = fmt.Sprintf("step-%d", i+1), i+1
	}
	e.Repair.Key, e.Ethics.Key = curriculum.Repair, curriculum.Ethics
	for _, t := range e.Topics() {
		for i := range per {
			n := curriculum.Nudge{Level: 1 + i*3/per}
			n.ID, n.Topic, n.Step = fmt.Sprintf("%s.nudge.%d", t.Key, i), t.Key, t.N
			t.Nudges = append(t.Nudges, n)
		}
	}
	return e
}

// builtin is the edition that people meet.
func builtin(t *testing.T) *curriculum.Edition {
	t.Helper()
	layer, err := curriculum.Builtin("en")
	if err != nil {
		t.Fatal(err)
	}
	e, err := curriculum.Load(layer)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// season draws until posts were drawn, storing the bag between posts.
func season(t *testing.T, b *bag, e *curriculum.Edition, subject, audience string, posts int) []drawn {
	t.Helper()
	var all []drawn
	for len(all) < posts {
		d := b.next(e, subject, audience, true)
		text, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		*b = bag{}
		if err := json.Unmarshal(text, b); err != nil {
			t.Fatal(err)
		}
		if d.Skip || d.Goodbye {
			t.Fatalf("post %d is %+v", len(all)+1, d)
		}
		all = append(all, d)
	}
	return all
}

func TestBagYear(t *testing.T) {
	editions := map[string]*curriculum.Edition{"built-in": builtin(t), "3 texts": threadbare(3), "1 text": threadbare(1)}
	for name, e := range editions {
		for _, audience := range []string{curriculum.Work, curriculum.Community, curriculum.Study} {
			for _, subject := range []string{"a", "b", "c", "d"} {
				t.Run(name+"/"+audience+"/"+subject, func(t *testing.T) {
					year := season(t, new(bag), e, subject, audience, 52)
					checkSteps(t, year)
					checkTexts(t, e, audience, year)
				})
			}
		}
	}
}

// checkSteps checks the order of topics.
func checkSteps(t *testing.T, year []drawn) {
	t.Helper()
	var steps []int
	for i, d := range year {
		switch post := i + 1; {
		case post == 13 || post == 39:
			if d.Nudge.Topic != curriculum.Repair {
				t.Errorf("post %d is on %q, want repair", post, d.Nudge.Topic)
			}
		case post == 26 || post == 52:
			if d.Nudge.Topic != curriculum.Ethics {
				t.Errorf("post %d is on %q, want ethics", post, d.Nudge.Topic)
			}
		default:
			if opens := len(steps) > 0 && len(steps)%6 == 0; d.SeasonOpens != opens {
				t.Errorf("post %d opens a season: %t, want %t", post, d.SeasonOpens, opens)
			}
			if want := len(steps)/6 + 1; d.Season != want {
				t.Errorf("post %d is of season %d, want %d", post, d.Season, want)
			}
			steps = append(steps, d.Nudge.Step)
		}
	}
	if want := []int{2, 3, 5, 4, 1, 6}; !slices.Equal(steps[:6], want) {
		t.Errorf("first season: got %v, want %v", steps[:6], want)
	}
	for n := 6; n < len(steps); n += 6 {
		cycle := steps[n:min(n+6, len(steps))]
		if sorted := slices.Compact(slices.Sorted(slices.Values(cycle))); len(sorted) != len(cycle) {
			t.Errorf("season %d shows a step twice: %v", n/6+1, cycle)
		}
		if cycle[0] == steps[n-1] {
			t.Errorf("step %d comes twice running, in posts of seasons %d and %d", cycle[0], n/6, n/6+1)
		}
	}
}

// checkTexts checks that each text comes in its time.
func checkTexts(t *testing.T, e *curriculum.Edition, audience string, year []drawn) {
	t.Helper()
	used := make(map[string]map[string]bool)
	for i, d := range year {
		topic, ok := e.Topic(d.Nudge.Topic)
		if !ok || !d.Nudge.Fits(audience) {
			t.Fatalf("post %d: %+v is not for %s", i+1, d.Nudge, audience)
		}
		seen := used[topic.Key]
		left, bold := 0, 0
		levels := map[int][]int{1: {1}, 2: {1, 2}}[d.Season]
		if levels == nil {
			levels = []int{2, 3}
		}
		for _, n := range topic.Nudges {
			if n.Fits(audience) && !seen[n.ID] {
				left++
				if slices.Contains(levels, n.Level) {
					bold++
				}
			}
		}
		if left == 0 {
			seen = nil
		}
		if seen[d.Nudge.ID] {
			t.Errorf("post %d repeats %s while %d of %s are unused", i+1, d.Nudge.ID, left, topic.Key)
		}
		if bold > 0 && !slices.Contains(levels, d.Nudge.Level) {
			t.Errorf("post %d, season %d: level %d while %d texts of %v are left", i+1, d.Season, d.Nudge.Level, bold, levels)
		}
		if seen == nil {
			seen = make(map[string]bool)
		}
		seen[d.Nudge.ID] = true
		used[topic.Key] = seen
	}
}

func TestBagDrawsTheSameAgain(t *testing.T) {
	e := threadbare(9)
	ids := func(subject string) (ids []string) {
		for _, d := range season(t, new(bag), e, subject, curriculum.Work, 52) {
			ids = append(ids, d.Nudge.ID)
		}
		return ids
	}
	if a, b := ids("a"), ids("a"); !slices.Equal(a, b) {
		t.Errorf("the same schedule drew %v, then %v", a, b)
	}
	if a, b := ids("a"), ids("b"); slices.Equal(a, b) {
		t.Error("two schedules drew the same year")
	}
}

func TestBagSaysGoodbye(t *testing.T) {
	e := threadbare(9)
	for _, c := range []struct {
		name    string
		presses []int // before these posts; the first post is 1
		last    int   // post after which the goodbye comes; 0: within a year it does not
	}{
		{"never a press", nil, 12},
		{"one in the first season", []int{3}, 19}, // with a repair post between
		{"on the last post of a season", []int{7}, 19},
		{"one in the second season", []int{9}, 25},
		{"one in every other season", []int{3, 15, 28, 40}, 0},
		{"before the first post is no press", []int{1}, 12},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bag
			last := 0
			for post := 1; post <= 52; post++ {
				d := b.next(e, "a", curriculum.Work, slices.Contains(c.presses, post))
				if d.Goodbye {
					last = post - 1
					break
				}
			}
			if last != c.last {
				t.Errorf("goodbye after post %d, want %d", last, c.last)
			}
			if last == 0 {
				return
			}
			for range 12 { // started again
				if d := b.next(e, "a", curriculum.Work, false); d.Goodbye || d.Nudge.ID == "" {
					t.Fatalf("started again, got %+v", d)
				}
			}
		})
	}
}

func TestBagEveryOtherWeek(t *testing.T) {
	e := threadbare(9)
	b := bag{EveryOther: true}
	var got []bool
	for range 6 {
		got = append(got, !b.next(e, "a", curriculum.Work, true).Skip)
	}
	if want := []bool{true, false, true, false, true, false}; !slices.Equal(got, want) {
		t.Errorf("posts %v, want %v", got, want)
	}
	b.EveryOther = false
	if d := b.next(e, "a", curriculum.Work, true); d.Skip || d.Nudge.Step != 4 {
		t.Errorf("back to every week: got %+v, want step 4", d)
	}
}

// A press in a week without a post counts for the season.
func TestBagPressInRest(t *testing.T) {
	e := threadbare(9)
	b := bag{EveryOther: true}
	goodbye := 0
	for week := 1; week <= 52 && goodbye == 0; week++ {
		if b.next(e, "a", curriculum.Work, week == 2).Goodbye {
			goodbye = b.Posts
		}
	}
	if goodbye != 19 {
		t.Errorf("goodbye after post %d, want 19", goodbye)
	}
}

func TestBagAudienceAndEmptyTopics(t *testing.T) {
	e := threadbare(2)
	e.Steps[1].Nudges = nil // step 2
	e.Repair.Nudges = nil
	for i := range e.Steps[2].Nudges { // step 3
		e.Steps[2].Nudges[i].Audience = []string{curriculum.Study}
	}
	var b bag
	for post, want := range []int{5, 4, 1, 6} {
		if d := b.next(e, "a", curriculum.Work, true); d.Nudge.Step != want {
			t.Errorf("post %d is on step %d, want %d", post+1, d.Nudge.Step, want)
		}
	}
	var empty bag
	if d := empty.next(new(curriculum.Edition), "a", curriculum.Work, true); !d.Skip {
		t.Errorf("an edition without posts: got %+v, want none", d)
	}
}
