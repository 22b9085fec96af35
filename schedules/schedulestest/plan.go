package schedulestest

import (
	"time"

	"rapport/coach"
	"rapport/coach/streak"
	"rapport/schedules"
)

// planRules are about what is due, and moving it on.
var planRules = []rule{
	{"DueWhole", func(e *env) {
		e.wish(ann, question, nudge)
		got := e.due(at(26, 9, 0))
		if len(got) != 2 {
			e.Fatalf("%d rows are due, want 2", len(got))
		}
		want := schedules.Due{ID: got[0].ID, Kind: "question", Subject: "f", To: coach.DirectTo(ann), Zone: "UTC", Next: at(26, 9, 0), Date: "2026-11-26", Exact: true}
		equal(e, "a single wish", got[0], want)
		want = schedules.Due{ID: got[1].ID, Kind: "nudge", Subject: "s", To: channel, Spec: "0 9 * * 4", Zone: "UTC", Next: at(26, 9, 0), Date: "2026-11-26"}
		equal(e, "a standing wish", got[1], want)
	}},
	{"DueNotBefore", func(e *env) {
		e.wish(ann, question)
		equal(e, "rows due a microsecond early", len(e.due(at(26, 9, 0).Add(-time.Microsecond))), 0)
		equal(e, "rows due on time", len(e.due(at(26, 9, 0))), 1)
	}},
	{"DueEarliestFirst", func(e *env) {
		late, early := question, question
		late.Subject, early.Subject, early.Date = "late", "early", "2026-11-25"
		e.wish(ann, late, early)
		equal(e, "dates of what is due", dates(e.all()), []streak.Date{"2026-11-25", "2026-11-26"})
		got, err := e.Due(e.Context(), at(30, 0, 0), 1)
		if err != nil || len(got) != 1 || got[0].Subject != "early" {
			e.Errorf("Due with limit 1 = %+v, %v; want the earliest", got, err)
		}
	}},
	{"CivilTime", func(e *env) {
		gap := coach.Wish{Kind: "question", Subject: "gap", Date: "2027-03-28", Minute: 150, Zone: "Europe/Berlin"}
		e.wish(ann, gap)
		equal(e, "02:30 where clocks go from 02:00 to 03:00", e.only("question").Next, time.Date(2027, 3, 28, 1, 30, 0, 0, time.UTC))
		e.wish(ann, coach.Wish{Kind: "tip", Subject: "s", Spec: "0 9 * * 1", Zone: "America/New_York"})
		equal(e, "Monday 09:00 in New York", e.only("tip").Next, at(23, 14, 0))
	}},
	{"WishReplaces", func(e *env) {
		e.wish(ann, tip)
		s := e.following(e.only("tip"))
		s.Memory = []byte("m")
		e.step(s)
		later := tip
		later.Spec = "0 17 * * *"
		e.wish(ann, later)
		got := e.all()
		if len(got) != 1 {
			e.Fatalf("%d rows after a wish was renewed, want 1", len(got))
		}
		equal(e, "its spec", got[0].Spec, later.Spec)
		equal(e, "its memory", string(got[0].Memory), "m")
		equal(e, "its last date", got[0].Last, "2026-11-23")
		equal(e, "its next, never on a date that was fired", got[0].Next, at(24, 17, 0))
	}},
	{"PlansArePersonal", func(e *env) {
		e.wish(ann, question)
		e.wish(bob, question)
		due := e.all()
		if len(due) != 2 {
			e.Fatalf("%d rows of two people, want 2", len(due))
		}
		for _, d := range due {
			equal(e, "queueing for each of two people", e.step(e.following(d)), schedules.Queued)
		}
		got := e.claim()
		if len(got) != 2 || got[0].Key == got[1].Key || got[0].To == got[1].To {
			e.Errorf("Claim = %+v, want two deliveries with keys of their own", got)
		}
	}},
	{"WishToAnother", func(e *env) {
		w := question
		w.To = coach.DirectTo(bob)
		e.apply(bob, coach.Change{})
		e.wish(ann, w)
		equal(e, "address", e.only("question").To, coach.DirectTo(bob))
	}},
	{"Cancelled", func(e *env) {
		e.wish(ann, question, tip)
		e.wish(bob, tip)
		e.queue("question")
		second := question
		second.Subject = "g"
		e.wish(ann, question, second)
		e.apply(ann, coach.Change{Cancel: []coach.Wish{{Kind: "question", Subject: "f"}, {Kind: "tip", Subject: "rhythm"}}})
		equal(e, "deliveries after their wish was cancelled", len(e.claim()), 0)
		left := e.all()
		if len(left) != 2 || left[0].To != coach.DirectTo(bob) || left[1].Subject != "g" {
			e.Errorf("planned = %+v, want bob's tip and ann's other question", left)
		}
	}},
	{"CancelledTooLate", func(e *env) {
		e.wish(ann, question)
		e.queue("question")
		d := e.claimOne()
		e.start(d)
		e.apply(ann, coach.Change{Cancel: []coach.Wish{question}})
		equal(e, "settling what had started when it was cancelled", e.settle(d, schedules.Outcome{State: schedules.Done}), true)
	}},
	{"CancelledInTime", func(e *env) {
		e.wish(ann, question)
		e.queue("question")
		d := e.claimOne()
		e.apply(ann, coach.Change{Cancel: []coach.Wish{question}})
		equal(e, "starting what was cancelled after it was claimed", e.start(d), false)
	}},
	{"ZoneMoves", func(e *env) {
		e.wish(ann, tip, question)
		e.wish(bob, tip)
		e.stepOf(ann, "tip")
		e.apply(ann, coach.Change{Zone: "America/New_York"})
		for _, d := range e.all() {
			switch {
			case d.To == coach.DirectTo(bob):
				equal(e, "somebody else's zone", d.Zone, "UTC")
			case d.Kind == "question":
				equal(e, "a single wish after the move", d.Next, at(26, 14, 0))
				equal(e, "its date", d.Date, "2026-11-26")
			case d.Kind == "tip":
				equal(e, "a standing wish after the move", d.Zone, "America/New_York")
				equal(e, "its date, never one that was fired", d.Date, "2026-11-24")
				equal(e, "its next", d.Next, at(24, 14, 30))
			}
		}
	}},
	{"AdvanceFenced", func(e *env) {
		e.wish(ann, question)
		s := e.following(e.only("question"))
		equal(e, "first Advance", e.step(s), schedules.Queued)
		equal(e, "Advance of a row that is gone", e.step(s), schedules.Stale)
		e.wish(ann, tip)
		s = e.following(e.only("tip"))
		old := s
		e.wish(ann, coach.Wish{Kind: "tip", Subject: "rhythm", Spec: "0 17 * * *", Zone: "UTC"})
		equal(e, "Advance of a row that has changed", e.step(old), schedules.Stale)
		equal(e, "next of that row", e.only("tip").Next, at(23, 17, 0))
		equal(e, "deliveries", kinds(e.claim()), []string{"question"})
	}},
	{"AdvanceMoves", func(e *env) {
		e.wish(ann, tip)
		d := e.only("tip")
		s := schedules.Step{Due: d, Next: at(24, 9, 30), NextDate: "2026-11-24", Memory: []byte("bag"), Said: []coach.Said{{Item: "i", Date: "2026-11-23"}}}
		equal(e, "Advance", e.step(s), schedules.Moved)
		got := e.only("tip")
		equal(e, "Next", got.Next, s.Next)
		equal(e, "Date", got.Date, "2026-11-24")
		equal(e, "Last", got.Last, "2026-11-23")
		equal(e, "Memory", string(got.Memory), "bag")
		equal(e, "Said", e.said(ann), s.Said)
		equal(e, "deliveries", len(e.claim()), 0)
	}},
	{"AdvanceEnds", func(e *env) {
		e.wish(ann, tip)
		equal(e, "Advance", e.step(schedules.Step{Due: e.only("tip")}), schedules.Moved)
		equal(e, "planned after the wish ended", len(e.all()), 0)
	}},
	{"AdvanceTogether", func(e *env) {
		e.wish(ann, question, nudge)
		due := e.all()
		steps := []schedules.Step{e.following(due[0]), e.following(due[0]), e.following(due[1])}
		got, err := e.Advance(e.Context(), at(26, 9, 0), steps)
		if err != nil {
			e.Fatalf("Advance: %v", err)
		}
		equal(e, "Advance of three steps", got, []schedules.Advanced{schedules.Queued, schedules.Stale, schedules.Queued})
	}},
	{"OccurrenceOnce", func(e *env) {
		for i, want := range []schedules.Advanced{schedules.Queued, schedules.Moved} {
			e.wish(ann, question)
			equal(e, "wish "+string(rune('1'+i))+" for one date", e.step(e.following(e.only("question"))), want)
		}
		equal(e, "deliveries", len(e.claim()), 1)
	}},
	{"WeekOnce", func(e *env) {
		e.wish(ann, nudge)
		e.queue("nudge")
		moved := nudge
		moved.Spec = "0 9 * * 5"
		e.wish(ann, moved)
		equal(e, "date after a move to another day of a week that had its post", e.only("nudge").Date, "2026-12-04")
	}},
	{"WeekOnceInOutbox", func(e *env) {
		e.wish(ann, nudge)
		e.send("nudge", schedules.Outcome{State: schedules.Done})
		moved := nudge
		moved.Spec = "0 9 * * 5"
		e.apply(ann, coach.Change{Cancel: []coach.Wish{nudge}})
		e.wish(ann, moved)
		equal(e, "queueing a second nudge in a week", e.step(e.following(e.only("nudge"))), schedules.Moved)
		equal(e, "queueing one in the next week", e.step(e.following(e.only("nudge"))), schedules.Queued)
	}},
	{"MissedCounted", func(e *env) {
		e.wish(ann, nudge)
		d := e.only("nudge")
		e.step(schedules.Step{Due: d, Next: d.Next.AddDate(0, 0, 7), NextDate: d.Date.Add(7), Missed: "down"})
		e.clock.At = d.Next
		equal(e, "missed slots of the team", e.health().Missed, 1)
		e.clock.At = d.Next.AddDate(0, 0, 36)
		equal(e, "missed slots 36 days later", e.health().Missed, 0)
	}},
}

