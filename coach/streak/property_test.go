package streak

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// life draws a log of up to two years with everything in it, and a day on or after its last date.
func life(t *rapid.T) ([]Event, Date) {
	var log []Event
	last := monday
	now := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	loc := in2(t)
	for i := range rapid.IntRange(rapid.SampledFrom([]int{0, 10, 30}).Draw(t, "least"), 50).Draw(t, "events") {
		now = now.Add(time.Duration(rapid.IntRange(0, 400).Draw(t, "hours")) * time.Hour)
		e := Event{Key: fmt.Sprint("k", i), Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Assumed: i == 0}
		if e.Kind == Zone {
			loc = in2(t)
		}
		e = Stamp(now, loc, e)
		e = decorate(t, e, log)
		log = append(log, e)
		last = max(last, e.Date)
	}
	return log, last.Add(rapid.IntRange(0, 200).Draw(t, "later"))
}

var kinds = []Kind{CheckIn, CheckIn, CheckIn, CheckIn, Journal, Journal, Prep, Promise, Rehearsal, Undo, Zone, Pause, Illness, Outage, WeekStart, Excused}

func in2(t *rapid.T) *time.Location {
	loc, err := time.LoadLocation(rapid.SampledFrom(travelZones).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// decorate fills in what an event of its kind carries.
func decorate(t *rapid.T, e Event, log []Event) Event {
	switch {
	case e.practice() && rapid.Bool().Draw(t, "meant"):
		e.Week = e.Date.Add(rapid.IntRange(-9, 2).Draw(t, "week"))
	case e.Kind == Undo && len(log) > 0:
		e.Ref = rapid.SampledFrom(log).Draw(t, "undone").Key
	case e.Kind == WeekStart:
		e.Start = time.Weekday(rapid.IntRange(0, 6).Draw(t, "start"))
	case e.Kind == Pause && len(log) > 0 && rapid.Bool().Draw(t, "resume"):
		e.Ref = rapid.SampledFrom(log).Draw(t, "paused").Key
	case slices.Contains([]Kind{Pause, Illness, Outage, Excused}, e.Kind):
		e.From = e.Date.Add(rapid.IntRange(-20, 10).Draw(t, "from"))
		e.Until = e.From.Add(rapid.IntRange(0, 30).Draw(t, "until"))
	}
	return e
}

func marshalled(t *rapid.T, l Ledger) string {
	b, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Folding to the last event, storing, and moving on day by day is folding to the end.
func TestAdvanceIsFold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log, today := life(t)
		var last Date
		for _, e := range log {
			last = max(last, e.Date)
		}
		if last == "" {
			last = monday
		}
		var l Ledger
		if err := json.Unmarshal([]byte(marshalled(t, Fold(log, last))), &l); err != nil {
			t.Fatal(err)
		}
		middle := last.Add(rapid.IntRange(0, 40).Draw(t, "stop"))
		kept := marshalled(t, l)
		stepped := l.Advance(min(middle, today)).Advance(today)
		if got, want := marshalled(t, stepped), marshalled(t, Fold(log, today)); got != want {
			t.Fatalf("advanced\n got %s\nwant %s", got, want)
		}
		if got := marshalled(t, stepped.Advance(last)); got != marshalled(t, stepped) {
			t.Fatal("a ledger went back")
		}
		if got := marshalled(t, l); got != kept {
			t.Fatalf("advancing changed the ledger it began from\n got %s\nwant %s", got, kept)
		}
	})
}

// Where a ledger takes one more event in, it is the fold of the longer log, and it does so for most practices.
func TestAppendIsFold(t *testing.T) {
	told, all := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		log, _ := life(t)
		log = slices.DeleteFunc(log, func(e Event) bool { return e.Kind == Undo })
		if len(log) == 0 {
			return
		}
		e := log[len(log)-1]
		if rapid.Bool().Draw(t, "practice") {
			e.Kind, e.Ref = CheckIn, ""
		}
		log = log[:len(log)-1]
		l := Fold(log, "")
		if rapid.Bool().Draw(t, "advanced") {
			l = l.Advance(l.Today.Add(rapid.IntRange(0, 20).Draw(t, "days")))
		}
		kept := marshalled(t, l)
		got, ok := l.Append(e)
		if marshalled(t, l) != kept {
			t.Fatalf("Append changed the ledger it began from\n got %s\nwant %s", marshalled(t, l), kept)
		}
		if e.practice() {
			all++
		}
		if !ok {
			return
		}
		told++
		if stale, fresh := Returned(l, got), Returned(l.Advance(e.Date), got); stale != fresh {
			t.Fatalf("came back from %d, and on the day itself from %d", stale, fresh)
		}
		if got, want := marshalled(t, got), marshalled(t, Fold(append(log, e), e.Date)); got != want {
			t.Fatalf("appended %+v to %s\n got %s\nwant %s", e, kept, got, want)
		}
	})
	if told*4 < all {
		t.Errorf("%d of %d practices were taken in", told, all)
	}
}

