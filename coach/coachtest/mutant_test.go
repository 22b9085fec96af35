package coachtest

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
)

// A mutant is a store with one defect. Hooks that are nil do what Mem does.
type mutant struct {
	*Mem
	apply    func(m *Mem, id string, who coach.Person, c coach.Change) (coach.Applied, error)
	forget   func(m *Mem, who coach.Person) (coach.Receipt, error)
	self     func(m *Mem, who coach.Person, s coach.Self) coach.Self
	meet     func(coach.Met) coach.Met
	events   func([]streak.Event) []streak.Event
	said     func(m *Mem, who coach.Person, since streak.Date) []coach.Said
	receipt  func(coach.Receipt) coach.Receipt
	notes    func(m *Mem, who coach.Person, before int64, limit int) []coach.Note
	words    func(m *Mem, who coach.Person, id string) string
	draft    func(m *Mem, who coach.Person, id string) (coach.Draft, bool)
	settings func(coach.TeamSettings) coach.TeamSettings
	health   func(coach.Health) coach.Health
	planned  func(m *Mem, t coach.Team, kind string) (coach.Occasion, bool)
	trouble  func(m *Mem, t coach.Team) string
	told     func(m *Mem, t coach.Team)
	tries    func(m *Mem, t coach.Team, on streak.Date) int
}

func (x *mutant) Tries(ctx context.Context, t coach.Team, on streak.Date) (int, error) {
	if x.tries != nil {
		return x.tries(x.Mem, t, on), nil
	}
	return x.Mem.Tries(ctx, t, on)
}

func (x *mutant) Apply(ctx context.Context, id string, who coach.Person, c coach.Change) (coach.Applied, error) {
	if x.apply != nil {
		return x.apply(x.Mem, id, who, c)
	}
	return x.Mem.Apply(ctx, id, who, c)
}

func (x *mutant) Forget(ctx context.Context, who coach.Person) (coach.Receipt, error) {
	if x.forget != nil {
		return x.forget(x.Mem, who)
	}
	return x.Mem.Forget(ctx, who)
}

func (x *mutant) Self(ctx context.Context, who coach.Person) (coach.Self, error) {
	s, err := x.Mem.Self(ctx, who)
	if x.self != nil {
		s = x.self(x.Mem, who, s)
	}
	return s, err
}

func (x *mutant) Meet(ctx context.Context, who coach.Person, t coach.Team) (coach.Met, error) {
	m, err := x.Mem.Meet(ctx, who, t)
	if x.meet != nil {
		m = x.meet(m)
	}
	return m, err
}

func (x *mutant) Events(ctx context.Context, who coach.Person) ([]streak.Event, error) {
	log, err := x.Mem.Events(ctx, who)
	if x.events != nil {
		log = x.events(log)
	}
	return log, err
}

func (x *mutant) Said(ctx context.Context, who coach.Person, since streak.Date) ([]coach.Said, error) {
	if x.said != nil {
		return x.said(x.Mem, who, since), nil
	}
	return x.Mem.Said(ctx, who, since)
}

func (x *mutant) Receipt(ctx context.Context, who coach.Person) (coach.Receipt, error) {
	r, err := x.Mem.Receipt(ctx, who)
	if x.receipt != nil {
		r = x.receipt(r)
	}
	return r, err
}

func (x *mutant) Notes(ctx context.Context, who coach.Person, before int64, limit int) ([]coach.Note, error) {
	if x.notes != nil {
		return x.notes(x.Mem, who, before, limit), nil
	}
	return x.Mem.Notes(ctx, who, before, limit)
}

func (x *mutant) FlowWords(ctx context.Context, who coach.Person, id string) (string, error) {
	if x.words != nil {
		return x.words(x.Mem, who, id), nil
	}
	return x.Mem.FlowWords(ctx, who, id)
}

func (x *mutant) Draft(ctx context.Context, who coach.Person, id string) (coach.Draft, bool, error) {
	if x.draft != nil {
		d, ok := x.draft(x.Mem, who, id)
		return d, ok, nil
	}
	return x.Mem.Draft(ctx, who, id)
}

