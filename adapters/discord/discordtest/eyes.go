package discordtest

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// eyes are those of somebody who reads: they give names and times.
type eyes struct {
	d    *Discord // nil: names are ids
	zone *time.Location
	now  time.Time
}

// eyes are those of a user; of nobody, in UTC, where user is "". d.mu is held.
func (d *Discord) eyes(user string) eyes {
	e := eyes{d: d, zone: time.UTC, now: d.now()}
	if u := d.user(user); u != nil {
		if loc, err := time.LoadLocation(u.Zone); err == nil {
			e.zone = loc
		}
	}
	return e
}

// readable is what markdown says to nobody.
func readable(markdown string) string { return eyes{zone: time.UTC}.plain(markdown) }

// plain is what markdown says.
func (e eyes) plain(markdown string) string {
	return strings.TrimRight(e.spans(parse(markdown)), "\n")
}

// block tells whether a piece has lines of its own.
func (s piece) block() bool {
	return slices.Contains([]style{fence, quote, heading, subtext, listed}, s.style)
}

func (e eyes) spans(list []piece) string {
	var b strings.Builder
	for i, s := range list {
		t := e.span(s)
		if s.block() || i > 0 && list[i-1].block() {
			if b.Len() > 0 && !strings.HasSuffix(b.String(), "\n") {
				b.WriteString("\n")
			}
		}
		b.WriteString(t)
		if s.block() {
			b.WriteString("\n")
		}
	}
	return b.String()
}

func (e eyes) span(s piece) string {
	inner := e.spans(s.kids)
	switch s.style {
	case words, code, fence:
		return s.text
	case quote:
		return "> " + strings.ReplaceAll(strings.TrimRight(inner, "\n"), "\n", "\n> ")
	case listed:
		return s.extra + " " + inner
	case link:
		if s.kids == nil {
			return s.text
		}
		return inner
	case userMention, roleMention, channelMention, everyone, command, stamp, emoji:
		return e.name(s)
	}
	return inner
}

// name is what Discord puts in place of a mention, a time and the like.
func (e eyes) name(s piece) string {
	switch s.style {
	case everyone:
		return "@" + s.text
	case command:
		return "/" + s.text
	case stamp:
		return e.time(s)
	case emoji:
		return s.text
	}
	sign := "@"
	if s.style == channelMention {
		sign = "#"
	}
	if e.d == nil {
		return sign + s.text
	}
	switch s.style {
	case userMention:
		return sign + e.d.called(s.text)
	case channelMention:
		if _, c := e.d.channelEver(s.text); c != nil {
			return sign + c.Name
		}
		return "#unknown"
	}
	for i := range e.d.set.Guilds {
		if g := &e.d.set.Guilds[i]; g.ID == s.text {
			return "@everyone"
		} else if appRole(g) == s.text {
			return "@" + e.d.set.App
		}
	}
	return "@unknown-role"
}

// time is a time where the reader is.
func (e eyes) time(s piece) string {
	n, err := strconv.ParseInt(s.text, 10, 64)
	if err != nil {
		return s.text
	}
	at := time.Unix(n, 0).In(e.zone)
	switch s.extra {
	case "t":
		return at.Format("15:04")
	case "T":
		return at.Format("15:04:05")
	case "d":
		return at.Format("02/01/2006")
	case "D":
		return at.Format("2 January 2006")
	case "F":
		return at.Format("Monday, 2 January 2006 15:04")
	case "s":
		return at.Format("02/01/2006, 15:04")
	case "S":
		return at.Format("02/01/2006, 15:04:05")
	case "R":
		return e.away(at)
	}
	return at.Format("2 January 2006 15:04")
}

// away is a time as a distance.
func (e eyes) away(at time.Time) string {
	if e.now.IsZero() {
		return at.Format("2 January 2006 15:04")
	}
	far := at.Sub(e.now)
	n := far.Abs()
	said := counted(int(n.Seconds()), "second")
	switch {
	case n >= 365*24*time.Hour:
		said = counted(int(n.Hours()/24/365), "year")
	case n >= 30*24*time.Hour:
		said = counted(int(n.Hours()/24/30), "month")
	case n >= 24*time.Hour:
		said = counted(int(n.Hours()/24), "day")
	case n >= time.Hour:
		said = counted(int(n.Hours()), "hour")
	case n >= time.Minute:
		said = counted(int(n.Minutes()), "minute")
	}
	if far < 0 {
		return said + " ago"
	}
	return "in " + said
}

// ping notes whom a new message notifies. Embeds notify nobody. d.mu is held.
func (d *Discord) ping(m *Message) {
	var list []piece
	list = append(list, parse(m.Content)...)
	for _, c := range every(m.Components, typeText) {
		list = append(list, parse(str(c, "content"))...)
	}
	seen := map[string]bool{}
	walk(list, func(s piece) {
		whom := s.text
		kind := map[style]string{userMention: "users", roleMention: "roles", everyone: "everyone"}[s.style]
		if kind == "" || seen[whom] || !pingable(m.mentions, kind, whom) || !d.reached(m, kind, whom) {
			return
		}
		seen[whom] = true
		d.pings = append(d.pings, Ping{Message: m.ID, Channel: m.Channel, Whom: whom})
	})
}

// reached tells whether somebody would be told of m at all. d.mu is held.
func (d *Discord) reached(m *Message, kind, whom string) bool {
	switch {
	case m.For != "":
		return m.For == whom
	case d.partners[m.Channel] != "":
		return d.partners[m.Channel] == whom
	case kind == "users":
		return d.within(whom, m.Channel)
	}
	return true
}

// pingable tells whether allowed_mentions lets a mention notify.
func pingable(allowed any, kind, whom string) bool {
	if allowed == nil {
		return true
	}
	m, _ := allowed.(map[string]any)
	return slices.Contains(arr(m, "parse"), any(kind)) || kind != "everyone" && slices.Contains(arr(m, kind), any(whom))
}

func walk(list []piece, f func(piece)) {
	for _, s := range list {
		f(s)
		walk(s.kids, f)
	}
}
