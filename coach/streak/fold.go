package streak

import (
	"slices"
	"time"
)

const (
	graceDays = 2      // first days of a week that may still fill the week before
	pauseDays = 12 * 7 // a pause at its longest
	backdate  = 14     // days a pause or an illness may reach back
)

// Fold is what the log adds up to on that day. It is pure, does not care for the order of events, and leaves out what
// was taken back before it looks at anything, so that an undo is the exact inverse of what it undoes. Where today is
// not valid, the last date of the log is taken.
func Fold(events []Event, today Date) Ledger {
	log := live(events)
	restamp(log)
	b := book{closed: tally{Rest: restAtStart}}
	now, valid := today.day()
	for i, e := range log {
		d, _ := e.Date.day()
		b.note(log[:i], e, d)
		if !valid {
			now = max(now, d)
		}
	}
	if len(log) > 0 {
		b.last = log[len(log)-1].At
	}
	b.index()
	return b.settle(now)
}

// Advance is the ledger on a later day without new events. A ledger never goes back: for an earlier day it stays as it
// is, and the log of somebody who moved west into the day before is folded again.
func (l Ledger) Advance(today Date) Ledger {
	now, ok := today.day()
	if !ok || today <= l.Today {
		return l
	}
	b := l.open()
	return b.settle(now)
}

// Append is the fold of the same log with one more event, on the day of that event. It reports false where that does
// not show in a ledger and the log has to be folded: for everything but a practice of somebody who practised before,
// for a second one in a week, which may fill the week next to it, for one in a week before the first, and where a week
// just missed could come back. The log must hold no event of e's key, nor one that takes it back.
func (l Ledger) Append(e Event) (Ledger, bool) {
	d, ok := e.Date.day()
	if !ok || !e.practice() || len(l.Weeks) == 0 || !e.At.After(l.Last) || e.Date < l.Today {
		return l, false
	}
	b := l.open()
	for _, w := range slices.Backward(l.Weeks[:l.Shut]) {
		start, _ := w.Start.day()
		if b.cal.next(start)+backWithin <= d {
			break
		}
		if w.State == WeekMissed {
			return l, false
		}
	}
	if !e.Week.Valid() && b.done.of(b.cal.week(d)) > 0 {
		return l, false
	}
	w := b.target(nil, e, d)
	if w < b.first { // what came after it was not kept
		return l, false
	}
	b.done.add(w, 1)
	at, _ := slices.BinarySearch(b.days, d)
	b.days = slices.Insert(b.days, at, d)
	b.last = e.At
	return b.settle(d), true
}

// open is the ledger at work again. What is closed stays closed: those weeks are read where they are, and only [book.fill]
// copies them, into the ledger that comes out of it. There is room for a practice in one more.
func (l Ledger) open() book {
	b := book{cal: calendarOf(l.Starts), since: l.Since, last: l.Last, closed: l.Closed}
	b.weeks = slices.Clip(l.Weeks[:l.Shut])
	b.done = make(counts, 0, len(l.Weeks)-l.Shut+1)
	for i, w := range l.Weeks[l.Shut:] {
		start, _ := w.Start.day()
		b.done.add(start, w.Count)
		if i == 0 {
			b.first, b.begun = start, true
		}
	}
	for _, d := range l.Recent {
		n, _ := d.day()
		b.days = append(b.days, n)
	}
	for _, s := range l.Off {
		b.off = append(b.off, s.leave())
	}
	return b
}

// book is a ledger at work: a log sorted into weeks, closed up to first.
type book struct {
	cal    calendar
	since  Date
	last   time.Time
	weeks  []Week // closed; never written to, it may be that of a ledger which was handed out
	closed tally  // over weeks
	begun  bool   // whether any week was ever kept
	first  day    // start of the first week that is not closed, if begun
	done   counts
	days   []day // of practice, in order
	off    []leave
}

// note takes in one event of that date, with what came before it.
func (b *book) note(before []Event, e Event, d day) {
	if b.since == "" || e.Date < b.since {
		b.since = e.Date
	}
	switch e.Kind {
	case WeekStart:
		if from, ok := e.From.day(); ok && from < d && len(b.days) == 0 {
			d = from
		}
		b.cal = b.cal.choose(d, time.Weekday(mod7(int(e.Start))))
	case Pause, Illness, Outage, Excused:
		b.leave(e, d)
	default:
		if e.practice() {
			b.done.add(b.target(before, e, d), 1)
			b.days = append(b.days, d)
		}
	}
}