func (x *mutant) TeamSettings(ctx context.Context, t coach.Team) (coach.TeamSettings, error) {
	s, err := x.Mem.TeamSettings(ctx, t)
	if x.settings != nil {
		s = x.settings(s)
	}
	return s, err
}

func (x *mutant) TeamHealth(ctx context.Context, t coach.Team) (coach.Health, error) {
	h, err := x.Mem.TeamHealth(ctx, t)
	if x.health != nil {
		h = x.health(h)
	}
	return h, err
}

func (x *mutant) Planned(ctx context.Context, t coach.Team, kind string) (coach.Occasion, bool, error) {
	if x.planned != nil {
		o, ok := x.planned(x.Mem, t, kind)
		return o, ok, nil
	}
	return x.Mem.Planned(ctx, t, kind)
}

func (x *mutant) Trouble(ctx context.Context, t coach.Team) (string, error) {
	if x.trouble != nil {
		return x.trouble(x.Mem, t), nil
	}
	return x.Mem.Trouble(ctx, t)
}

func (x *mutant) Told(ctx context.Context, t coach.Team) error {
	if x.told != nil {
		x.told(x.Mem, t)
		return nil
	}
	return x.Mem.Told(ctx, t)
}

// changed returns a mutant that applies another change than it was asked to.
func changed(change func(m *Mem, id *string, who coach.Person, c *coach.Change)) mutant {
	return mutant{apply: func(m *Mem, id string, who coach.Person, c coach.Change) (coach.Applied, error) {
		change(m, &id, who, &c)
		return m.Apply(context.Background(), id, who, c)
	}}
}

// answered returns a mutant that answers otherwise than the first call did.
func answered(answer func(c coach.Change, a coach.Applied) coach.Applied) mutant {
	return mutant{apply: func(m *Mem, id string, who coach.Person, c coach.Change) (coach.Applied, error) {
		a, err := m.Apply(context.Background(), id, who, c)
		return answer(c, a), err
	}}
}

// afterwards returns a mutant that does something more after each change.
func afterwards(more func(m *Mem, who coach.Person, c coach.Change)) mutant {
	return mutant{apply: func(m *Mem, id string, who coach.Person, c coach.Change) (coach.Applied, error) {
		a, err := m.Apply(context.Background(), id, who, c)
		more(m, who, c)
		return a, err
	}}
}

// changing returns a mutant that applies something else than it was given.
func changing(f func(*coach.Change)) mutant {
	return mutant{apply: func(m *Mem, id string, who coach.Person, c coach.Change) (coach.Applied, error) {
		f(&c)
		return m.Apply(context.Background(), id, who, c)
	}}
}

// selves returns a mutant that tells something else about a person.
func selves(f func(s coach.Self) coach.Self) mutant {
	return mutant{self: func(_ *Mem, _ coach.Person, s coach.Self) coach.Self { return f(s) }}
}

