package streak

import "time"

// dateAt is the civil date of an instant at an offset, in seconds east of UTC.
func dateAt(at time.Time, offset int) Date {
	return DateOf(at.UTC().Add(time.Duration(offset) * time.Second))
}

// zonesHeld is the zones in which the person was in [start, end): the one it began in and every one stamped since.
func zonesHeld(events []Event, start, end Date) []*time.Location {
	log := live(events)
	restamp(log)
	var held []*time.Location
	var begin *time.Location
	for _, e := range log {
		switch {
		case e.Zone == "" || e.Date >= end:
		case e.Date >= start || len(held) > 0: // back over the date line, into the day before the week, is in the week too
			held = append(held, location(e))
		default:
			begin = location(e)
		}
	}
	if begin != nil {
		held = append(held, begin)
	}
	return held
}

// location is the zone of an event, or its offset where this machine does not know the zone.
func location(e Event) *time.Location {
	if loc, err := time.LoadLocation(e.Zone); err == nil {
		return loc
	}
	return time.FixedZone(e.Zone, e.Offset)
}

// latestStart is the last of the instants at which that day begins in these zones.
func latestStart(zones []*time.Location, d Date) time.Time {
	if len(zones) == 0 {
		zones = []*time.Location{time.UTC}
	}
	var latest time.Time
	for _, loc := range zones {
		if at := startOf(d, loc); at.After(latest) {
			latest = at
		}
	}
	return latest
}

// startOf is the first instant of a civil day: midnight, the first where there are two, or the end of the gap it is in.
func startOf(d Date, loc *time.Location) time.Time {
	n, _ := d.day()
	midnight := time.Unix(int64(n)*secondsOfDay, 0).UTC()
	_, before := midnight.Add(-36 * time.Hour).In(loc).Zone()
	_, after := midnight.Add(36 * time.Hour).In(loc).Zone()
	first := midnight.Add(-time.Duration(before) * time.Second)
	second := midnight.Add(-time.Duration(after) * time.Second)
	if showsMidnight(second.In(loc)) && !showsMidnight(first.In(loc)) {
		return second
	}
	return first
}

func showsMidnight(t time.Time) bool { return t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 }
