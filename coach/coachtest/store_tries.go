package coachtest

import (
	"fmt"

	"rapport/coach"
	"rapport/coach/streak"
	"rapport/schedules"
)

// posted is the nominal date of the post that postNudge makes first.
const posted = streak.Date("2026-11-24")

// crowd are people of the team, as many as it takes for a figure of five,
// whoever is left out of it.
func crowd() (people []coach.Person) {
	for i := range 40 {
		people = append(people, coach.Person{Platform: "p", Realm: "r", User: fmt.Sprint("crowd", i)})
	}
	return people
}

// postNudge lets crowd join the team, and posts a nudge there on the next day.
func (e *env) postNudge(item string) {
	e.Helper()
	for _, p := range crowd() {
		if e.self(p).Known {
			continue // from a post before
		}
		e.apply("join/"+p.User, p, coach.Change{Team: team})
	}
	w := coach.Wish{Kind: "nudge", Subject: "s", To: coach.ChannelOf(team, "c1"), Spec: "0 9 * * *", Zone: "UTC"}
	e.apply("post", crowd()[0], coach.Change{Team: team, Wishes: []coach.Wish{w}})
	e.clock.At = e.clock.At.AddDate(0, 0, 1)
	e.deliver(schedules.Outcome{State: schedules.Done}, item)
}

// tries lets people say that they tried item, in the team.
func (e *env) tries(item string, people ...coach.Person) {
	e.Helper()
	for i, p := range people {
		e.apply(fmt.Sprint("try/", i, p.User, item, e.clock.At.UnixNano()), p, coach.Change{Team: team, Tried: item})
	}
}

func (e *env) atLeast() int {
	e.Helper()
	return must[int](e, "Tries")(e.Tries(e.Context(), team, e.today()))
}

// today is the nominal date of the post that postNudge made last.
func (e *env) today() streak.Date { return streak.DateOf(e.clock.At) }

// forget erases people.
func (e *env) forget(people ...coach.Person) {
	e.Helper()
	for _, p := range people {
		_, err := e.Forget(e.Context(), p)
		equal(e, "Forget", err, nil)
	}
}

// triesRules are about the figure of how many tried a team's post. They need a
// store that also delivers.
var triesRules = []rule{
	{"TriesCountPeople", func(e *env) {
		equal(e, "Tries of a team never seen", e.atLeast(), 0)
		e.postNudge("n1")
		e.tries("n1", crowd()[:13]...)
		e.tries("n1", crowd()[:13]...) // the same people once more
		e.tries("n2", crowd()[13:]...) // another text
		equal(e, "Tries of 13", e.atLeast(), 5)
	}},
	{"TriesOfFewAreUntold", func(e *env) {
		e.postNudge("n1")
		e.tries("n1", crowd()[:8]...)
		equal(e, "Tries of eight", e.atLeast(), 0)
	}},
	{"TriesAreBlurred", func(e *env) {
		told := map[int]bool{}
		for range 24 { // all the same with a probability of one in 200,000
			e.postNudge("n1")
			e.tries("n1", crowd()[:10]...)
			told[e.atLeast()] = true
		}
		equal(e, "Tries of ten, week after week", told, map[int]bool{0: true, 5: true})
	}},
	{"TriesClosedForGood", func(e *env) {
		e.postNudge("n1")
		e.tries("n1", crowd()[:13]...)
		equal(e, "Tries", e.atLeast(), 5)
		e.tries("n1", crowd()...)
		equal(e, "Tries when more tried later", e.atLeast(), 5)
		e.forget(crowd()[:5]...)
		equal(e, "Tries when some were forgotten later", e.atLeast(), 5)
	}},
	{"TriesTakenBack", func(e *env) {
		e.postNudge("n1")
		e.tries("n1", crowd()[:13]...)
		for i, p := range crowd()[:5] {
			e.apply(fmt.Sprint("back", i), p, coach.Change{Team: team, Untried: "n1"})
		}
		equal(e, "Tries of 13 less five", e.atLeast(), 0)
	}},
	{"TriesOfOthersStay", func(e *env) {
		e.postNudge("n1")
		e.tries("n1", crowd()[:13]...)
		for i, p := range crowd()[:5] {
			e.apply(fmt.Sprint("other", i), p, coach.Change{Team: team, Untried: "n2"}) // another text
		}
		for i, p := range crowd()[13:] {
			e.apply(fmt.Sprint("never", i), p, coach.Change{Team: team, Untried: "n1"})
		}
		equal(e, "Tries of 13", e.atLeast(), 5)
	}},
	{"TriesForgotten", func(e *env) {
		e.postNudge("n1")
		e.tries("n1", crowd()[:13]...)
		for _, p := range append(crowd(), bob) { // so that many are left
			p.User += "too"
			e.apply("more/"+p.User, p, coach.Change{Team: team})
		}
		e.forget(crowd()[:5]...)
		equal(e, "Tries of 13 less five who were erased", e.atLeast(), 0)
	}},
	{"TriesOutsideTheTeam", func(e *env) {
		e.postNudge("n1")
		e.apply("far", bob, coach.Change{Tried: "n1"}) // of no team
		for _, p := range crowd()[:13] {
			e.apply("dm/"+p.User, p, coach.Change{Tried: "n1"}) // in direct messages
		}
		equal(e, "Tries of 13 in direct messages", e.atLeast(), 5)
		other := must[int](e, "Tries")(e.Tries(e.Context(), coach.Team{Platform: "p", ID: "t2"}, e.today()))
		equal(e, "Tries of another team", other, 0)
	}},
}