// defects is, for each rule, mutants that it must fail.
func defects() map[string][]mutant {
	ctx := context.Background()
	d := map[string][]mutant{
		"RequestOnce": {
			changed(func(_ *Mem, id *string, _ coach.Person, _ *coach.Change) { *id = "" }),
			answered(func(c coach.Change, a coach.Applied) coach.Applied { a.Answer = c.Answer; return a }),
			answered(func(_ coach.Change, a coach.Applied) coach.Applied { a.First = true; return a }),
		},
		"RequestKeptSevenDays": {changed(func(m *Mem, _ *string, who coach.Person, _ *coach.Change) {
			if p := m.people[who]; p != nil {
				maps.DeleteFunc(p.requests, func(_ string, r memRequest) bool { return m.now().Sub(r.at) > 6*24*time.Hour })
			}
		})},
		"NoRequestID": {changed(func(_ *Mem, id *string, _ coach.Person, _ *coach.Change) { *id += "x" })},
		"MeaningOnce": {
			changed(func(_ *Mem, id *string, _ coach.Person, c *coach.Change) {
				for i := range c.Events {
					c.Events[i].Key += *id
				}
			}),
			answered(func(c coach.Change, a coach.Applied) coach.Applied { a.Answer = c.Answer; return a }),
			afterwards(func(m *Mem, who coach.Person, c coach.Change) {
				if c.Settings != nil {
					m.people[who].settings = *c.Settings
				}
			}),
			{apply: func(m *Mem, id string, who coach.Person, c coach.Change) (coach.Applied, error) { // writes the fresh events of a repeat
				a, err := m.Apply(ctx, id, who, c)
				if err == nil && !a.First && len(c.Events) > 0 {
					m.people[who].append(c.Events[0], "")
				}
				return a, err
			}},
		},
		"MeaningIsPersonal": {{apply: func(m *Mem, id string, who coach.Person, c coach.Change) (coach.Applied, error) {
			for other, p := range m.people {
				for _, e := range p.log {
					if other != who && len(c.Events) > 0 && e.Key == c.Events[0].Key {
						return coach.Applied{Answer: e.answer}, nil
					}
				}
			}
			return m.Apply(ctx, id, who, c)
		}}},
		"NoKeyNoMeaning": {changed(func(_ *Mem, _ *string, _ coach.Person, c *coach.Change) {
			for i := range c.Events {
				c.Events[i].Key += "."
			}
		})},
		"WholeOrNotAtAll": {
			{apply: func(m *Mem, id string, who coach.Person, c coach.Change) (coach.Applied, error) { // keeps what came before the fault
				a, err := m.Apply(ctx, id, who, c)
				if err != nil {
					c.Wishes = nil
					m.Apply(ctx, "", who, c)
				}
				return a, err
			}},
			{apply: func(m *Mem, id string, who coach.Person, c coach.Change) (coach.Applied, error) { // remembers the request of a failed call
				a, err := m.Apply(ctx, id, who, c)
				if err != nil {
					m.Apply(ctx, id, who, coach.Change{})
				}
				return a, err
			}},
			changed(func(_ *Mem, _ *string, _ coach.Person, c *coach.Change) { c.Wishes = nil }), // swallows the fault
		},
		"AtOnce":     {failingNeighbours(), losing()},
		"OnceAtOnce": {answered(func(_ coach.Change, a coach.Applied) coach.Applied { a.First = true; return a }), racing()},
		"AppliedIsSelf": {
			answered(func(_ coach.Change, a coach.Applied) coach.Applied { a.Self = coach.Self{}; return a }),
			answered(func(_ coach.Change, a coach.Applied) coach.Applied { a.Self.Flows = nil; return a }),
			answered(func(c coach.Change, a coach.Applied) coach.Applied { // of before a second press
				if !a.First {
					a.Self = coach.Self{}
				}
				return a
			}),
		},
		"MeetIsSelfAndSettings": {
			{meet: func(m coach.Met) coach.Met { m.Self = coach.Self{}; return m }},
			{meet: func(m coach.Met) coach.Met { m.Team = coach.TeamSettings{}; return m }},
			{meet: func(m coach.Met) coach.Met { m.Self.Known = true; return m }},
		},
		"LedgerIsFold": {
			{self: func(m *Mem, who coach.Person, s coach.Self) coach.Self {
				s.Ledger = streak.Fold(m.people[who].events()[:1], "")
				return s
			}},
			changed(func(_ *Mem, _ *string, _ coach.Person, c *coach.Change) {
				c.Events = slices.DeleteFunc(c.Events, func(e streak.Event) bool { return e.Kind == streak.Undo })
			}),
			selves(func(s coach.Self) coach.Self { s.Undone = false; return s }),
			selves(func(s coach.Self) coach.Self { s.Undone = true; return s }),
		},
		"SettingsReplaced": append(fieldsOf(func(lose func(*coach.Settings)) mutant {
			return selves(func(s coach.Self) coach.Self { lose(&s.Settings); return s })
		}),
			changed(func(_ *Mem, _ *string, _ coach.Person, c *coach.Change) {
				if c.Settings == nil {
					c.Settings = new(coach.Settings)
				}
			}),
			changed(func(m *Mem, _ *string, who coach.Person, c *coach.Change) {
				if p := m.people[who]; p != nil && c.Settings != nil {
					merged := p.settings
					merged.Asked = c.Settings.Asked
					c.Settings = &merged
				}
			})),
		"NotesDropped": {
			changed(func(_ *Mem, _ *string, _ coach.Person, c *coach.Change) { c.DropNotes = nil }),
			afterwards(func(m *Mem, _ coach.Person, c coach.Change) {
				for _, p := range m.people {
					p.notes = slices.DeleteFunc(p.notes, func(n coach.Note) bool { return slices.Contains(c.DropNotes, n.ID) })
				}
			}),
		},
		"NotesCountNobodyElse": {
			afterwards(func(m *Mem, who coach.Person, c coach.Change) { // one count over all
				if notes := m.people[who].notes; len(c.AddNotes) > 0 {
					n := int64(0)
					for _, p := range m.people {
						n += int64(len(p.notes))
					}
					notes[len(notes)-1].ID = n
				}
			}),
			afterwards(func(m *Mem, who coach.Person, c coach.Change) { // each one's own count
				if notes := m.people[who].notes; len(c.AddNotes) > 0 {
					notes[len(notes)-1].ID = int64(len(notes))
				}
			}),
		},
		"FlowsReplaced": {
			changed(func(_ *Mem, _ *string, _ coach.Person, c *coach.Change) { c.DropFlows = nil }),
			changed(func(m *Mem, _ *string, who coach.Person, c *coach.Change) { // forgets words when none are brought
				if p := m.people[who]; p != nil && len(c.PutFlows) > 0 {
					delete(p.flows, c.PutFlows[0].ID)
				}
			}),
			changed(func(m *Mem, _ *string, who coach.Person, c *coach.Change) { // never replaces
				if p := m.people[who]; p != nil && len(p.flows) > 0 {
					c.PutFlows = nil
				}
			}),
			afterwards(func(m *Mem, _ coach.Person, c coach.Change) {
				for _, p := range m.people {
					for _, id := range c.DropFlows {
						delete(p.flows, id)
					}
				}
			}),
		},
		"DraftsReplaced": append(fieldsOf(func(lose func(*coach.Draft)) mutant {
			return mutant{draft: func(m *Mem, who coach.Person, id string) (coach.Draft, bool) {
				got, ok, _ := m.Draft(ctx, who, id)
				lose(&got)
				return got, ok
			}}
		}),
			changed(func(_ *Mem, _ *string, _ coach.Person, c *coach.Change) { c.DropDraft = "" }),
			changed(func(m *Mem, _ *string, who coach.Person, c *coach.Change) {
				if p := m.people[who]; p != nil && len(p.drafts) > 0 {
					c.PutDraft = nil
				}
			})),
		"WishReplaced": {
			changed(func(_ *Mem, _ *string, _ coach.Person, c *coach.Change) { c.Cancel = nil }),
			changed(func(m *Mem, _ *string, _ coach.Person, c *coach.Change) {
				if len(m.due) > 0 {
					c.Wishes = nil
				}
			}),
			changed(func(m *Mem, _ *string, _ coach.Person, c *coach.Change) { // adds where it should replace
				for _, row := range m.due {
					if len(c.Wishes) > 0 {
						row.Subject = "old"
					}
				}
			}),
		},
		"TeamPlanReplaced": append(fieldsOf(func(lose func(*coach.TeamSettings)) mutant {
			return mutant{settings: func(s coach.TeamSettings) coach.TeamSettings { lose(&s); return s }}
		}),
			changed(func(_ *Mem, _ *string, _ coach.Person, c *coach.Change) {
				if c.TeamPlan == nil && c.Team != (coach.Team{}) {
					c.TeamPlan = new(coach.TeamSettings)
				}
			}),
			changed(func(m *Mem, _ *string, _ coach.Person, c *coach.Change) {
				if t := m.teams[c.Team]; t != nil && t.chosen {
					c.TeamPlan = nil
				}
			})),
		"Forgotten": forgetful(),
		"UnseenOfUnknown": {
			changed(func(_ *Mem, _ *string, _ coach.Person, c *coach.Change) { c.Unseen = false }),
			changed(func(m *Mem, _ *string, _ coach.Person, c *coach.Change) { m.team(c.Team).press = m.now() }),
			answered(func(_ coach.Change, a coach.Applied) coach.Applied { a.First = true; return a }),
		},
		"UnseenIsNoPress": {
			afterwards(func(m *Mem, who coach.Person, c coach.Change) {
				if c.Unseen {
					m.people[who].unanswered = 0
				}
			}),
			afterwards(func(m *Mem, _ coach.Person, c coach.Change) {
				if c.Unseen {
					m.team(c.Team).press = m.now()
				}
			}),
			changed(func(_ *Mem, _ *string, _ coach.Person, c *coach.Change) { c.Unseen = true }),
			changed(func(_ *Mem, _ *string, _ coach.Person, c *coach.Change) {
				if c.Unseen {
					c.Settings = nil
				}
			}),
			changed(func(_ *Mem, _ *string, _ coach.Person, c *coach.Change) {
				if c.Unseen {
					c.Zone = ""
				}
			}),
			changed(func(_ *Mem, _ *string, _ coach.Person, c *coach.Change) {
				if c.Unseen {
					c.Events = nil
				}
			}),
		},
		"TriesCountPeople": {
			{tries: func(*Mem, coach.Team, streak.Date) int { return 0 }},
			{tries: func(*Mem, coach.Team, streak.Date) int { return 5 }},
			changing(func(c *coach.Change) { c.Tried = "" }),
			{apply: func(m *Mem, id string, who coach.Person, c coach.Change) (coach.Applied, error) { // each time counts
				if c.Tried != "" && c.Team == team {
					twin := who
					twin.User += id
					_, _ = m.Apply(ctx, "twin"+id, twin, c)
				}
				return m.Apply(ctx, id, who, c)
			}},
			changing(func(c *coach.Change) { // whatever was tried
				if c.Tried != "" {
					c.Tried = "n1"
				}
			}),
		},
		"TriesAreBlurred": {
			{tries: func(m *Mem, t coach.Team, on streak.Date) int {
				return coach.AtLeast(len(m.team(t).tries[on].people), 99, 4)
			}},
			{tries: func(m *Mem, t coach.Team, on streak.Date) int {
				return coach.AtLeast(len(m.team(t).tries[on].people), 99, 8)
			}},
		},
		"TriesOfFewAreUntold": {
			{tries: func(m *Mem, t coach.Team, on streak.Date) int {
				return coach.AtLeast(len(m.team(t).tries[on].people), 99, 0)
			}},
			{tries: func(m *Mem, t coach.Team, on streak.Date) int { return len(m.team(t).tries[on].people) }},
			{tries: func(*Mem, coach.Team, streak.Date) int { return 5 }},
		},
		"TriesClosedForGood": {
			{tries: func(m *Mem, t coach.Team, on streak.Date) int {
				return coach.AtLeast(len(m.team(t).tries[on].people), 99, 8)
			}},
			{tries: func(m *Mem, t coach.Team, on streak.Date) int {
				n, _ := m.Tries(ctx, t, on)
				delete(m.team(t).tries, on)
				return n
			}},
		},
		"TriesTakenBack": {
			changing(func(c *coach.Change) { c.Untried = "" }),
		},
		"TriesOfOthersStay": {
			changing(func(c *coach.Change) {
				if c.Untried != "" {
					c.Untried = "n1"
				}
			}),
		},
		"TriesForgotten": {
			{forget: func(m *Mem, who coach.Person) (coach.Receipt, error) {
				kept := m.team(team).tries[posted].people
				all := map[*memPerson]bool{}
				for p := range kept {
					all[p] = true
				}
				r, err := m.Forget(ctx, who)
				m.team(team).tries[posted].people = all
				return r, err
			}},
		},
		"TriesOutsideTheTeam": {
			changing(func(c *coach.Change) {
				if c.Team == (coach.Team{}) {
					c.Tried = ""
				}
			}),
			{tries: func(m *Mem, t coach.Team, on streak.Date) int {
				n, _ := m.Tries(ctx, team, on)
				return n
			}},
		},
		"TroubleToldOnce": {
			{told: func(*Mem, coach.Team) {}},
			{told: func(m *Mem, t coach.Team) { m.team(t).problem = "" }},
			{told: func(m *Mem, t coach.Team) { m.team(t).told = true }}, // of nothing, too
			{trouble: func(m *Mem, t coach.Team) string { return m.team(t).problem }},
			{trouble: func(m *Mem, t coach.Team) string { w, _ := m.Trouble(ctx, t); m.team(t).told = true; return w }},
			afterwards(func(m *Mem, _ coach.Person, c coach.Change) { m.team(c.Team).told = false }),
			afterwards(func(m *Mem, _ coach.Person, c coach.Change) {
				if c.TeamPlan != nil {
					m.team(c.Team).told = true
				}
			}),
		},
		"UnknownIsZero": {{self: func(m *Mem, who coach.Person, s coach.Self) coach.Self {
			m.person(who)
			return s
		}}},
		"KnownSince": {
			afterwards(func(m *Mem, who coach.Person, _ coach.Change) { m.people[who].since = m.now() }),
			selves(func(s coach.Self) coach.Self { s.Known = true; return s }),
			selves(func(s coach.Self) coach.Self { s.Known = false; return s }),
		},
		"EventsWhole": append(fieldsOf(func(lose func(*streak.Event)) mutant {
			return mutant{events: func(log []streak.Event) []streak.Event {
				for i := range log {
					lose(&log[i])
				}
				return log
			}}
		}), mutant{events: func(log []streak.Event) []streak.Event { slices.Reverse(log); return log }}),
		"NotesNewestFirst": append(fieldsOf(func(lose func(*coach.Note)) mutant {
			return mutant{notes: func(m *Mem, who coach.Person, before int64, limit int) []coach.Note {
				notes, _ := m.Notes(ctx, who, before, limit)
				for i := range notes {
					lose(&notes[i])
				}
				return notes
			}}
		}),
			noting(func(m *Mem, who coach.Person, before int64, limit int) []coach.Note {
				notes, _ := m.Notes(ctx, who, before, limit)
				slices.Reverse(notes)
				return notes
			}),
			noting(func(m *Mem, who coach.Person, before int64, _ int) []coach.Note {
				notes, _ := m.Notes(ctx, who, before, 100)
				return notes
			}),
			noting(func(m *Mem, who coach.Person, before int64, limit int) []coach.Note {
				notes, _ := m.Notes(ctx, who, before+1, limit)
				return notes
			}),
			noting(func(m *Mem, _ coach.Person, before int64, limit int) []coach.Note {
				notes, _ := m.Notes(ctx, ann, before, limit)
				return notes
			})),
		"FlowsOpenOldestFirst": append(fieldsOf(func(lose func(*coach.Flow)) mutant {
			return selves(func(s coach.Self) coach.Self {
				for i := range s.Flows {
					lose(&s.Flows[i])
				}
				return s
			})
		}),
			selves(func(s coach.Self) coach.Self { slices.Reverse(s.Flows); return s }),
			mutant{self: func(m *Mem, who coach.Person, s coach.Self) coach.Self {
				for i, f := range s.Flows {
					s.Flows[i].Words = m.people[who].flows[f.ID].Words
				}
				return s
			}},
			changed(func(_ *Mem, _ *string, _ coach.Person, c *coach.Change) {
				for i := range c.PutFlows {
					c.PutFlows[i].Expires = time.Time{}
				}
			}),
			mutant{words: func(m *Mem, _ coach.Person, id string) string { w, _ := m.FlowWords(ctx, ann, id); return w }}),
		"DraftsExpire": {
			{draft: func(m *Mem, who coach.Person, id string) (coach.Draft, bool) {
				if p := m.people[who]; p != nil {
					got, ok := p.drafts[id]
					return got, ok
				}
				return coach.Draft{}, false
			}},
			{draft: func(m *Mem, _ coach.Person, id string) (coach.Draft, bool) {
				got, ok, _ := m.Draft(ctx, ann, id)
				return got, ok
			}},
		},
		"SaidSince": {
			{said: func(m *Mem, who coach.Person, since streak.Date) []coach.Said {
				s, _ := m.Said(ctx, who, since.Add(1))
				return s
			}},
			{said: func(m *Mem, who coach.Person, _ streak.Date) []coach.Said { s, _ := m.Said(ctx, who, ""); return s }},
			{said: func(m *Mem, _ coach.Person, since streak.Date) []coach.Said {
				s, _ := m.Said(ctx, ann, since)
				return s
			}},
			{said: func(m *Mem, who coach.Person, since streak.Date) []coach.Said {
				s, _ := m.Said(ctx, who, since)
				slices.Reverse(s)
				return s
			}},
			afterwards(func(m *Mem, who coach.Person, c coach.Change) {
				m.people[who].said = append(m.people[who].said, c.Said...)
			}),
		},
		"ReceiptCounts": append(fieldsOf(func(lose func(*coach.Receipt)) mutant {
			return mutant{receipt: func(r coach.Receipt) coach.Receipt { lose(&r); return r }}
		}), mutant{receipt: func(r coach.Receipt) coach.Receipt { r.CheckIns++; return r }}), // what was taken back counts
		"PressSeen": {
			{health: func(h coach.Health) coach.Health { h.LastPress = time.Time{}; return h }},
			{health: func(h coach.Health) coach.Health { h.LastPress = Monday; return h }},
			changed(func(_ *Mem, _ *string, who coach.Person, c *coach.Change) {
				if who == bob {
					c.Team = coach.Team{}
				}
			}),
		},
		"PlannedOfTeam": append(fieldsOf(func(lose func(*coach.Occasion)) mutant {
			return mutant{planned: func(m *Mem, t coach.Team, kind string) (coach.Occasion, bool) {
				o, ok, _ := m.Planned(ctx, t, kind)
				lose(&o)
				return o, ok
			}}
		}),
			mutant{planned: func(m *Mem, t coach.Team, _ string) (coach.Occasion, bool) {
				o, ok, _ := m.Planned(ctx, t, "nudge")
				return o, ok
			}},
			mutant{planned: func(m *Mem, _ coach.Team, kind string) (coach.Occasion, bool) {
				o, ok, _ := m.Planned(ctx, team, kind)
				return o, ok
			}},
			mutant{health: func(h coach.Health) coach.Health { h.NextDue = time.Time{}; return h }}),
	}
	return d
}

