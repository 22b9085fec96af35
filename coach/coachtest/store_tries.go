package coachtest

import (
	"fmt"

	"rapport/coach"
	"rapport/coach/streak"
	"rapport/schedules"
)

// posted is the nominal date of the post that postNudge makes.
const posted = streak.Date("2026-11-24")

// crowd are people of the team, as many as it takes for a figure of five.
func crowd() (people []coach.Person) {
	for i := range 12 {
		people = append(people, coach.Person{Platform: "p", Realm: "r", User: fmt.Sprint("crowd", i)})
	}
	return people
}

// postNudge lets crowd join the team, and posts a nudge there.
func (e *env) postNudge(item string) {
	e.Helper()
	for _, p := range crowd() {
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
	return must[int](e, "Tries")(e.Tries(e.Context(), team, posted))
}

// triesRules are about the figure of how many tried a team's post. They need a
// store that also delivers.
var triesRules = []rule{
	{"TriesCountPeople", func(e *env) {
		equal(e, "Tries of a team never seen", e.atLeast(), 0)
		e.postNudge("n1")
		e.tries("n1", crowd()[:5]...)
		e.tries("n1", crowd()[:5]...) // the same people once more
		e.tries("n2", crowd()[5:]...) // another text
		equal(e, "Tries of five", e.atLeast(), 5)
	}},
	{"TriesBelowFive", func(e *env) {
		e.postNudge("n1")
		e.tries("n1", crowd()[:4]...)
		equal(e, "Tries of four", e.atLeast(), 0)
	}},
	{"TriesClosedForGood", func(e *env) {
		e.postNudge("n1")
		e.tries("n1", crowd()[:5]...)
		equal(e, "Tries", e.atLeast(), 5)
		e.tries("n1", crowd()...)
		equal(e, "Tries when more tried later", e.atLeast(), 5)
		_, err := e.Forget(e.Context(), crowd()[0])
		equal(e, "Forget", err, nil)
		equal(e, "Tries when one was forgotten later", e.atLeast(), 5)
	}},
	{"TriesTakenBack", func(e *env) {
		e.postNudge("n1")
		e.tries("n1", crowd()[:5]...)
		e.apply("back", crowd()[0], coach.Change{Team: team, Untried: "n1"})
		equal(e, "Tries of five less one", e.atLeast(), 0)
	}},
	{"TriesOfOthersStay", func(e *env) {
		e.postNudge("n1")
		e.tries("n1", crowd()[:5]...)
		e.apply("back1", crowd()[1], coach.Change{Team: team, Untried: "n2"}) // another text
		e.apply("back2", crowd()[11], coach.Change{Team: team, Untried: "n1"})
		equal(e, "Tries of five", e.atLeast(), 5)
	}},
	{"TriesForgotten", func(e *env) {
		e.postNudge("n1")
		e.tries("n1", crowd()[:5]...)
		e.apply("more", bob, coach.Change{Team: team})
		_, err := e.Forget(e.Context(), crowd()[0])
		equal(e, "Forget", err, nil)
		equal(e, "Tries of five less one who was erased", e.atLeast(), 0)
	}},
	{"TriesOutsideTheTeam", func(e *env) {
		e.postNudge("n1")
		e.apply("far", bob, coach.Change{Tried: "n1"}) // of no team
		for _, p := range crowd()[:5] {
			e.apply("dm/"+p.User, p, coach.Change{Tried: "n1"}) // in direct messages
		}
		equal(e, "Tries of five in direct messages", e.atLeast(), 5)
		other := must[int](e, "Tries")(e.Tries(e.Context(), coach.Team{Platform: "p", ID: "t2"}, posted))
		equal(e, "Tries of another team", other, 0)
	}},
}
