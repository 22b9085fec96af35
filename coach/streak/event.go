package streak

import (
	"cmp"
	"slices"
	"time"
)

// Kind says what an event records.
type Kind string

const (
	CheckIn   Kind = "checkin"   // a practice that keeps a week, like the four below
	Journal   Kind = "journal"   // a finished entry
	Rehearsal Kind = "rehearsal" // played to its end
	Prep      Kind = "prep"      // a prep debriefed
	Promise   Kind = "promise"   // a repair promise kept
	Undo      Kind = "undo"      // takes back the practice whose key is Ref
	Zone      Kind = "zone"      // the zone is the event's own from here on
	Pause     Kind = "pause"     // From to Until, at most 12 weeks
	Illness   Kind = "illness"   // From to Until, from at most 14 days ago
	Outage    Kind = "outage"    // the coach was down for 24 hours or more while something was due to this person
	WeekStart Kind = "weekstart" // the team's weeks start on Start, from the next week on
	Excused   Kind = "excused"   // a season break, or a delivery that failed for our reason
)

const (
	undoDays   = 7              // a practice can be taken back until the 7th day after it
	restampFor = 48 * time.Hour // how long a first check-in waits for its zone
)

// Event is one line of a person's log. At, Zone, Offset and Date are stamped when it is written (see [Stamp]) and never
// change; a text that is not a date counts as no date.
type Event struct {
	Key     string    `json:"k,omitempty"` // what the event means, unique per person; a second one of the same key counts for nothing
	Kind    Kind      `json:"kd,omitempty"`
	At      time.Time `json:"at"`            // UTC
	Zone    string    `json:"z,omitempty"`   // IANA name
	Offset  int       `json:"o,omitempty"`   // seconds east of UTC at that instant
	Date    Date      `json:"d,omitempty"`   // the local date at that instant
	Week    Date      `json:"w,omitempty"`   // the week it is meant for, by a grace or nudge press; "" is the week of Date
	Step    int       `json:"s,omitempty"`   // 1 to 6, 0 for none
	Item    string    `json:"i,omitempty"`   // curriculum item
	Outcome string    `json:"out,omitempty"` // "well", "so-so", "hard"

	// From and Until are the first and the last day of a pause, an illness, an outage or an excuse. Without From it is
	// the day of the event. Without Until a pause lasts as long as a pause may, and the others one day.
	//
	// On a zone event From is the date a restamped check-in gets (see [Restamp]); on a week start it is the day the team
	// made the setting, and counts only where the person has not practised yet.
	From  Date `json:"f,omitempty"`
	Until Date `json:"u,omitempty"`

	Ref     string       `json:"r,omitempty"`  // undo: the key taken back; pause, illness: the key of the one whose Until this replaces
	Assumed bool         `json:"a,omitempty"`  // the zone was the team's, nobody had named one
	Start   time.Weekday `json:"ws,omitempty"` // week start; 0 is Sunday
}

// practice reports whether the event is one of the things that keep a week.
func (e Event) practice() bool {
	switch e.Kind {
	case CheckIn, Journal, Rehearsal, Prep, Promise:
		return true
	}
	return false
}

// Stamp returns e as written at that instant by somebody whose zone is loc: At (to the microsecond, as stores keep it),
// Zone, Offset and Date are set, the rest is left as it is.
func Stamp(at time.Time, loc *time.Location, e Event) Event {
	e.At = at.UTC().Truncate(time.Microsecond)
	local := e.At.In(loc)
	e.Zone = loc.String()
	_, e.Offset = local.Zone()
	e.Date = DateOf(local)
	return e
}

// Restamp is the zone event, without its key, to add when the person names loc as their own zone. Where their first
// practice was stamped in the team's zone at most 48 hours ago, it carries the date of that practice in loc, and [Fold]
// reads the practice as if it had been written so. The practice itself stays as it is in the log, and only the first
// zone that is named does this.
func Restamp(events []Event, at time.Time, loc *time.Location) Event {
	zone := Stamp(at, loc, Event{Kind: Zone})
	log := live(events)
	if i := waiting(log); i >= 0 && named(log) < 0 && withinRestamp(log[i], zone) {
		zone.From = DateOf(log[i].At.In(loc))
	}
	return zone
}