func noting(f func(m *Mem, who coach.Person, before int64, limit int) []coach.Note) mutant {
	return mutant{notes: f}
}

// failingNeighbours fails the call after one that failed.
func failingNeighbours() mutant {
	var mu sync.Mutex
	var last error
	return mutant{apply: func(m *Mem, id string, who coach.Person, c coach.Change) (coach.Applied, error) {
		mu.Lock()
		defer mu.Unlock()
		if last != nil {
			last = nil
			return coach.Applied{}, errors.New("a neighbour failed")
		}
		a, err := m.Apply(context.Background(), id, who, c)
		last = err
		return a, err
	}}
}

// losing loses a tenth of what it says it wrote.
func losing() mutant {
	var mu sync.Mutex
	n := 0
	return mutant{apply: func(m *Mem, id string, who coach.Person, c coach.Change) (coach.Applied, error) {
		mu.Lock()
		n++
		if n%10 == 0 {
			c.AddNotes = nil
		}
		mu.Unlock()
		return m.Apply(context.Background(), id, who, c)
	}}
}

// racing looks for a request before it writes, and not while it does.
func racing() mutant {
	var gate sync.WaitGroup
	gate.Add(16)
	return mutant{apply: func(m *Mem, _ string, who coach.Person, c coach.Change) (coach.Applied, error) {
		gate.Done()
		gate.Wait()
		c.Events = nil
		return m.Apply(context.Background(), "", who, c)
	}}
}