// What comes of one ledger in different ways has nothing to do with each other, nor with the ledger, though they share
// weeks that are closed; also where there is room behind its slices to write to.
func TestBranchesStayApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log, _ := life(t)
		l := Fold(log, "")
		l.Weeks, l.Starts = slices.Grow(l.Weeks, 8), slices.Grow(l.Starts, 8)
		l.Off, l.Recent = slices.Grow(l.Off, 8), slices.Grow(l.Recent, 8)
		out, was := []Ledger{l}, []string{marshalled(t, l)}
		for range rapid.IntRange(2, 8).Draw(t, "branches") {
			from := rapid.SampledFrom(out).Draw(t, "from")
			on := from.Today.Add(rapid.IntRange(0, 40).Draw(t, "days"))
			next := from.Advance(on)
			if rapid.Bool().Draw(t, "practice") {
				start, _ := on.day()
				at := max(from.Last.Unix()+1, int64(start)*secondsOfDay+12*60*60)
				e := Stamp(time.Unix(at, 0), time.UTC, Event{Key: fmt.Sprint("b", len(out)), Kind: CheckIn})
				var ok bool
				if next, ok = from.Append(e); !ok {
					continue
				}
			}
			out, was = append(out, next), append(was, marshalled(t, next))
		}
		for i, l := range out {
			if got := marshalled(t, l); got != was[i] {
				t.Fatalf("ledger %d of %d changed\n got %s\nwant %s", i, len(out), got, was[i])
			}
		}
	})
}

// The order in which the log is read and how often an event is in it do not matter.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log, today := life(t)
		want := marshalled(t, Fold(log, today))
		other := rapid.Permutation(append(slices.Clone(log), log...)).Draw(t, "order")
		kept := fmt.Sprint(other)
		if got := marshalled(t, Fold(other, today)); got != want {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
		if fmt.Sprint(other) != kept {
			t.Fatal("Fold changed the log it was given")
		}
	})
}

// A practice and its undo, wherever they come, leave no trace in the whole state, nor does a second undo.
func TestUndoIsInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log, today := life(t)
		without := marshalled(t, Fold(log, today))
		at := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 10000).Draw(t, "at")) * time.Hour)
		wait := time.Duration(rapid.IntRange(0, 6*24).Draw(t, "wait")) * time.Hour
		done := Stamp(at, in2(t), Event{Key: "done", Kind: CheckIn, Assumed: rapid.Bool().Draw(t, "assumed")})
		if rapid.Bool().Draw(t, "meant") {
			done.Week = done.Date.Add(rapid.IntRange(-9, 2).Draw(t, "week"))
		}
		undo := Stamp(at.Add(wait), time.UTC, Event{Key: "undo", Kind: Undo, Ref: "done"})
		again := Stamp(at.Add(wait), time.UTC, Event{Key: "again", Kind: Undo, Ref: "done"})
		for _, undos := range [][]Event{{undo}, {undo, again}} {
			both := append(append(slices.Clone(log), done), undos...)
			if got := marshalled(t, Fold(both, today)); got != without {
				t.Fatalf("undone\n got %s\nwant %s", got, without)
			}
			if CanUndo(both, "done", done.Date) {
				t.Fatal("can be undone again")
			}
		}
	})
}

// What must hold of every ledger.
func TestInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log, today := life(t)
		if fault := check(Fold(log, today)); fault != "" {
			t.Fatal(fault)
		}
	})
}

