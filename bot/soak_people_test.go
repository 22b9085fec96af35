package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
)

// Send implements [Adapter].
func (m *mailroom) Send(ctx context.Context, to coach.Address, key string, msg coach.Message) (string, error) {
	ref, err := m.postbox.Send(ctx, to, key, msg)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at = append(m.at, m.now()) // it stands still while messages are delivered
	return ref, err
}

const clubsEach = 4 // teams on each platform

// A club is a team with its weekly post.
type club struct {
	team     coach.Team
	zone     string
	day      time.Weekday
	minute   int
	off      [2]streak.Date      // a season break
	got      map[streak.Date]int // posts, by local date
	complete streak.Date         // the last date that was looked at
	post     *coach.Message      // the latest
}

// found sets up a team as its admin does.
func (y *years) found(name coach.Platform, i int) {
	y.Helper()
	zones := soakZones()
	c := &club{team: coach.Team{Platform: name, ID: fmt.Sprint("T", i)}, zone: zones[(7*i+3*len(y.clubs))%len(zones)], day: time.Weekday((i + len(y.clubs)) % 7), minute: 60 * (6 + 3*i), got: map[streak.Date]int{}}
	y.clubs = append(y.clubs, c)
	admin := coach.Person{Platform: name, Realm: realm(name, i), User: "admin"}
	y.ask(admin, c.team, "", coach.Do("setup"), map[string]string{"channel": "general", "day": strconv.Itoa(int(c.day)), "hour": strconv.Itoa(c.minute), "zone": c.zone, "audience": "work"})
	y.ask(admin, c.team, "", coach.Do("setup", "start"), nil)
	if err := y.hand.Advance(y.Context(), y.hand.Now().Add(time.Minute)); err != nil {
		y.Fatal(err)
	}
	for _, box := range y.boxes { // the introduction
		box.take()
		box.at = nil
	}
	c.complete = c.today(y)
}

// realm is where people of a team are: on Discord they are everywhere the same.
func realm(name coach.Platform, i int) string {
	if name == "discord" {
		return ""
	}
	return fmt.Sprint("T", i)
}

func (c *club) today(y *years) streak.Date { return streak.DateOf(y.hand.Now().In(zoneOf(c.zone))) }

func zoneOf(zone string) *time.Location {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	return loc
}

// rest gives the first team of each platform a season break once.
func (y *years) rest(d int) {
	if d != 20 {
		return
	}
	for _, c := range []*club{y.clubs[0], y.clubs[clubsEach]} {
		today := c.today(y)
		c.off = [2]streak.Date{today.Add(2), today.Add(16)}
		admin := coach.Person{Platform: c.team.Platform, Realm: realm(c.team.Platform, 0), User: "admin"}
		y.ask(admin, c.team, "", coach.Do("moresetup"), map[string]string{"who": "admins", "start": "1", "help": "", "from": string(c.off[0]), "until": string(c.off[1])})
	}
}

// holdPost holds a weekly post against what the team's admin chose.
func (y *years) holdPost(p post, at time.Time) {
	for _, c := range y.clubs {
		if c.team != p.to.Team {
			continue
		}
		local := at.In(zoneOf(c.zone))
		date := streak.DateOf(local)
		switch {
		case local.Weekday() != c.day || local.Hour()*60+local.Minute() != c.minute:
			y.fault(&y.wrong, "the post of %v in %s came at %s, want %ss at minute %d", c.team, c.zone, local, c.day, c.minute)
		case c.off[0] != "" && date >= c.off[0] && date <= c.off[1]:
			y.fault(&y.wrong, "the post of %v came in its break, at %s", c.team, local)
		}
		if c.got[date]++; c.got[date] > 1 {
			y.fault(&y.doubled, "%v had %d posts on %s", c.team, c.got[date], date)
		}
		c.post = &p.m
		return
	}
	y.fault(&y.wrong, "%s was posted to %v, where nobody asked for it", p.key, p.to)
}

// completeClub demands a post for each week that is over.
func (y *years) completeClub(c *club) {
	for today := c.today(y); c.complete.Add(1) < today; {
		c.complete = c.complete.Add(1)
		off := c.off[0] != "" && c.complete >= c.off[0] && c.complete <= c.off[1]
		if c.complete.Weekday() == c.day && !off && c.got[c.complete] == 0 {
			y.fault(&y.missing, "%v in %s had no post on %s", c.team, c.zone, c.complete)
		}
	}
}

// A soul is one person: what they chose, and what they have got.
type soul struct {
	i      int
	who    coach.Person
	club   *club
	zone   string
	rhythm string // of the form; "off" is quiet, and "lone" daily without any answer
	minute int
	days   uint8 // of Daily
	here   bool  // wants something just now
	pause  [2]streak.Date
	asks   map[streak.Date]int  // the minute of questions they said yes to
	got    map[streak.Date]int  // messages of the rhythm, by local date
	exempt map[streak.Date]bool // dates on which nothing has to come
	since  streak.Date          // the last date that was looked at
	inbox  []coach.Message
}

