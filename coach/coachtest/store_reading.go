package coachtest

import (
	"time"

	"rapport/coach"
	"rapport/coach/streak"
)

var readingRules = []rule{
	{"UnknownIsZero", func(e *env) {
		for range 2 {
			equal(e, "Self of somebody unknown", e.self(ann), coach.Self{})
			equal(e, "Receipt of somebody unknown", e.receipt(ann), coach.Receipt{})
		}
	}},
	{"MeetIsSelfAndSettings", func(e *env) {
		e.apply("r1", ann, coach.Change{Team: team, Settings: &coach.Settings{Minute: 9}, TeamPlan: &coach.TeamSettings{Channel: "c1", Owner: ann}})
		for range 2 {
			for _, who := range []coach.Person{{}, ann, bob} {
				for _, t := range []coach.Team{{}, team, {Platform: "p", ID: "t2"}} {
					met, err := e.Meet(e.Context(), who, t)
					want, wantErr := e.TeamSettings(e.Context(), t)
					if err != nil || wantErr != nil {
						e.Fatalf("Meet: %v, TeamSettings: %v", err, wantErr)
					}
					equal(e, "Self of Meet", met.Self, e.self(who))
					equal(e, "Team of Meet", met.Team, want)
				}
			}
			e.apply("r2", ann, coach.Change{Team: team, Settings: &coach.Settings{Minute: 10}, TeamPlan: &coach.TeamSettings{Channel: "c2"}})
		}
	}},
	{"KnownSince", func(e *env) {
		e.apply("r1", ann, coach.Change{})
		e.clock.At = e.clock.At.Add(time.Hour)
		e.apply("r2", ann, coach.Change{})
		self := e.self(ann)
		equal(e, "Known", self.Known, true)
		equal(e, "Since", self.Since, Monday)
		equal(e, "another's Known", e.self(bob).Known, false)
	}},
	{"EventsWhole", func(e *env) {
		full := streak.Event{Key: "k2", Kind: streak.Pause, At: Monday, Zone: "Europe/Berlin", Offset: 3600, Date: "2026-11-23",
			Week: "2026-11-16", Step: 4, Item: "m2", Outcome: "hard", From: "2026-11-24", Until: "2026-12-01", Ref: "k1", Assumed: true, Start: time.Saturday}
		early := streak.Stamp(Monday.Add(-time.Hour), time.UTC, streak.Event{Key: "k1", Kind: streak.CheckIn})
		e.apply("r1", ann, coach.Change{Events: []streak.Event{full}})
		e.apply("r2", ann, coach.Change{Events: []streak.Event{early}})
		equal(e, "Events, oldest first", e.log(ann), []streak.Event{early, full})
		equal(e, "another's events", len(e.log(bob)), 0)
	}},
	{"NotesNewestFirst", func(e *env) {
		for _, words := range []string{"one", "two", "three"} {
			e.apply("r-"+words, ann, coach.Change{AddNotes: []coach.Note{e.note(words)}})
		}
		all := e.notes(ann)
		if len(all) != 3 {
			e.Fatalf("%d notes, want 3", len(all))
		}
		want := e.note("three")
		want.ID = all[0].ID
		equal(e, "the newest note", all[0], want)
		equal(e, "words of the oldest", all[2].Words, "one")
		equal(e, "ids grow", all[0].ID > all[1].ID && all[1].ID > all[2].ID, true)
		page := must[[]coach.Note](e, "Notes")(e.Notes(e.Context(), ann, all[0].ID, 1))
		equal(e, "the page of one note below the newest", page, all[1:2])
		equal(e, "another's notes", len(e.notes(bob)), 0)
	}},
	{"FlowsOpenOldestFirst", func(e *env) {
		late := coach.Flow{ID: "a", Kind: "try", Made: Monday.Add(time.Hour), Words: "secret"}
		early := coach.Flow{ID: "b", Kind: "try", Made: Monday, Expires: Monday.Add(2 * time.Hour)}
		e.apply("r1", ann, coach.Change{PutFlows: []coach.Flow{late, early}})
		late.Words = ""
		equal(e, "Flows", e.self(ann).Flows, []coach.Flow{early, late})
		equal(e, "another's words", e.words(bob, "a"), "")
		e.clock.At = early.Expires
		equal(e, "Flows when one has expired", e.self(ann).Flows, []coach.Flow{late})
	}},
	{"DraftsExpire", func(e *env) {
		d := coach.Draft{ID: "d", Action: coach.Do("journal"), Answers: map[string]string{"words": "typed"}, Expires: Monday.Add(24 * time.Hour)}
		e.apply("r1", ann, coach.Change{PutDraft: &d})
		_, ok := e.draft(bob, "d")
		equal(e, "another's draft found", ok, false)
		e.clock.At = d.Expires
		_, ok = e.draft(ann, "d")
		equal(e, "draft found when it has expired", ok, false)
	}},
	{"SaidSince", func(e *env) {
		e.apply("r1", ann, coach.Change{Said: []coach.Said{{Item: "b", Date: "2026-11-23"}, {Item: "a", Date: "2026-11-22"}, {Item: "b", Date: "2026-11-23"}}})
		equal(e, "Said since the second day", e.said(ann, "2026-11-23"), []coach.Said{{Item: "b", Date: "2026-11-23"}})
		equal(e, "Said since ever", e.said(ann, ""), []coach.Said{{Item: "a", Date: "2026-11-22"}, {Item: "b", Date: "2026-11-23"}})
		equal(e, "said to another", len(e.said(bob, "")), 0)
	}},
	{"ReceiptCounts", func(e *env) {
		undo := streak.Stamp(Monday, time.UTC, streak.Event{Key: "u", Kind: streak.Undo, Ref: "k1"})
		e.apply("r1", ann, coach.Change{Events: []streak.Event{e.checkIn("k1"), e.checkIn("k2"), undo}, AddNotes: []coach.Note{e.note("one")},
			PutFlows: []coach.Flow{{ID: "f", Made: Monday}}, Zone: "Europe/Berlin"})
		want := coach.Receipt{CheckIns: 1, Notes: 1, Flows: 1, Zone: "Europe/Berlin", Since: Monday}
		equal(e, "Receipt", e.receipt(ann), want)
	}},
	{"PressSeen", func(e *env) {
		equal(e, "LastPress in a new team", e.health().LastPress, time.Time{})
		e.apply("r1", ann, coach.Change{Team: team})
		e.clock.At = e.clock.At.Add(time.Hour)
		e.apply("r2", bob, coach.Change{Team: team})
		e.apply("r3", bob, coach.Change{Team: coach.Team{Platform: "p", ID: "t2"}})
		equal(e, "LastPress", e.health().LastPress, e.clock.At)
	}},
	{"PlannedOfTeam", func(e *env) {
		w := coach.Wish{Kind: "nudge", Subject: "s", To: coach.ChannelOf(team, "c1"), Spec: "30 9 * * 3", Zone: "Europe/Berlin"}
		e.apply("r1", ann, coach.Change{Team: team, Wishes: []coach.Wish{w}})
		got, ok := e.planned("nudge")
		got.At = got.At.UTC()
		equal(e, "planned", ok, true)
		equal(e, "Planned", got, coach.Occasion{Kind: "nudge", Subject: "s", To: w.To, Date: "2026-11-25", At: time.Date(2026, 11, 25, 8, 30, 0, 0, time.UTC), Zone: "Europe/Berlin"})
		equal(e, "NextDue", e.health().NextDue.UTC(), got.At)
		_, ok = e.planned("tip")
		equal(e, "planned of another kind", ok, false)
		_, ok, err := e.Planned(e.Context(), coach.Team{Platform: "p", ID: "t2"}, "nudge")
		equal(e, "planned of another team", ok || err != nil, false)
	}},
}
