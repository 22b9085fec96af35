package main

import (
	"time"

	"rapport/coach"
	"rapport/coach/streak"
)

// live is what somebody does on a day. What they are like is told by their
// number, so that it is the same each time.
func (y *years) live(s *soul, d int) {
	if !s.here {
		y.comeBack(s, d)
		return
	}
	y.answer(s)
	week := d / 7
	switch {
	case s.i%25 == 7 && d == 30+s.i%20, s.i%25 == 8 && d%150 == 20+s.i%20: // erases themselves, for good or not
		y.do(s, coach.Do("erase", "yes"), nil)
		s.here, s.asks, s.pause = false, map[streak.Date]int{}, [2]streak.Date{}
		y.count(&y.erased)
	case s.i%25 == 10 && d > 35: // never seen again, until what is kept of them goes
		if s.rhythm == "daily" {
			s.rhythm = "lone"
		}
	case s.i%9 == 4 && d%140 == 25: // goes on leave, from today or from next week on
		y.leave(s, s.i%2*7, 5+s.i%16)
	case s.i%9 == 4 && d%140 == 30 && s.i%4 == 0 && s.pause[0] != "": // is back early
		y.do(s, coach.Do("pause", "end"), nil)
		s.exempt[s.today(y)], s.pause = true, [2]streak.Date{}
	case s.i%12 == 5 && d%90 == 33: // moves
		y.move(s)
	case s.i%12 == 6 && d == 40 && s.rhythm != "off": // wants it at another hour and on other days
		s.minute, s.days = 60*(4+(s.minute/60+5)%17), ^s.days&0b1111111
		if s.days == 0 {
			s.days = 0b1111111
		}
		y.choose(s)
	case s.rhythm != "lone" && s.today(y).Weekday() == time.Weekday(s.i%7) && week%(1+s.i%4) == 0:
		y.practise(s)
	case s.rhythm == "daily": // is there, reading
		y.do(s, coach.Do("progress"), nil)
	}
}

func (y *years) count(n *int) {
	y.mu.Lock()
	defer y.mu.Unlock()
	*n++
}

// comeBack has some of those who erased themselves come back after a while.
func (y *years) comeBack(s *soul, d int) {
	if s.i%25 == 8 && d%150 == 20+s.i%20+15 {
		y.arrive(s)
		y.count(&y.returned)
	}
}

// answer presses on what came: how it went, or the first button.
func (y *years) answer(s *soul) {
	for _, m := range s.inbox {
		if s.rhythm == "lone" {
			break
		}
		if _, a := y.press(s, &m, "Well"); a.Verb == "" && len(m.Buttons) > 0 && s.i%3 == 0 {
			y.do(s, m.Buttons[0].Action, nil)
		}
	}
	s.inbox = nil
}

// practise takes up the week's idea and wants to be asked how it went; or tells
// right away.
func (y *years) practise(s *soul) {
	if s.club.post == nil || s.i%3 == 0 {
		y.press(s, y.do(s, coach.Do("done"), nil).Message, "Well")
		return
	}
	when, _ := y.press(s, s.club.post, "I'm in")
	asked, _ := y.press(s, when.Message, "Tomorrow")
	minute := 16 * 60
	if s.rhythm != "off" {
		minute = s.minute
	}
	if _, a := y.press(s, asked.Message, "Yes"); a.Verb == "ask" && len(a.Args) > 1 {
		s.asks[streak.Date(a.Args[1])] = minute
	}
}

// leave pauses for some days.
func (y *years) leave(s *soul, in, days int) {
	from := s.today(y).Add(in)
	until := from.Add(days - 1)
	y.do(s, coach.Do("pause", "change"), map[string]string{"from": string(from), "until": string(until)})
	s.pause = [2]streak.Date{from, until}
}

// move goes to the next zone but six, which takes all that is planned along.
func (y *years) move(s *soul) {
	zones := soakZones()
	for i, z := range zones {
		if z == s.zone {
			before := s.today(y)
			s.zone = zones[(i+7)%len(zones)]
			for _, date := range []streak.Date{before, s.today(y)} {
				for near := -1; near <= 1; near++ {
					s.exempt[date.Add(near)] = true
				}
			}
			break
		}
	}
	s.passed(y.hand.Now().In(s.loc()))
	if s.who.Platform == "discord" {
		y.place(s)
		return
	}
	y.do(s, coach.Do("moved"), nil)
}

// passed lets a question that somebody wants on this day come now where its
// minute has passed where they are now: late, on its own day, within the hours.
func (s *soul) passed(now time.Time) {
	date, minute := streak.DateOf(now), now.Hour()*60+now.Minute()
	if m, ok := s.asks[date]; ok && m < minute {
		s.asks[date] = minute
	}
}