// check is the first thing wrong with a ledger, "" for none.
func check(l Ledger) string {
	kept, run := 0, 0
	cal := calendarOf(l.Starts)
	for i, w := range l.Weeks {
		start, _ := w.Start.day()
		switch {
		case (w.Count > 0) != (w.State == WeekKept):
			return fmt.Sprintf("week %v: count and state differ", w)
		case cal.week(start) != start:
			return fmt.Sprintf("week %v starts inside %s", w, cal.week(start).date())
		case i == 0 && w.State != WeekKept:
			return fmt.Sprintf("first week is %v", w)
		case i > 0 && cal.week(start-1).date() != l.Weeks[i-1].Start:
			return fmt.Sprintf("hole before %v", w)
		case w.State == WeekRest && run == 0:
			return fmt.Sprintf("run begins with a rest week at %v", w)
		case (w.State == WeekOpen) && i < l.Shut:
			return fmt.Sprintf("closed week %v is open", w)
		case w.State == WeekKept:
			kept, run = kept+1, run+1
		case w.State == WeekMissed && w.Start > l.Back:
			run = 0
		}
	}
	switch {
	case kept != l.Kept:
		return fmt.Sprintf("%d kept weeks, ledger says %d", kept, l.Kept)
	case run < l.Run && l.Back == "":
		return fmt.Sprintf("run of %d, ledger says %d", run, l.Run)
	case l.Rest < 0 || l.Rest > restCap:
		return fmt.Sprintf("%d rest weeks", l.Rest)
	case l.Run > l.Longest || l.Longest > l.Kept:
		return fmt.Sprintf("run %d longest %d kept %d", l.Run, l.Longest, l.Kept)
	case l.Strength < 0 || l.Strength > 1:
		return fmt.Sprintf("strength %f", l.Strength)
	}
	return ""
}

// FuzzFold reads anything as a log: nothing panics, and what must hold of every ledger holds.
func FuzzFold(f *testing.F) {
	for _, pattern := range []string{"", "K", "KK...2", "KPXOIK", "K..K.KKKK"} {
		b, err := json.Marshal(append(weeks(pattern), on(3, Event{Kind: WeekStart, Start: 6}), on(4, Event{Kind: Undo, Ref: "checkin-2"})))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, string(monday.Add(60)))
	}
	f.Add([]byte(`[{"k":"a","kd":"checkin","at":"0001-01-01T00:00:00Z","z":"../x","o":99999999,"d":"2026-01-05","w":"2999-12-31","ws":-9}]`), "2999-12-31")
	f.Fuzz(func(t *testing.T, data []byte, today string) {
		var log []Event
		if json.Unmarshal(data, &log) != nil {
			return // not a log
		}
		l := Fold(log, Date(today))
		if fault := check(l); fault != "" {
			t.Fatal(fault)
		}
		if got, want := marshal(t, l.Advance(l.Today.Add(30))), marshal(t, Fold(log, l.Today.Add(30))); l.Today.Add(30).Valid() && got != want {
			for _, e := range live(log) {
				if e.Date > l.Today {
					return // Advance is for logs that end before it starts
				}
			}
			t.Fatalf("advanced\n got %s\nwant %s", got, want)
		}
		AnnounceAt(log, Date(today))
		Grace(l, Date(today))
		Returned(l, l.Advance(l.Today.Add(1000)))
		l.Window(12)
	})
}

// fiveYears is the log of somebody who practises three times a week, travels, pauses and undoes.
func fiveYears(b *testing.B) []Event {
	var log []Event
	zones := allZones(b)
	for i := range 5 * 52 {
		loc := zones[i/4%len(zones)]
		for _, n := range []int{0, 2, 4} {
			at := time.Date(2026, 1, 5+7*i+n, 9, 0, 0, 0, loc)
			log = append(log, Stamp(at, loc, Event{Key: fmt.Sprint("c", i, n), Kind: CheckIn, Step: 3, Outcome: "well"}))
		}
		switch i % 8 {
		case 3:
			log = append(log, Stamp(time.Date(2026, 1, 5+7*i, 8, 0, 0, 0, loc), loc, Event{Key: fmt.Sprint("z", i), Kind: Zone}))
		case 5:
			log = append(log, Stamp(time.Date(2026, 1, 10+7*i, 8, 0, 0, 0, loc), loc, Event{Key: fmt.Sprint("u", i), Kind: Undo, Ref: fmt.Sprint("c", i, 4)}))
		}
	}
	return log
}

func BenchmarkFold(b *testing.B) {
	log := fiveYears(b)
	b.ReportAllocs()
	for b.Loop() {
		Fold(log, "2031-01-03")
	}
}

// BenchmarkAppend is a first practice in a week, in a ledger that was stored the week before.
func BenchmarkAppend(b *testing.B) {
	l := Fold(fiveYears(b), "2031-01-03")
	e := Stamp(time.Date(2031, 1, 8, 12, 0, 0, 0, time.UTC), time.UTC, Event{Key: "new", Kind: CheckIn})
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := l.Append(e); !ok {
			b.Fatal("not taken in")
		}
	}
}

func BenchmarkAdvance(b *testing.B) {
	l := Fold(fiveYears(b), "2031-01-03")
	b.ReportAllocs()
	for b.Loop() {
		l.Advance("2031-01-20")
	}
}