// forgetful is every way to forget too little or too much.
func forgetful() []mutant {
	ctx := context.Background()
	keep := func(part func(kept, fresh *memPerson)) mutant {
		return mutant{forget: func(m *Mem, who coach.Person) (coach.Receipt, error) {
			old := m.people[who]
			r, err := m.Forget(ctx, who)
			if old != nil {
				part(old, m.person(who))
			}
			return r, err
		}}
	}
	return []mutant{
		{forget: func(m *Mem, who coach.Person) (coach.Receipt, error) { return m.Receipt(ctx, who) }},
		{forget: func(m *Mem, who coach.Person) (coach.Receipt, error) {
			_, err := m.Forget(ctx, who)
			return coach.Receipt{}, err
		}},
		{forget: func(m *Mem, who coach.Person) (coach.Receipt, error) {
			r, err := m.Forget(ctx, who)
			m.people = map[coach.Person]*memPerson{}
			return r, err
		}},
		keep(func(_, _ *memPerson) {}),
		keep(func(old, fresh *memPerson) { fresh.notes = old.notes }),
		keep(func(old, fresh *memPerson) { fresh.flows = old.flows }),
		keep(func(old, fresh *memPerson) { fresh.drafts = old.drafts }),
		keep(func(old, fresh *memPerson) { fresh.log = old.log }),
		keep(func(old, fresh *memPerson) { fresh.said = old.said }),
		keep(func(old, fresh *memPerson) { fresh.settings = old.settings }),
		keep(func(old, fresh *memPerson) { fresh.requests = old.requests }),
	}
}

