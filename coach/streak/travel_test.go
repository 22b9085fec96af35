package streak

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// travelZones reach from one side of the date line to the other, with half hours, and clock changes north and south.
var travelZones = []string{"Pacific/Pago_Pago", "Pacific/Honolulu", "America/Los_Angeles", "America/New_York", "America/Sao_Paulo", "Europe/London",
	"Europe/Berlin", "Africa/Cairo", "Asia/Kolkata", "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Kiritimati"}

// stay is where somebody is until the next stay.
type stay struct {
	from time.Time
	loc  *time.Location
}

// itinerary is a year from home with trips of 3 to 10 days to anywhere.
func itinerary(r *rand.Rand, zones []*time.Location, begin time.Time) []stay {
	home := zones[r.IntN(len(zones))]
	out := []stay{{begin, home}}
	for t := begin; t.Before(begin.AddDate(1, 0, 0)); {
		t = t.Add(time.Duration(5*24+r.IntN(40*24)) * time.Hour)
		out = append(out, stay{t, zones[r.IntN(len(zones))]})
		t = t.Add(time.Duration(3*24+r.IntN(7*24)) * time.Hour)
		out = append(out, stay{t, home})
	}
	return out
}

// chances are the instants, one a day lived somewhere, of a practice between 07:00 and 22:59 local, by the local week.
func chances(r *rand.Rand, stays []stay) (order []Date, byWeek map[Date][]Event) {
	byWeek = map[Date][]Event{}
	for i, s := range stays[:len(stays)-1] {
		local := s.from.In(s.loc)
		for d := 0; ; d++ {
			t := time.Date(local.Year(), local.Month(), local.Day()+d, 7+r.IntN(16), r.IntN(60), 0, 0, s.loc)
			if !t.Before(stays[i+1].from) {
				break
			}
			if t.Before(s.from) {
				continue
			}
			e := Stamp(t, s.loc, Event{Kind: CheckIn})
			w := WeekOf(e.Date, time.Monday)
			if len(byWeek[w]) == 0 {
				order = append(order, w)
			}
			byWeek[w] = append(byWeek[w], e)
		}
	}
	return order, byWeek
}

// practised is the log of somebody who practises at least once in every week they lived, and the date of the last practice.
func practised(r *rand.Rand, stays []stay, often int) (log []Event, last Date) {
	for _, s := range stays {
		log = append(log, Stamp(s.from, s.loc, Event{Key: fmt.Sprint("zone", s.from.Unix()), Kind: Zone}))
	}
	order, byWeek := chances(r, stays)
	for _, w := range order {
		for range 1 + r.IntN(often) {
			e := byWeek[w][r.IntN(len(byWeek[w]))]
			e.Key = fmt.Sprint("checkin", e.At.Unix())
			log = append(log, e)
			last = max(last, e.Date)
		}
	}
	return log, last
}

func broken(l Ledger) (n int) {
	for _, w := range l.Weeks {
		if w.State != WeekKept && w.State != WeekOpen {
			n++
		}
	}
	return n
}

// Nobody who practises in every week of their life loses one to a journey.
func TestTravel(t *testing.T) {
	var zones []*time.Location
	for _, z := range travelZones {
		zones = append(zones, in(t, z))
	}
	r := rand.New(rand.NewPCG(1, 2))
	weeks, wrong, wrongInUTC, peopleInUTC := 0, 0, 0, 0
	const people = 2000
	for range people {
		begin := time.Date(2026+r.IntN(4), 1, 1, r.IntN(24), 0, 0, 0, time.UTC)
		log, last := practised(r, itinerary(r, zones, begin), 3)
		l := Fold(log, last)
		weeks += len(l.Weeks)
		wrong += broken(l)
		if l.Run != len(l.Weeks) && wrong == 0 {
			t.Fatalf("run %d of %d weeks, all kept", l.Run, len(l.Weeks))
		}
		n := broken(Fold(inUTC(log), last)) // the control: shows that the journeys would break weeks
		wrongInUTC += n
		peopleInUTC += min(n, 1)
	}
	t.Logf("%d weeks; dates of UTC would break %d of %d people", weeks, peopleInUTC, people)
	if wrong != 0 {
		t.Errorf("%d of %d weeks wrongly broken", wrong, weeks)
	}
	if wrongInUTC < 100 {
		t.Errorf("only %d weeks break by dates of UTC: the journeys are too easy", wrongInUTC)
	}
}

func inUTC(log []Event) []Event {
	out := make([]Event, len(log))
	for i, e := range log {
		out[i] = Stamp(e.At, time.UTC, e)
	}
	return out
}