// budgetRules are about one rhythm message a day.
var budgetRules = []rule{
	{"RhythmOnceADay", func(e *env) {
		other := tip
		other.Kind = "reflection"
		e.wish(ann, tip, other)
		e.wish(bob, tip)
		equal(e, "the first of a day", e.stepOf(ann, "tip"), schedules.Queued)
		equal(e, "the second of a day", e.stepOf(ann, "reflection"), schedules.Spent)
		equal(e, "somebody else's", e.stepOf(bob, "tip"), schedules.Queued)
		equal(e, "the next day's", e.stepOf(ann, "reflection"), schedules.Queued)
	}},
	{"ExactAlwaysGoes", func(e *env) {
		monday := question
		monday.Date, monday.Minute = "2026-11-23", 600
		e.wish(ann, tip)
		equal(e, "a tip", e.stepOf(ann, "tip"), schedules.Queued)
		second := monday
		second.Subject = "g"
		e.wish(ann, monday, second)
		equal(e, "asked for on that day", e.stepOf(ann, "question"), schedules.Queued)
		equal(e, "another asked for on that day", e.stepOf(ann, "question"), schedules.Queued)
	}},
	{"ExactUsesTheDay", func(e *env) {
		exact := question
		exact.Date, exact.Minute = "2026-11-23", 555
		e.wish(ann, exact, tip)
		equal(e, "asked for", e.stepOf(ann, "question"), schedules.Queued)
		equal(e, "a tip on that day", e.stepOf(ann, "tip"), schedules.Spent)
	}},
	{"RhythmYieldsToExact", func(e *env) {
		exact := question
		exact.Date, exact.Minute = "2026-11-23", 1000
		e.wish(ann, exact, tip)
		e.wish(bob, tip)
		equal(e, "a tip before what was asked for that day", e.stepOf(ann, "tip"), schedules.Spent)
		equal(e, "somebody else's tip", e.stepOf(bob, "tip"), schedules.Queued)
		equal(e, "a tip on the next day", e.stepOf(ann, "tip"), schedules.Queued)
	}},
	{"SpentLeavesNothing", func(e *env) {
		other := tip
		other.Kind = "reflection"
		e.wish(ann, tip, other)
		e.stepOf(ann, "tip")
		s := e.following(e.only("reflection"))
		s.Memory, s.Said = []byte("bag"), []coach.Said{{Item: "i", Date: "2026-11-23"}}
		equal(e, "the second of a day", e.step(s), schedules.Spent)
		equal(e, "items said", len(e.said(ann)), 0)
		equal(e, "memory", string(e.only("reflection").Memory), "")
	}},
	{"SaidWhenQueued", func(e *env) {
		e.wish(ann, tip)
		s := e.following(e.only("tip"))
		s.Memory, s.Said = []byte("bag"), []coach.Said{{Item: "i", Date: "2026-11-23"}}
		equal(e, "a tip", e.step(s), schedules.Queued)
		equal(e, "items said", e.said(ann), s.Said)
		equal(e, "memory", string(e.only("tip").Memory), "bag")
	}},
	{"DeadGivesTheDayBack", func(e *env) {
		other := tip
		other.Kind = "reflection"
		e.wish(ann, tip, other)
		e.send("tip", schedules.Outcome{State: schedules.Dead, Why: "bad payload"})
		equal(e, "another on that day", e.stepOf(ann, "reflection"), schedules.Queued)
	}},
	{"InDoubtKeepsTheDay", func(e *env) {
		other := tip
		other.Kind = "reflection"
		e.wish(ann, tip, other)
		e.send("tip", schedules.Outcome{State: schedules.InDoubt, Why: "timeout"})
		equal(e, "another on that day", e.stepOf(ann, "reflection"), schedules.Spent)
	}},
	{"ChannelHasNoBudget", func(e *env) {
		post := nudge
		post.Kind, post.Spec = "channel-tip", "30 9 * * 1-5"
		second := post
		second.Subject = "other"
		e.wish(ann, post, second)
		equal(e, "a post", e.step(e.following(e.all()[0])), schedules.Queued)
		equal(e, "another on that day", e.step(e.following(e.all()[0])), schedules.Queued)
	}},
}

// stepOf queues the first planned row of a kind for a person.
func (e *env) stepOf(who coach.Person, kind string) schedules.Advanced {
	e.Helper()
	for _, d := range e.all() {
		if d.Kind == kind && d.To == coach.DirectTo(who) {
			return e.step(e.following(d))
		}
	}
	e.Fatalf("no %s is planned for %v", kind, who)
	return schedules.Stale
}
