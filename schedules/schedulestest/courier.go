package schedulestest

import (
	"time"

	"rapport/coach"
	"rapport/coach/streak"
	"rapport/schedules"
)

// courierRules are about what is on its way.
var courierRules = []rule{
	{"DeliveryWhole", func(e *env) {
		e.wish(ann, question)
		d := e.only("question")
		e.step(e.following(d))
		got := e.claimOne()
		want := *delivery(d)
		want.ID, want.Key, want.Ready, want.Attempt, want.Owner = got.ID, got.Key, want.DueAt, 1, "me"
		got.DueAt, got.Ready = got.DueAt.UTC(), got.Ready.UTC()
		equal(e, "Claim", got, want)
		equal(e, "has a key", got.Key != "", true)
	}},
	{"ClaimOnce", func(e *env) {
		e.wish(ann, question)
		e.queue("question")
		equal(e, "first Claim", len(e.claim()), 1)
		equal(e, "second Claim", len(e.claim()), 0)
	}},
	{"ClaimNotBeforeReady", func(e *env) {
		e.wish(ann, question)
		s := e.following(e.only("question"))
		s.Delivery.Ready = at(26, 9, 5)
		e.step(s)
		c := schedules.Claim{Now: at(26, 9, 5).Add(-time.Microsecond), Machine: machine, Owner: "me", Lease: lease, PerLane: 9, Limit: 9}
		equal(e, "Claim a microsecond early", len(e.claimAs(c)), 0)
		c.Now = at(26, 9, 5)
		equal(e, "Claim on time", len(e.claimAs(c)), 1)
	}},
	{"ClaimByLane", func(e *env) {
		for i, ch := range []string{"c3", "c1", "c2"} {
			for _, subject := range []string{"x", "y"} {
				w := coach.Wish{Kind: ch + subject, Subject: subject, To: coach.ChannelOf(team, ch), Date: "2026-11-24", Minute: i, Zone: "UTC"}
				if subject == "y" {
					w.Minute += 60
				}
				e.wish(ann, w)
				e.queue(w.Kind)
			}
		}
		c := schedules.Claim{Now: at(25, 0, 0), Machine: machine, Owner: "me", Lease: lease, PerLane: 1, Limit: 2, Skip: []string{"c1"}}
		equal(e, "one of each lane, the oldest lane first, without the one that waits", kinds(e.claimAs(c)), []string{"c3x", "c2x"})
		c.Skip = nil
		equal(e, "the lane that waited first, then the oldest", kinds(e.claimAs(c)), []string{"c1x", "c3y"})
		c.Limit = 9
		equal(e, "the rest", kinds(e.claimAs(c)), []string{"c1y", "c2y"})
	}},
	{"StoppedTeamGetsNothing", func(e *env) {
		e.wish(ann, nudge)
		e.queue("nudge")
		e.stop(team, true)
		equal(e, "Claim for a stopped team", len(e.claim()), 0)
		e.stop(team, false)
		equal(e, "Claim when it is on again: what was barred is dead", len(e.claim()), 0)
	}},
	{"StoppedTeamsPeopleGetNothing", func(e *env) {
		e.apply(ann, coach.Change{Team: team, Wishes: []coach.Wish{question}})
		other := coach.Team{Platform: "p", ID: "t2"}
		e.apply(ann, coach.Change{Team: other, Wishes: []coach.Wish{tip}})
		e.queue("tip")
		e.stop(team, true)
		equal(e, "Claim for a member of a team that is on and one that is not", len(e.claim()), 1)
		e.queue("question")
		e.stop(other, true)
		equal(e, "Claim for a member of stopped teams alone", len(e.claim()), 0)
	}},
	{"PausedGetNothing", func(e *env) {
		for _, c := range []struct {
			from, until streak.Date
			want        int
		}{
			{"2026-11-26", "2026-11-26", 0}, {"2026-11-20", "2026-12-20", 0}, {"2026-11-27", "2026-12-20", 1}, {"2026-11-20", "2026-11-25", 1},
		} {
			w := question
			w.Subject = string(c.from + c.until)
			e.apply(ann, coach.Change{Wishes: []coach.Wish{w}})
			e.queue("question")
			e.apply(ann, coach.Change{Settings: &coach.Settings{PauseFrom: c.from, PauseUntil: c.until}})
			equal(e, "Claim for 2026-11-26 in a pause of "+w.Subject, len(e.claim()), c.want)
		}
	}},
	{"BarredGivesTheDayBack", func(e *env) {
		other := tip
		other.Kind = "reflection"
		e.wish(ann, tip, other)
		e.queue("tip")
		e.apply(ann, coach.Change{Settings: &coach.Settings{PauseFrom: "2026-11-23", PauseUntil: "2026-11-23"}})
		e.claim()
		equal(e, "another on the day of one that was barred", e.stepOf(ann, "reflection"), schedules.Queued)
	}},
	{"StartFenced", func(e *env) {
		e.wish(ann, question)
		e.queue("question")
		d := e.claimOne()
		other, older := d, d
		other.Owner = "you"
		older.Attempt--
		equal(e, "Start by another owner", e.start(other), false)
		equal(e, "Start of an earlier attempt", e.start(older), false)
		equal(e, "Start when the lease is over", e.startAt(d, machine.Add(lease)), false)
		equal(e, "Start", e.start(d), true)
		equal(e, "Start again", e.startAt(d, machine.Add(2*time.Second)), true)
		equal(e, "when it started", e.lapsed(machine.Add(lease))[0].Started.UTC(), machine.Add(time.Second))
	}},
	{"StartLooksAgain", func(e *env) {
		e.wish(ann, nudge)
		e.queue("nudge")
		d := e.claimOne()
		e.stop(team, true)
		equal(e, "Start for a team stopped since", e.start(d), false)
		e.stop(team, false)
		equal(e, "Start when it is on again: what was barred is dead", e.start(d), false)
		e.wish(ann, question)
		e.queue("question")
		d = e.claimOne()
		e.apply(ann, coach.Change{Settings: &coach.Settings{PauseFrom: "2026-11-26", PauseUntil: "2026-11-26"}})
		equal(e, "Start for a person paused since", e.start(d), false)
	}},
	{"SettleFenced", func(e *env) {
		e.wish(ann, question)
		e.queue("question")
		d := e.claimOne()
		e.start(d)
		done := schedules.Outcome{State: schedules.Done, Ref: "x"}
		other, older := d, d
		other.Owner = "you"
		older.Attempt--
		equal(e, "Settle by another owner", e.settle(other, done), false)
		equal(e, "Settle of an earlier attempt", e.settle(older, done), false)
		equal(e, "Settle", e.settle(d, done), true)
		equal(e, "Settle again", e.settle(d, schedules.Outcome{State: schedules.Ready, Ready: monday}), false)
		equal(e, "Claim of what is done", len(e.claim()), 0)
	}},
	{"SettledReady", func(e *env) {
		e.wish(ann, question)
		e.queue("question")
		d := e.claimOne()
		e.start(d)
		equal(e, "Settle", e.settle(d, schedules.Outcome{State: schedules.Ready, Ready: at(26, 10, 0)}), true)
		c := schedules.Claim{Now: at(26, 9, 59), Machine: machine, Owner: "you", Lease: lease, PerLane: 9, Limit: 9}
		equal(e, "Claim before it is to be tried again", len(e.claimAs(c)), 0)
		c.Now = at(26, 10, 0)
		got := e.claimAs(c)
		if len(got) != 1 || got[0].Attempt != 2 || got[0].Owner != "you" || !got[0].Started.IsZero() || got[0].Key != d.Key {
			e.Fatalf("Claim of a second try = %+v, want attempt 2 of you, not started, with the same key", got)
		}
		equal(e, "Settle by the first owner", e.settle(d, schedules.Outcome{State: schedules.Done}), false)
	}},
	{"DeadIsDead", func(e *env) {
		e.wish(ann, question)
		e.send("question", schedules.Outcome{State: schedules.Dead, Why: "bad payload"})
		equal(e, "Claim of what is dead", len(e.claim()), 0)
		e.wish(ann, question)
		equal(e, "the same occurrence again", e.step(e.following(e.only("question"))), schedules.Moved)
	}},
	{"InDoubtMayBeTriedAgain", func(e *env) {
		e.wish(ann, question)
		e.queue("question")
		d := e.claimOne()
		e.start(d)
		equal(e, "Settle in doubt", e.settle(d, schedules.Outcome{State: schedules.InDoubt, Why: "timeout"}), true)
		equal(e, "Claim of what is in doubt", len(e.claim()), 0)
		equal(e, "Settle as ready", e.settle(d, schedules.Outcome{State: schedules.Ready, Ready: monday}), true)
		again := e.claimOne()
		equal(e, "when it may first have been sent", again.Started.UTC(), machine.Add(time.Second))
		equal(e, "Start of it", e.startAt(again, machine.Add(30*time.Second)), true)
		equal(e, "when it may first have been sent, still", e.lapsed(machine.Add(lease))[0].Started.UTC(), machine.Add(time.Second))
	}},
	{"LapsedUnstarted", func(e *env) {
		e.wish(ann, question)
		e.queue("question")
		d := e.claimOne()
		equal(e, "in doubt before the lease is over", len(e.lapsed(machine.Add(lease-time.Microsecond))), 0)
		equal(e, "Claim before the lease is over", len(e.claim()), 0)
		equal(e, "in doubt though it never started", len(e.lapsed(machine.Add(lease))), 0)
		equal(e, "Start of what lapsed", e.start(d), false)
		equal(e, "attempt after it lapsed", e.claimOne().Attempt, 2)
	}},
	{"LapsedAhead", func(e *env) {
		e.wish(ann, question)
		e.wish(ann, tip)
		e.queue("question")
		e.start(e.claimOne())
		e.queue("tip")
		e.claimOne()
		before := machine.Add(-24 * time.Hour) // the clock was put back by a day
		equal(e, "in doubt while the lease may be one", len(e.lapsed(machine.Add(lease-schedules.LongestLease))), 0)
		equal(e, "in doubt, of what started", len(e.lapsed(before)), 1)
		equal(e, "Claim of what never started", len(e.claim()), 1)
	}},
	{"LapsedStarted", func(e *env) {
		e.wish(ann, question)
		e.queue("question")
		d := e.claimOne()
		e.start(d)
		equal(e, "in doubt before the lease is over", len(e.lapsed(machine.Add(lease-time.Microsecond))), 0)
		got := e.lapsed(machine.Add(lease))
		if len(got) != 1 || got[0].ID != d.ID || got[0].Started.IsZero() {
			e.Fatalf("Lapsed = %+v, want the delivery that had started", got)
		}
		equal(e, "in doubt a second time", len(e.lapsed(machine.Add(lease))), 0)
		equal(e, "Claim of what is in doubt", len(e.claim()), 0)
	}},
}