// Undoable are the practices that may be taken back on that day, until 7 days after each, by instant.
func Undoable(events []Event, today Date) []Event {
	return slices.DeleteFunc(live(events), func(e Event) bool {
		return e.Key == "" || !e.practice() || !today.Valid() || today.DaysSince(e.Date) > undoDays
	})
}

// CanUndo reports whether the practice of that key is one of the [Undoable].
func CanUndo(events []Event, key string, today Date) bool {
	return slices.ContainsFunc(Undoable(events, today), func(e Event) bool { return e.Key == key })
}

// live is the log that counts, by instant and then key: without undos and what they took back, without second events of
// one key, and with a date in every event.
func live(events []Event) []Event {
	log := make([]Event, 0, len(events))
	for _, e := range events {
		if !e.Date.Valid() {
			e.Date = dateAt(e.At, e.Offset)
		}
		if e.Date.Valid() {
			log = append(log, e)
		}
	}
	slices.SortFunc(log, compare)
	undone := undos(log)
	seen := make(map[string]bool, len(log))
	return slices.DeleteFunc(log, func(e Event) bool {
		if e.Kind == Undo || seen[e.Key] || takenBack(e, undone[e.Key]) {
			return true
		}
		seen[e.Key] = e.Key != ""
		return false
	})
}

func undos(log []Event) map[string][]Event {
	m := map[string][]Event{}
	for _, e := range log {
		if e.Kind == Undo && e.Ref != "" {
			m[e.Ref] = append(m[e.Ref], e)
		}
	}
	return m
}

// takenBack reports whether one of the undos, which are all for e's key, came after e and in time.
func takenBack(e Event, undos []Event) bool {
	return e.practice() && slices.ContainsFunc(undos, func(u Event) bool {
		return !u.At.Before(e.At) && u.Date.DaysSince(e.Date) <= undoDays
	})
}

// compare orders by instant, then key; the rest only makes the order of a log with doubled keys certain.
func compare(a, b Event) int {
	if c := cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Key, b.Key)); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Ref, b.Ref),
		cmp.Compare(a.Date, b.Date), cmp.Compare(a.Week, b.Week), cmp.Compare(a.From, b.From), cmp.Compare(a.Until, b.Until),
		cmp.Compare(a.Zone, b.Zone), cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.Start, b.Start), boolInt(a.Assumed)-boolInt(b.Assumed))
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// waiting is the index of the first practice of the log if its zone was only assumed, else -1.
func waiting(log []Event) int {
	i := slices.IndexFunc(log, Event.practice)
	if i >= 0 && !log[i].Assumed {
		return -1
	}
	return i
}

// named is the index of the first zone the person named, else -1.
func named(log []Event) int {
	return slices.IndexFunc(log, func(e Event) bool { return e.Kind == Zone && !e.Assumed })
}

func withinRestamp(practice, zone Event) bool {
	wait := zone.At.Sub(practice.At)
	return wait >= 0 && wait <= restampFor
}

// restamp gives a first practice in an assumed zone the zone named within 48 hours.
func restamp(log []Event) {
	i, z := waiting(log), named(log)
	if i < 0 || z < 0 || !withinRestamp(log[i], log[z]) {
		return
	}
	zone := log[z]
	date := dateAt(log[i].At, zone.Offset)
	if near := zone.From.DaysSince(date); zone.From.Valid() && near >= -1 && near <= 1 {
		date = zone.From // worked out at the time with the zone's own rules, which the offset of two days later may miss by an hour
	}
	if date.Valid() {
		log[i].Zone, log[i].Offset, log[i].Date = zone.Zone, zone.Offset, date
	}
}
