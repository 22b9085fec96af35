package coachtest

import (
	"rapport/coach"
	"rapport/coach/streak"
	"rapport/schedules"
)

// troubleRules are about what happens to a person or a team and is not their
// doing. They need a store that also delivers.
var troubleRules = []rule{
	{"UnseenOfUnknown", func(e *env) {
		c := coach.Change{Team: team, Settings: &coach.Settings{Zone: "Asia/Tokyo"}, Zone: "Asia/Tokyo", Unseen: true}
		equal(e, "Unseen change of somebody unknown", e.apply("r1", ann, c), coach.Applied{})
		equal(e, "Self after it", e.self(ann), coach.Self{})
		equal(e, "LastPress after it", e.health().LastPress.IsZero(), true)
	}},
	{"UnseenIsNoPress", func(e *env) {
		w := coach.Wish{Kind: "tip", Subject: "s", To: coach.DirectTo(ann), Spec: "0 9 * * *", Zone: "UTC"}
		e.apply("r1", ann, coach.Change{Team: team, Wishes: []coach.Wish{w}})
		e.clock.At = e.clock.At.AddDate(0, 0, 1)
		e.deliver(schedules.Outcome{State: schedules.Done})
		equal(e, "Unanswered after a message", e.self(ann).Unanswered, 1)
		before := e.health().LastPress
		s := coach.Settings{Zone: "Asia/Tokyo"}
		zone := streak.Stamp(e.clock.At, e.tokyo(), streak.Event{Key: "z", Kind: streak.Zone, Assumed: true})
		got := e.apply("r2", ann, coach.Change{Team: team, Settings: &s, Zone: s.Zone, Events: []streak.Event{zone}, Answer: "a", Unseen: true})
		equal(e, "Applied", got, coach.Applied{First: true, Answer: "a"})
		equal(e, "Unanswered after an unseen change", e.self(ann).Unanswered, 1)
		equal(e, "LastPress after an unseen change", e.health().LastPress, before)
		equal(e, "Settings", e.self(ann).Settings, s)
		equal(e, "events", e.log(ann)[len(e.log(ann))-1], zone)
		due := e.due()
		equal(e, "schedules waiting", len(due), 1)
		equal(e, "their zone", due[0].Zone, "Asia/Tokyo")
		e.apply("r3", ann, coach.Change{})
		equal(e, "Unanswered after a press", e.self(ann).Unanswered, 0)
	}},
	{"TroubleToldOnce", func(e *env) {
		equal(e, "Trouble of a team never seen", e.trouble(), "")
		e.told()
		plan := func(id string) {
			w := coach.Wish{Kind: "post", Subject: id, To: coach.ChannelOf(team, "c1"), Spec: "0 9 * * *", Zone: "UTC"}
			e.apply(id, ann, coach.Change{Team: team, TeamPlan: &coach.TeamSettings{Channel: "c1", Zone: "UTC"}, Wishes: []coach.Wish{w}})
		}
		fail := func() {
			e.clock.At = e.clock.At.AddDate(0, 0, 1)
			e.deliver(schedules.Outcome{State: schedules.Dead, Close: true, Why: "archived"})
		}
		plan("r1")
		e.told() // of nothing
		fail()
		equal(e, "Trouble", e.trouble(), "archived")
		equal(e, "Trouble asked again", e.trouble(), "archived")
		e.told()
		equal(e, "Trouble that was told", e.trouble(), "")
		equal(e, "Problem that was told", e.health().Problem, "archived")
		e.apply("r2", bob, coach.Change{Team: team})
		equal(e, "Trouble after a press", e.trouble(), "")
		plan("r3")
		equal(e, "Trouble when set up again", e.trouble(), "")
		fail()
		equal(e, "Trouble of a team set up again", e.trouble(), "archived")
		e.told()
		plan("r4")
		e.clock.At = e.clock.At.AddDate(0, 0, 1)
		e.deliver(schedules.Outcome{State: schedules.Done})
		equal(e, "Trouble when a post got through", e.trouble(), "")
		fail()
		equal(e, "Trouble after that", e.trouble(), "archived")
	}},
}