func (s *soul) loc() *time.Location { return zoneOf(s.zone) }

func (s *soul) today(y *years) streak.Date { return streak.DateOf(y.hand.Now().In(s.loc())) }

// admit makes a person, who says how they want it.
func (y *years) admit(i int) {
	zones := soakZones()
	c := y.clubs[i%len(y.clubs)]
	s := &soul{
		i: i, club: c, zone: zones[i%len(zones)], minute: 60 * (4 + i*7%17), asks: map[streak.Date]int{}, got: map[streak.Date]int{}, exempt: map[streak.Date]bool{},
		rhythm: []string{"off", "off", "off", "weekly", "weekly", "some", "some", "daily", "daily", "lone"}[i/2%10],
		days:   []uint8{0b0111110, 0b1111111, 0b0101010, 0b1000001, 0b0010100}[i/20%5],
	}
	n := i % len(y.clubs) % clubsEach
	s.who = coach.Person{Platform: c.team.Platform, Realm: realm(c.team.Platform, n), User: fmt.Sprint("p", i)}
	y.souls[s.who], y.order = s, append(y.order, s)
	y.arrive(s)
}

// told is the zone that a platform tells of somebody: Discord tells none.
func (s *soul) told() string {
	if s.who.Platform == "discord" {
		return ""
	}
	return s.zone
}

func (y *years) do(s *soul, a coach.Action, answers map[string]string) coach.Reply {
	return y.ask(s.who, s.club.team, s.told(), a, answers)
}

// press presses the button that begins so; nothing where there is none.
func (y *years) press(s *soul, m *coach.Message, label string) (reply coach.Reply, a coach.Action) {
	if m == nil {
		return reply, a
	}
	for _, b := range m.Buttons {
		if strings.HasPrefix(b.Label, label) {
			return y.do(s, b.Action, nil), b.Action
		}
	}
	return reply, a
}

// arrive says where somebody is, and how often they want to hear.
func (y *years) arrive(s *soul) {
	s.here, s.since, s.pause = true, s.today(y), [2]streak.Date{}
	if s.who.Platform == "discord" {
		y.place(s)
	}
	y.choose(s)
}

func (y *years) place(s *soul) {
	y.do(s, coach.Do("place"), map[string]string{"zone": s.zone, "mostly": "any", "easier": "any"})
}

func (y *years) choose(s *soul) {
	if s.rhythm == "off" {
		return
	}
	var days []string
	for d := range 7 {
		if s.days&(1<<d) != 0 {
			days = append(days, strconv.Itoa(d))
		}
	}
	rhythm := s.rhythm
	if rhythm == "lone" {
		rhythm = "daily"
	}
	y.do(s, coach.Do("rhythm"), map[string]string{"rhythm": rhythm, "hour": strconv.Itoa(s.minute), "days": strings.Join(days, ",")})
	s.exempt[s.today(y)] = true
}

// unwanted says why somebody does not want a message that came at an instant;
// "" if they do. It is counted as come.
func (s *soul) unwanted(at time.Time) string {
	local := at.In(s.loc())
	date, minute := streak.DateOf(local), local.Hour()*60+local.Minute()
	s.got[date]++
	if s.pause[0] != "" && date >= s.pause[0] && date <= s.pause[1] {
		return "they are on a pause"
	}
	if local.Second() != 0 || minute < 4*60 || minute >= 21*60 {
		return "that is no hour for it"
	}
	if m, ok := s.asks[date]; ok && m == minute {
		delete(s.asks, date)
		return ""
	}
	switch {
	case !s.here:
		return "they are gone"
	case s.rhythm == "off":
		return "they did not ask"
	case minute != s.minute:
		return fmt.Sprintf("they chose minute %d", s.minute)
	case !s.wants(local.Weekday()):
		return "they did not choose that day"
	case s.got[date] > 1:
		return "they had one on that day"
	}
	return ""
}

// wants reports whether the rhythm has messages on a day of the week. Thursday's
// question comes where something is open.
func (s *soul) wants(d time.Weekday) bool {
	switch s.rhythm {
	case "weekly":
		return d == time.Thursday
	case "some":
		return d == time.Tuesday || d == time.Thursday || d == time.Friday
	}
	return d == time.Thursday || s.days&(1<<d) != 0
}

// complete demands a message for each day that is over and somebody who answers
// wants one on.
func (y *years) complete(s *soul) {
	for today := s.today(y); s.since.Add(1) < today; {
		s.since = s.since.Add(1)
		paused := s.pause[0] != "" && s.since >= s.pause[0] && s.since <= s.pause[1]
		if s.here && s.rhythm == "daily" && s.days&(1<<s.since.Weekday()) != 0 && !paused && !s.exempt[s.since] && s.got[s.since] == 0 {
			y.fault(&y.missing, "%s in %s had no message on %s, %s", s.who.User, s.zone, s.since, s.since.Weekday())
		}
		delete(s.got, s.since.Add(-3))
		delete(s.exempt, s.since.Add(-3))
	}
}
