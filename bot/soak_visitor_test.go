package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"rapport/adapters/discord/discordtest"
	"rapport/adapters/slack/slacktest"
	"rapport/coach"
)

// answerTime is within what somebody under load must be answered.
const answerTime = 30 * time.Second

// A visitor is somebody on a chat platform, under load: nothing that goes wrong
// ends the test, as others go on meanwhile.
type visitor interface {
	say(line string) (page, error) // types a command
	home() (page, error)           // opens the first screen
	press(on page, label string) (page, error)
	send(form page, values map[string]string) (page, error)
	leave() // closes what is open, and goes back to the channel
}

// A page is what somebody is answered with: a message or a form.
type page interface{ Plain() string }

// labelled is the button of a page whose label begins so; "" if there is none.
func labelled(p page, beginning string) string {
	if p == nil {
		return ""
	}
	return strings.Trim(regexp.MustCompile(`\[`+regexp.QuoteMeta(beginning)+`[^\]\n]*\]`).FindString(p.Plain()), "[]")
}

// soundly is an error for an answer that says that something went wrong.
func soundly(p page) error {
	for _, bad := range []string{coach.Sorry().Message.Fallback(), "I cannot keep up"} {
		if strings.Contains(p.Plain(), bad) {
			return fmt.Errorf("answered with %.300q", p.Plain())
		}
	}
	return nil
}

func noForm(p page) error { return fmt.Errorf("no form, but %.300q", p.Plain()) }

// crossings count what crossed the end of a connection in Slack.
type crossings struct {
	beside atomic.Int64 // answers that came another way than by the acknowledgement
	again  atomic.Int64 // forms that had to be sent once more
}

// A slackVisitor is a visitor in Slack.
type slackVisitor struct {
	s *slacktest.Slack
	p *slacktest.Person
	*crossings
}

func (g slackVisitor) say(line string) (page, error) {
	before := g.look(nil)
	return g.answered(g.p.Command("/rapport "+line), before)
}

func (g slackVisitor) press(on page, label string) (page, error) {
	before := g.look(on)
	return g.answered(g.p.Press(on.(slacktest.Surface), label), before)
}

func (g slackVisitor) send(form page, values map[string]string) (page, error) {
	window, ok := form.(slacktest.View)
	if !ok {
		return nil, noForm(form)
	}
	before := g.look(nil)
	a := g.p.Submit(window, values)
	if a.Error == unacknowledged && g.since(before) == nil {
		// An answer to a form can only ride in the acknowledgement. Slack says
		// that it had trouble, and leaves the window as it was filled in.
		g.again.Add(1)
		a = g.p.Submit(window, values)
	}
	return g.answered(a, before)
}

// home opens the App Home. It is drawn anew only where it would be another.
func (g slackVisitor) home() (page, error) {
	if a := g.p.OpenHome(); a.Error != "" && a.Error != unacknowledged {
		return nil, errors.New(a.Error)
	}
	var v slacktest.View
	if !g.s.Wait(answerTime, func() (ok bool) { v, ok = g.p.Home(); return ok }) {
		return nil, errors.New("no App Home")
	}
	return v, soundly(v)
}

func (g slackVisitor) leave() {
	for range g.s.Open(g.p.ID()) {
		g.p.CloseModal()
	}
	g.p.In("general")
}

// A glance is what a visitor in Slack saw before a gesture.
type glance struct {
	newest  string            // name of the last message for them
	pressed slacktest.Message // the message with the button, if it is one
	modal   slacktest.View
}

func (g slackVisitor) look(on page) glance {
	var l glance
	l.pressed, _ = on.(slacktest.Message)
	l.modal, _ = g.p.Modal()
	for _, m := range g.mine() {
		l.newest = m.TS
	}
	return l
}

// mine are the messages where they look that are for them: those of a channel
// that everybody sees are no answer.
func (g slackVisitor) mine() []slacktest.Message {
	all := g.p.Messages()
	own := all[:0]
	for _, m := range all {
		if m.For != "" || strings.HasPrefix(m.Channel, "D") {
			own = append(own, m)
		}
	}
	return own
}

// since is what came since; nil if nothing did.
func (g slackVisitor) since(l glance) page {
	if v, ok := g.p.Modal(); ok && (v.ID != l.modal.ID || v.Updates != l.modal.Updates || len(v.Errors) != len(l.modal.Errors)) {
		return v
	}
	var last page
	for _, m := range g.mine() {
		if m.TS > l.newest || m.TS == l.pressed.TS && m.Edits > l.pressed.Edits {
			last = m
		}
	}
	return last
}

// unacknowledged is what Slack says where an acknowledgement did not arrive: it
// may have crossed the end of the connection.
const unacknowledged = "operation_timeout"

func (g slackVisitor) answered(a slacktest.Answer, before glance) (page, error) {
	switch a.Error {
	case "":
	case unacknowledged:
		g.beside.Add(1)
	default:
		return nil, errors.New(a.Error)
	}
	var on page
	if !g.s.Wait(answerTime, func() bool {
		on = g.since(before)
		return on != nil && !strings.Contains(on.Plain(), coach.OneMoment().Message.Fallback())
	}) {
		return nil, errors.New("no answer")
	}
	return on, soundly(on)
}

// A discordVisitor is a visitor in Discord.
type discordVisitor struct {
	d *discordtest.Discord
	p *discordtest.Person
}

func (g discordVisitor) say(line string) (page, error) {
	if line == "" {
		return g.answered(g.p.Command("/rapport"))
	}
	return g.answered(g.p.Command("/rapport", line))
}

func (g discordVisitor) press(on page, label string) (page, error) {
	return g.answered(g.p.Press(on.(discordtest.Message), label))
}

func (g discordVisitor) send(form page, values map[string]string) (page, error) {
	window, ok := form.(discordtest.Modal)
	if !ok {
		return nil, noForm(form)
	}
	return g.answered(g.p.Submit(window, values))
}

func (g discordVisitor) home() (page, error) { return g.say("") }

func (g discordVisitor) leave() {
	g.p.CloseModal()
	g.p.In("#general")
}

func (g discordVisitor) answered(a discordtest.Answer) (page, error) {
	if a.Error != "" {
		return nil, errors.New(a.Error)
	}
	if v, ok := g.p.Modal(); ok && a.Kind == 9 {
		return v, nil
	}
	var m discordtest.Message
	if !g.d.Wait(answerTime, func() bool { m = g.d.Answered(a); return m.ID != "" && !m.Thinking }) {
		return nil, errors.New("no answer")
	}
	return m, soundly(m)
}