// target is the start of the week a practice keeps.
func (b *book) target(before []Event, e Event, d day) day {
	own := b.cal.week(d)
	if m, ok := e.Week.day(); ok {
		if meant := b.cal.week(m); b.mayMean(d, own, meant) {
			return meant
		}
		return own
	}
	if b.done.of(own) == 0 {
		return own
	}
	for _, other := range [...]day{b.cal.week(own - 1), b.cal.next(own)} {
		if b.done.of(other) == 0 && b.fits(before, e, other) {
			return other
		}
	}
	return own
}

// mayMean reports whether a press on day d, in the week own, may be for the week meant: the one before within the
// grace, the one after on the last day of own, when the nudge came from a zone where that week had begun.
func (b *book) mayMean(d, own, meant day) bool {
	switch {
	case meant < own:
		return meant == b.cal.week(own-1) && d-own < graceDays
	case meant > own:
		return meant == d+1 && meant == b.cal.next(own)
	}
	return true
}

// fits reports whether a move makes the instant of e fall into the week other too: by the clock of a zone that was
// held in that week or before it. Clocks are compared by the offsets they were stamped with.
func (b *book) fits(before []Event, e Event, other day) bool {
	end, cameIn := b.cal.next(other), false
	for _, p := range slices.Backward(before) {
		held, _ := p.Date.day()
		switch {
		case held >= end || p.Zone == "":
			continue
		case held < other && !cameIn:
			cameIn = true // the last zone before that week
		case held < other-2:
			return false // by no clock can an event before this one be in that week
		case held < other:
			continue
		}
		there, ok := dateAt(e.At, p.Offset).day()
		if ok && p.Zone != e.Zone && other <= there && there < end {
			return true
		}
	}
	return false
}

// index puts what was noted into the weeks as the calendar has them in the end: a change of the week start may come
// after a press for the next week.
func (b *book) index() {
	done := make(counts, 0, len(b.done))
	for _, c := range b.done {
		w := b.cal.week(c.week)
		done.add(w, c.n)
		if !b.begun || w < b.first {
			b.first, b.begun = w, true
		}
	}
	b.done = done
	slices.Sort(b.days)
}

// settle closes every week that can be closed on day now and writes the ledger.
func (b *book) settle(now day) Ledger {
	l := Ledger{Today: now.date(), Since: b.since, Last: b.last, Starts: b.cal.turns(), Weeks: b.weeks, Closed: b.closed}
	if b.begun {
		b.fill(&l, now)
	}
	total := l.Closed
	for _, w := range l.Weeks[l.Shut:] {
		if w.State == WeekKept {
			total.keep()
		}
	}
	l.Run, l.Longest, l.Rest, l.Kept, l.Strength, l.Back = total.Run, total.Longest, total.Rest, total.Kept, total.Strength, total.Back
	return l
}

// fill writes the weeks from the first one not closed to the present one, or to a later one that is already kept.
func (b *book) fill(l *Ledger, now day) {
	last := b.cal.week(now)
	for _, c := range b.done {
		if c.n > 0 {
			last = max(last, c.week)
		}
	}
	w := b.first
	more := max(0, int(last-w)/7+1) // at most: no week is shorter
	l.Weeks = append(make([]Week, 0, len(b.weeks)+more), b.weeks...)
	for ; w <= last && b.cal.next(w)+graceDays <= now; w = b.cal.next(w) {
		l.Weeks = append(l.Weeks, Week{w.date(), b.close(&l.Closed, w), b.done.of(w)})
	}
	l.Shut = len(l.Weeks)
	for _, d := range b.days {
		if d >= b.cal.next(w) {
			l.Recent = append(l.Recent, d.date())
		}
	}
	for _, s := range b.off {
		if s.until >= w {
			l.Off = append(l.Off, s.span())
		}
	}
	for ; w <= last; w = b.cal.next(w) {
		l.Weeks = append(l.Weeks, Week{w.date(), b.look(w, WeekOpen), b.done.of(w)})
	}
}

// close takes the week that starts at w into the tally for good.
func (b *book) close(t *tally, w day) State {
	state := b.look(w, "")
	switch state {
	case WeekKept:
		t.keep()
		t.strengthen(1)
	case "":
		end := b.cal.next(w)
		i, _ := slices.BinarySearch(b.days, end)
		state = t.skip(w, end, b.days[i:])
	}
	return state
}

// look is the state of the week that starts at w as far as it shows by itself, else the one given.
func (b *book) look(w day, otherwise State) State {
	if b.done.of(w) > 0 {
		return WeekKept
	}
	end := b.cal.next(w)
	for _, state := range [...]State{WeekPaused, WeekExcused} {
		for _, s := range b.off {
			if s.state == state && s.touches(w, end) {
				return state
			}
		}
	}
	return otherwise
}
