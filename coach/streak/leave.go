package streak

import "time"

// leave is days that make a week neutral if nothing was done in it.
type leave struct {
	key         string
	from, until day // both included; none where until is earlier
	state       State
}

// span is a leave in a ledger.
type span struct {
	From  Date  `json:"from"`
	Until Date  `json:"until"`
	State State `json:"state"`
}

func (s leave) span() span { return span{s.from.date(), s.until.date(), s.state} }

func (s span) leave() leave {
	from, _ := s.From.day()
	until, _ := s.Until.day()
	return leave{from: from, until: until, state: s.State}
}

// leave takes in a pause, an illness, an outage or an excuse written on day d.
func (b *book) leave(e Event, d day) {
	s := leave{key: e.Key, from: d, state: WeekExcused}
	if from, ok := e.From.day(); ok {
		s.from = from
	}
	s.until = s.from
	if e.Kind == Pause || e.Kind == Illness {
		if e.Ref != "" {
			b.resume(e, d)
			return
		}
		s.state = WeekPaused
		s.from = max(s.from, d-backdate)
		s.until = s.from + pauseDays - 1
		if e.Kind == Illness {
			s.until = max(s.from, d)
		}
	}
	if until, ok := e.Until.day(); ok {
		s.until = until
	}
	if s.state == WeekPaused {
		s.until = min(s.until, s.from+pauseDays-1)
	}
	b.off = append(b.off, s)
}

// resume gives the pause that e names another last day; without one it ends the day before d.
func (b *book) resume(e Event, d day) {
	until, ok := e.Until.day()
	if !ok {
		until = d - 1
	}
	for i, s := range b.off {
		if s.key == e.Ref && s.state == WeekPaused {
			b.off[i].until = min(until, s.from+pauseDays-1)
		}
	}
}

// touches reports whether the leave makes the week [start, end) neutral: a pause needs a working day, Monday to Friday.
func (s leave) touches(start, end day) bool {
	from, until := max(s.from, start), min(s.until, end-1)
	if s.state != WeekPaused {
		return from <= until
	}
	for d := from; d <= until; d++ {
		if w := d.weekday(); w != time.Saturday && w != time.Sunday {
			return true
		}
	}
	return false
}