// fieldsOf returns a mutant for each field of a V, which loses that one. A Note
// or a Due keeps its id, without which nothing could be named.
func fieldsOf[V any](build func(lose func(*V)) mutant) (all []mutant) {
	v := reflect.TypeFor[V]()
	for i := range v.NumField() {
		switch name := v.Field(i).Name; {
		case v == reflect.TypeFor[coach.Flow]() && slices.Contains([]string{"Item", "Edition", "Node", "Week", "Words"}, name):
			continue // not set there
		case v == reflect.TypeFor[coach.Receipt]() && slices.Contains([]string{"Messages", "Rhythm"}, name):
			continue // not set there
		case v == reflect.TypeFor[coach.Occasion]() && name == "Memory":
			continue // not set there
		}
		all = append(all, build(func(at *V) { reflect.ValueOf(at).Elem().Field(i).SetZero() }))
	}
	return all
}

// TestRulesFailMutants checks that every rule fails each of its mutants, and
// has one.
func TestRulesFailMutants(t *testing.T) {
	all := defects()
	for _, r := range rules {
		check := func(store func(*Mem) coach.Store) []string {
			return Fails(t.Context(), func(probe T) {
				c := &Clock{Monday}
				r.check(&env{T: probe, Store: store(NewMem(c.Now)), clock: c})
			})
		}
		if said := check(func(m *Mem) coach.Store { return m }); len(said) > 0 {
			t.Errorf("%s fails a sound store: %q", r.name, said)
		}
		if len(all[r.name]) == 0 {
			t.Errorf("%s has no mutant", r.name)
		}
		for i := range all[r.name] {
			x := &all[r.name][i]
			if said := check(func(m *Mem) coach.Store { x.Mem = m; return x }); len(said) == 0 {
				t.Errorf("%s: mutant %d survives", r.name, i)
			}
		}
		delete(all, r.name)
	}
	for name := range all {
		t.Errorf("mutants for %s, which is no rule", name)
	}
}
