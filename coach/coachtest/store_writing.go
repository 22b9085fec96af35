package coachtest

import (
	"fmt"
	"sync"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
)

var writingRules = []rule{
	{"RequestOnce", func(e *env) {
		c := coach.Change{Answer: "a1", Events: []streak.Event{e.checkIn("k")}, AddNotes: []coach.Note{e.note("one")}}
		equal(e, "first Apply", e.apply("r1", ann, c), coach.Applied{First: true, Answer: "a1"})
		again := coach.Change{Answer: "a2", Events: []streak.Event{e.checkIn("other")}, AddNotes: []coach.Note{e.note("two")}}
		equal(e, "the same request again", e.apply("r1", ann, again), coach.Applied{Answer: "a1"})
		equal(e, "events after it", len(e.log(ann)), 1)
		equal(e, "notes after it", len(e.notes(ann)), 1)
	}},
	{"AppliedIsSelf", func(e *env) {
		e.apply("r0", bob, coach.Change{Settings: &coach.Settings{Minute: 7}})
		for i, c := range []coach.Change{
			{Team: team}, {Settings: &coach.Settings{Minute: 9, Zone: "UTC"}, Zone: "UTC"},
			{Events: []streak.Event{e.checkIn("k")}, PutFlows: []coach.Flow{{ID: "b", Made: e.clock.At, Words: "w"}, {ID: "a", Made: e.clock.At, Expires: e.clock.At.Add(time.Hour)}}},
			{Events: []streak.Event{e.checkIn("k")}, Settings: &coach.Settings{}}, // a second press
			{Events: []streak.Event{e.checkIn("l")}, DropFlows: []string{"b"}},
			{Wishes: []coach.Wish{{Kind: "tip", Spec: "0 9 * * *", Zone: "UTC"}}},
		} {
			equal(e, "what Apply tells is known", e.applySelf(fmt.Sprint("r", i+1), ann, c).Self, e.self(ann))
		}
		equal(e, "what a repetition tells is known", e.applySelf("r1", ann, coach.Change{}).Self, e.self(ann))
	}},
	{"RequestKeptSevenDays", func(e *env) {
		e.apply("r1", ann, coach.Change{Answer: "a1"})
		e.clock.At = e.clock.At.AddDate(0, 0, 7).Add(-time.Minute)
		equal(e, "the same request a week later", e.apply("r1", ann, coach.Change{Answer: "a2"}), coach.Applied{Answer: "a1"})
	}},
	{"NoRequestID", func(e *env) {
		for range 2 {
			equal(e, "Apply without a request", e.apply("", ann, coach.Change{Answer: "a"}).First, true)
		}
	}},
	{"MeaningOnce", func(e *env) {
		e.apply("r1", ann, coach.Change{Answer: "a1", Events: []streak.Event{e.checkIn("k")}})
		e.apply("r2", ann, coach.Change{Answer: "b1", Events: []streak.Event{e.checkIn("l")}})
		again := coach.Change{Answer: "a2", Events: []streak.Event{e.checkIn("new"), e.checkIn("k")}, AddNotes: []coach.Note{e.note("two")},
			Settings: &coach.Settings{Minute: 9}}
		equal(e, "a second press of one meaning", e.apply("r3", ann, again), coach.Applied{Answer: "a1"})
		equal(e, "events after it", len(e.log(ann)), 2)
		equal(e, "notes after it", len(e.notes(ann)), 0)
		equal(e, "settings after it", e.self(ann).Settings, coach.Settings{})
	}},
	{"MeaningIsPersonal", func(e *env) {
		e.apply("r1", ann, coach.Change{Events: []streak.Event{e.checkIn("k")}})
		equal(e, "another's press of one meaning", e.apply("r2", bob, coach.Change{Events: []streak.Event{e.checkIn("k")}}).First, true)
		equal(e, "ann's events", len(e.log(ann)), 1)
	}},
	{"NoKeyNoMeaning", func(e *env) {
		e.apply("r1", ann, coach.Change{Events: []streak.Event{e.checkIn("")}})
		e.apply("r2", ann, coach.Change{Events: []streak.Event{e.checkIn("")}})
		equal(e, "events without a key", e.log(ann), []streak.Event{e.checkIn(""), e.checkIn("")})
	}},
	{"WholeOrNotAtAll", func(e *env) {
		c := coach.Change{Team: team, Events: []streak.Event{e.checkIn("k")}, AddNotes: []coach.Note{e.note("one")},
			Wishes: []coach.Wish{{Kind: "tip", Spec: "0 9 * * *", Zone: "Nowhere/Never"}}}
		if _, err := e.Apply(e.Context(), "r1", ann, c); err == nil {
			e.Fatalf("Apply with a zone that does not exist: no error")
		}
		equal(e, "known after it", e.self(ann).Known, false)
		equal(e, "events after it", len(e.log(ann)), 0)
		c.Wishes = nil
		equal(e, "the same request put right", e.apply("r1", ann, c).First, true)
	}},
	{"AtOnce", func(e *env) {
		var wg sync.WaitGroup
		errs := make([]error, 48)
		for i := range errs {
			wg.Go(func() {
				c := coach.Change{AddNotes: []coach.Note{e.note(fmt.Sprint(i))}}
				if i%8 == 0 {
					c.Wishes = []coach.Wish{{Kind: "tip", Spec: "never", Zone: "UTC"}}
				}
				_, errs[i] = e.Apply(e.Context(), fmt.Sprint("r", i), ann, c)
			})
		}
		wg.Wait()
		for i, err := range errs {
			if (err != nil) != (i%8 == 0) {
				e.Errorf("Apply %d at once: %v, want an error only for every eighth", i, err)
			}
		}
		equal(e, "notes written at once", len(e.notes(ann)), 42)
	}},
	{"OnceAtOnce", func(e *env) {
		var wg sync.WaitGroup
		got := make([]coach.Applied, 16)
		for i := range got {
			wg.Go(func() {
				got[i], _ = e.Apply(e.Context(), "r", ann, coach.Change{Answer: "a", Events: []streak.Event{e.checkIn("k")}})
			})
		}
		wg.Wait()
		firsts := 0
		for _, g := range got {
			equal(e, "answer", g.Answer, "a")
			if g.First {
				firsts++
			}
		}
		equal(e, "firsts among equal requests", firsts, 1)
	}},
	{"LedgerIsFold", func(e *env) {
		e.apply("r1", ann, coach.Change{Events: []streak.Event{e.checkIn("k1")}})
		e.clock.At = e.clock.At.AddDate(0, 0, 7)
		e.apply("r2", ann, coach.Change{Events: []streak.Event{e.checkIn("k2")}})
		equal(e, "Ledger", e.self(ann).Ledger, streak.Fold(e.log(ann), ""))
		equal(e, "weeks kept", e.self(ann).Ledger.Kept, 2)
		again, late := e.checkIn("k3"), e.checkIn("k4")
		late.At = late.At.Add(-time.Hour)
		e.apply("r4", ann, coach.Change{Events: []streak.Event{again}})
		e.apply("r5", ann, coach.Change{Events: []streak.Event{late}})
		equal(e, "Ledger with a practice that came late", e.self(ann).Ledger, streak.Fold(e.log(ann), ""))
		equal(e, "Undone before an undo", e.self(ann).Undone, false)
		undo := streak.Stamp(e.clock.At, time.UTC, streak.Event{Key: "u", Kind: streak.Undo, Ref: "k2"})
		e.apply("r3", ann, coach.Change{Events: []streak.Event{undo}})
		equal(e, "Ledger after an undo", e.self(ann).Ledger, streak.Fold(e.log(ann), ""))
		equal(e, "Undone after an undo", e.self(ann).Undone, true)
		equal(e, "another's Undone", e.self(bob).Undone, false)
		e.clock.At = e.clock.At.AddDate(0, 0, 7)
		e.apply("r6", ann, coach.Change{Events: []streak.Event{e.checkIn("k2")}})
		e.apply("r7", ann, coach.Change{Events: []streak.Event{e.checkIn("k5")}})
		equal(e, "Ledger after a practice that follows an undo", e.self(ann).Ledger, streak.Fold(e.log(ann), ""))
		equal(e, "Undone later on", e.self(ann).Undone, true)
	}},
	{"SettingsReplaced", func(e *env) {
		s := coach.Settings{Rhythm: coach.Some, Minute: 570, Days: 0b101, Zone: "Europe/Berlin", ZoneChosen: true, ZoneAsked: true, DoorTold: true, Language: "en",
			Mostly: "video", Easier: "3", PauseFrom: "2026-12-01", PauseUntil: "2026-12-31", Asked: 2}
		e.apply("r1", ann, coach.Change{Settings: &s})
		equal(e, "Settings", e.self(ann).Settings, s)
		e.apply("r2", ann, coach.Change{})
		equal(e, "Settings after a change without any", e.self(ann).Settings, s)
		e.apply("r3", ann, coach.Change{Settings: &coach.Settings{Asked: 1}})
		equal(e, "Settings replaced", e.self(ann).Settings, coach.Settings{Asked: 1})
		equal(e, "another's settings", e.self(bob).Settings, coach.Settings{})
	}},
	{"NotesDropped", func(e *env) {
		e.apply("r1", ann, coach.Change{AddNotes: []coach.Note{e.note("one"), e.note("two")}})
		mine := e.notes(ann)
		e.apply("r2", bob, coach.Change{DropNotes: []int64{mine[0].ID}})
		equal(e, "notes after somebody else dropped one", len(e.notes(ann)), 2)
		e.apply("r3", ann, coach.Change{DropNotes: []int64{mine[0].ID}})
		equal(e, "notes after ann dropped one", e.notes(ann), mine[1:])
	}},
	{"NotesCountNobodyElse", func(e *env) { // what a note is called is written on buttons
		for _, who := range []coach.Person{ann, bob, bob, bob, ann} {
			e.apply(fmt.Sprint("r", len(e.notes(bob)), len(e.notes(ann)), who.User), who, coach.Change{AddNotes: []coach.Note{e.note("a line")}})
		}
		mine := e.notes(ann)
		equal(e, "how far two of ann's are apart, at one instant", mine[0].ID-mine[1].ID, 1)
		e.clock.At = e.clock.At.AddDate(0, 0, 1)
		e.apply("late", coach.Person{Platform: "p", Realm: "r", User: "cy"}, coach.Change{AddNotes: []coach.Note{e.note("a line")}})
		late := e.notes(coach.Person{Platform: "p", Realm: "r", User: "cy"})
		equal(e, "the first of somebody is later than another's before", late[0].ID > mine[0].ID+4, true)
	}},
	{"FlowsReplaced", func(e *env) {
		f := coach.Flow{ID: "f", Kind: "try", Item: "m1", Edition: "e1", Node: "n1", Week: "2026-11-23", Made: e.clock.At, Expires: e.clock.At.AddDate(0, 0, 7), Words: "my plan"}
		e.apply("r1", ann, coach.Change{PutFlows: []coach.Flow{f}})
		f.Node, f.Words = "n2", ""
		e.apply("r2", ann, coach.Change{PutFlows: []coach.Flow{f}})
		equal(e, "Flows", e.self(ann).Flows, []coach.Flow{f})
		equal(e, "words kept when none are brought", e.words(ann, "f"), "my plan")
		f.Words = "another"
		e.apply("r3", ann, coach.Change{PutFlows: []coach.Flow{f}})
		equal(e, "words replaced", e.words(ann, "f"), "another")
		e.apply("r4", bob, coach.Change{DropFlows: []string{"f"}})
		equal(e, "flows after somebody else dropped one", len(e.self(ann).Flows), 1)
		e.apply("r5", ann, coach.Change{DropFlows: []string{"f"}})
		equal(e, "flows after ann dropped it", len(e.self(ann).Flows), 0)
		equal(e, "its words", e.words(ann, "f"), "")
	}},
	{"DraftsReplaced", func(e *env) {
		d := coach.Draft{ID: "d", Action: coach.Do("journal", "a:b"), Answers: map[string]string{"words": "typed"}, Expires: e.clock.At.Add(24 * time.Hour)}
		e.apply("r1", ann, coach.Change{PutDraft: &d})
		d.Answers = map[string]string{"words": "typed again"}
		e.apply("r2", ann, coach.Change{PutDraft: &d})
		got, ok := e.draft(ann, "d")
		equal(e, "draft found", ok, true)
		equal(e, "draft", got, d)
		e.apply("r3", ann, coach.Change{DropDraft: "d"})
		_, ok = e.draft(ann, "d")
		equal(e, "draft found after it was dropped", ok, false)
	}},
	{"WishReplaced", func(e *env) {
		w := coach.Wish{Kind: "nudge", Subject: "s", To: coach.ChannelOf(team, "c1"), Spec: "0 9 * * 1", Zone: "UTC"}
		e.apply("r1", ann, coach.Change{Team: team, Wishes: []coach.Wish{w}})
		w.To, w.Spec = coach.ChannelOf(team, "c2"), "0 10 * * 2"
		e.apply("r2", bob, coach.Change{Team: team, Wishes: []coach.Wish{w}})
		got, _ := e.planned("nudge")
		want := coach.Occasion{Kind: "nudge", Subject: "s", To: w.To, Date: "2026-11-24", At: Monday.Add(25 * time.Hour), Zone: "UTC"}
		got.At = got.At.UTC()
		equal(e, "Planned", got, want)
		e.apply("r3", ann, coach.Change{Cancel: []coach.Wish{w}})
		_, ok := e.planned("nudge")
		equal(e, "planned after it was cancelled", ok, false)
	}},
	{"TeamPlanReplaced", func(e *env) {
		plan := coach.TeamSettings{Channel: "c1", Spec: "0 9 * * 1", Zone: "UTC", WeekStart: time.Sunday, Audience: "study", Language: "en",
			HelpContact: "HR", MayManage: "channel", BreakFrom: "2026-12-20", BreakUntil: "2027-01-03", Stopped: true, EveryOther: true, Season: 2, Owner: ann, SetUp: e.clock.At}
		e.apply("r1", ann, coach.Change{Team: team, TeamPlan: &plan})
		get := func() coach.TeamSettings {
			return must[coach.TeamSettings](e, "TeamSettings")(e.TeamSettings(e.Context(), team))
		}
		equal(e, "TeamSettings", get(), plan)
		e.apply("r2", bob, coach.Change{Team: team})
		equal(e, "TeamSettings after a change without any", get(), plan)
		plan = coach.TeamSettings{WeekStart: time.Monday, Owner: ann}
		e.apply("r3", bob, coach.Change{Team: team, TeamPlan: &plan})
		equal(e, "TeamSettings replaced", get(), plan)
		other := must[coach.TeamSettings](e, "TeamSettings")(e.TeamSettings(e.Context(), coach.Team{Platform: "p", ID: "t2"}))
		equal(e, "another team's settings", other, coach.TeamSettings{})
	}},
	{"Forgotten", func(e *env) {
		full := func(who coach.Person) coach.Change {
			return coach.Change{Team: team, Events: []streak.Event{e.checkIn("k")}, AddNotes: []coach.Note{e.note("one")},
				PutFlows: []coach.Flow{{ID: "f", Kind: "try", Made: e.clock.At, Words: "w"}},
				PutDraft: &coach.Draft{ID: "d", Expires: e.clock.At.Add(time.Hour), Answers: map[string]string{"a": "b"}},
				Said:     []coach.Said{{Item: "i", Date: "2026-11-23"}}, Settings: &coach.Settings{Rhythm: coach.Daily, Zone: "UTC"}}
		}
		e.apply("r1", ann, full(ann))
		e.apply("r1", bob, full(bob))
		want := coach.Receipt{CheckIns: 1, Notes: 1, Flows: 1, Zone: "UTC", Rhythm: coach.Daily, Since: e.clock.At}
		got := must[coach.Receipt](e, "Forget")(e.Forget(e.Context(), ann))
		equal(e, "what Forget tells", got, want)
		equal(e, "Self of the forgotten", e.self(ann), coach.Self{})
		equal(e, "events, notes and items said of the forgotten", len(e.log(ann))+len(e.notes(ann))+len(e.said(ann, "")), 0)
		equal(e, "words of the forgotten", e.words(ann, "f"), "")
		_, ok := e.draft(ann, "d")
		equal(e, "draft of the forgotten", ok, false)
		equal(e, "Receipt of the forgotten", e.receipt(ann), coach.Receipt{})
		equal(e, "Receipt of somebody else", e.receipt(bob), want)
		equal(e, "somebody else's notes", len(e.notes(bob)), 1)
		equal(e, "the first request of the forgotten, who is new now", e.apply("r1", ann, full(ann)).First, true)
		equal(e, "their notes", len(e.notes(ann)), 1)
		none := must[coach.Receipt](e, "Forget")(e.Forget(e.Context(), coach.Person{Platform: "p", User: "nobody"}))
		equal(e, "what forgetting nobody tells", none, coach.Receipt{})
	}},
}