// stop sets the kill switch of a team.
func (e *env) stop(t coach.Team, stopped bool) {
	e.Helper()
	e.apply(bob, coach.Change{Team: t, TeamPlan: &coach.TeamSettings{Stopped: stopped, WeekStart: time.Monday}})
}

// effectRules are about what else an outcome changes.
var effectRules = []rule{
	{"DoneIsCounted", func(e *env) {
		e.wish(ann, tip, question)
		e.send("tip", schedules.Outcome{State: schedules.Done})
		equal(e, "unanswered after a tip", e.self(ann).Unanswered, 1)
		e.send("question", schedules.Outcome{State: schedules.Done})
		equal(e, "unanswered after what was asked for", e.self(ann).Unanswered, 1)
		e.send("tip", schedules.Outcome{State: schedules.InDoubt})
		equal(e, "unanswered after one in doubt", e.self(ann).Unanswered, 1)
		e.apply(ann, coach.Change{})
		equal(e, "unanswered after a press", e.self(ann).Unanswered, 0)
	}},
	{"DoneIsShown", func(e *env) {
		e.wish(ann, nudge)
		e.clock.At = at(26, 9, 1)
		last := func() string {
			met, err := e.Meet(e.Context(), ann, team)
			if err != nil {
				e.Fatalf("Meet: %v", err)
			}
			return met.Nudge + " " + string(met.NudgeOn)
		}
		equal(e, "Nudge of Meet before there was one", last(), " ")
		e.send("nudge", schedules.Outcome{State: schedules.Done})
		equal(e, "Nudge of Meet", last(), "i1 2026-11-26")
		h := e.health()
		equal(e, "LastSent", h.LastSent.UTC(), at(26, 9, 1))
		equal(e, "Nudge", h.Nudge, "i1")
		equal(e, "NudgeOn", h.NudgeOn, "2026-11-26")
		equal(e, "NextDue", h.NextDue.UTC(), at(26, 9, 0).AddDate(0, 0, 7))
		r, err := e.Receipt(e.Context(), ann)
		if err != nil || r.Messages != 0 {
			e.Errorf("Receipt counts %d messages, %v; want none: it went to a channel", r.Messages, err)
		}
	}},
	{"MessagesInReceipt", func(e *env) {
		e.wish(ann, question)
		e.send("question", schedules.Outcome{State: schedules.Done})
		r, err := e.Receipt(e.Context(), ann)
		if err != nil || r.Messages != 1 {
			e.Errorf("Receipt counts %d messages, %v; want 1", r.Messages, err)
		}
	}},
	{"InDoubtIsShown", func(e *env) {
		e.wish(ann, nudge)
		e.send("nudge", schedules.Outcome{State: schedules.InDoubt, Why: "timeout"})
		equal(e, "in doubt", e.health().InDoubt, 1)
		e.clock.At = at(26, 9, 0).AddDate(0, 0, 36)
		equal(e, "in doubt 36 days later", e.health().InDoubt, 0)
	}},
	{"ClosedChannel", func(e *env) {
		post, elsewhere := nudge, nudge
		post.Kind = "channel-tip"
		elsewhere.Kind, elsewhere.To = "elsewhere", coach.ChannelOf(team, "c2")
		e.wish(ann, nudge, post, elsewhere)
		e.queue("nudge")
		e.queue("channel-tip")
		c := schedules.Claim{Now: at(30, 0, 0), Machine: machine, Owner: "me", Lease: lease, PerLane: 1, Limit: 1}
		d := e.claimAs(c)[0]
		e.start(d)
		e.settle(d, schedules.Outcome{State: schedules.Dead, Why: "archived", Close: true})
		equal(e, "Problem", e.health().Problem, "archived")
		equal(e, "Claim for a channel that is gone", len(e.claim()), 0)
		left := e.all()
		if len(left) != 1 || left[0].Kind != "elsewhere" {
			e.Errorf("planned = %+v, want only what goes to another channel", left)
		}
		e.apply(ann, coach.Change{Team: team, TeamPlan: &coach.TeamSettings{}})
		equal(e, "Problem after a new set-up", e.health().Problem, "")
	}},
	{"ClosedPerson", func(e *env) {
		e.wish(ann, tip, question)
		e.wish(bob, tip)
		e.apply(ann, coach.Change{Wishes: []coach.Wish{nudge}})
		d := e.claimTip(ann)
		e.start(d)
		e.queue("question")
		e.settle(d, schedules.Outcome{State: schedules.Dead, Why: "blocked", Close: true})
		equal(e, "Closed", e.self(ann).Closed, true)
		equal(e, "another's Closed", e.self(bob).Closed, false)
		equal(e, "Claim for a door that is shut", len(e.claim()), 0)
		for _, left := range e.all() {
			equal(e, "planned for ann", left.To == coach.DirectTo(ann), false)
		}
		equal(e, "planned for others", len(e.all()), 2)
		e.wish(ann, tip)
		equal(e, "Closed after a new wish", e.self(ann).Closed, false)
	}},
	{"OursIsExcused", func(e *env) {
		e.wish(ann, tip)
		e.clock.At = at(23, 10, 0)
		e.send("tip", schedules.Outcome{State: schedules.Dead, Why: "bad payload", Ours: true})
		log, err := e.Events(e.Context(), ann)
		if err != nil || len(log) != 1 {
			e.Fatalf("Events = %+v, %v; want one", log, err)
		}
		equal(e, "kind of event", log[0].Kind, streak.Excused)
		equal(e, "its day", log[0].From, "2026-11-23")
		equal(e, "Ledger", e.self(ann).Ledger, streak.Fold(log, ""))
	}},
	{"TheirsIsNot", func(e *env) {
		e.wish(ann, tip)
		e.send("tip", schedules.Outcome{State: schedules.Dead, Why: "cancelled"})
		log, err := e.Events(e.Context(), ann)
		if err != nil || len(log) != 0 {
			e.Errorf("Events = %+v, %v; want none", log, err)
		}
	}},
	{"ForgottenGetNothing", func(e *env) {
		second := question
		second.Subject = "g"
		e.wish(ann, question, second, tip)
		e.wish(bob, question)
		ready := e.stepOf(ann, "question")
		equal(e, "queued", ready, schedules.Queued)
		d := e.claimOne()
		e.stepOf(ann, "question")
		if _, err := e.Forget(e.Context(), ann); err != nil {
			e.Fatalf("Forget: %v", err)
		}
		equal(e, "Start for somebody forgotten", e.start(d), false)
		equal(e, "Settle for somebody forgotten", e.settle(d, schedules.Outcome{State: schedules.Done}), false)
		equal(e, "Claim for somebody forgotten", len(e.claim()), 0)
		left := e.all()
		if len(left) != 1 || left[0].To != coach.DirectTo(bob) {
			e.Errorf("planned = %+v, want only bob's", left)
		}
	}},
}

// claimTip queues and claims the tip of a person.
func (e *env) claimTip(who coach.Person) schedules.Delivery {
	e.Helper()
	if got := e.stepOf(who, "tip"); got != schedules.Queued {
		e.Fatalf("queueing a tip = %v, want queued", got)
	}
	return e.claimOne()
}
