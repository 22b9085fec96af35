package slacktest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// What happened, for the timeline.
type happening int

const (
	did happening = iota
	posted
	edited
	deleted
	opened
	updated
	shut
	failed
)

// An entry is one thing that somebody saw or did.
type entry struct {
	kind    happening
	user    string
	place   string
	words   string
	message Message
	view    View
	at      time.Time // machine time
}

// tell adds to the timeline. s.mu is held.
func (s *Slack) tell(e entry) {
	e.at = time.Now()
	s.timeline = append(s.timeline, e)
}

// Transcript is all that people did and saw, in order, as plain text for
// golden files: [Buttons], (Menus: options), ____ for what can be filled in.
// It holds no times and no generated names.
func (s *Slack) Transcript() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, e := range s.timeline {
		b.WriteString(s.line(e))
		b.WriteString("\n")
	}
	return b.String()
}

// line is one entry of the transcript. s.mu is held.
func (s *Slack) line(e entry) string {
	who := s.called(e.user)
	switch e.kind {
	case did:
		return fmt.Sprintf("> %s, in %s: %s\n", who, s.place(e.place), indent(e.words, "    ", false))
	case failed:
		return fmt.Sprintf("! Slack to %s: %s\n", who, e.words)
	case deleted:
		return fmt.Sprintf("- %s takes its message away, in %s%s\n", s.set.App, s.place(e.message.Channel), s.only(e.message))
	case shut:
		return fmt.Sprintf("- the window %q of %s closes\n", e.view.Title, who)
	case opened:
		return fmt.Sprintf("= a window opens for %s: %s\n%s", who, e.view.Title, indent(s.names(e.view.Plain()), "    ", true))
	case updated:
		if e.view.Type == string(onHome) {
			return fmt.Sprintf("= Home of %s:\n%s", who, indent(s.names(e.view.Plain()), "    ", true))
		}
		return fmt.Sprintf("= the window of %s is now: %s\n%s", who, e.view.Title, indent(s.names(e.view.Plain()), "    ", true))
	}
	verb := ""
	if e.kind == edited {
		verb = " changes its message"
	}
	return fmt.Sprintf("< %s%s, in %s%s:\n%s", s.set.App, verb, s.place(e.message.Channel), s.only(e.message), indent(s.names(e.message.Plain()), "    ", true))
}

// only says who alone sees m. s.mu is held.
func (s *Slack) only(m Message) string {
	if m.For == "" {
		return ""
	}
	return fmt.Sprintf(" (only %s sees this)", s.called(m.For))
}

func indent(t, by string, first bool) string {
	lines := strings.Split(strings.TrimRight(t, "\n"), "\n")
	for i, l := range lines {
		if (i > 0 || first) && l != "" {
			lines[i] = by + l
		}
	}
	out := strings.Join(lines, "\n")
	if first {
		out += "\n"
	}
	return out
}

// readable undoes escaping: links and mentions as people see them.
func readable(mrkdwn string) string {
	out := markup.ReplaceAllStringFunc(mrkdwn, func(m string) string {
		inner := m[1 : len(m)-1]
		target, label, has := strings.Cut(inner, "|")
		switch {
		case strings.HasPrefix(target, "!date^") && has:
			return label
		case strings.HasPrefix(target, "!"), strings.HasPrefix(target, "@"):
			return "@" + target[1:]
		case has:
			return label
		}
		return target
	})
	return unescape(out)
}

// markup is a link or mention of mrkdwn.
var markup = regexp.MustCompile(`<[^<>]*>`)

func unescape(t string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(t)
}

// names puts names in place of the ids in a plain text. s.mu is held.
func (s *Slack) names(plain string) string {
	for _, u := range s.set.Users {
		plain = strings.ReplaceAll(plain, "@"+u.ID, "@"+u.Name)
	}
	for _, c := range s.set.Channels {
		plain = strings.ReplaceAll(plain, c.ID, "#"+c.Name)
	}
	return strings.ReplaceAll(plain, "##", "#")
}

// pings are whom a message mentions.
func pings(text string, blocks []any) []string {
	var out []string
	find := func(mrkdwn string) {
		for _, m := range markup.FindAllString(mrkdwn, -1) {
			inner, _, _ := strings.Cut(m[1:len(m)-1], "|")
			if strings.HasPrefix(inner, "@") {
				out = append(out, inner[1:])
			}
			if strings.HasPrefix(inner, "!") && !strings.HasPrefix(inner, "!date^") {
				out = append(out, inner)
			}
		}
	}
	find(text)
	var walk func(v any)
	walk = func(v any) {
		switch one := v.(type) {
		case []any:
			for _, e := range one {
				walk(e)
			}
		case map[string]any:
			if str(one, "type") == "mrkdwn" {
				find(str(one, "text"))
			}
			for _, e := range one {
				walk(e)
			}
		}
	}
	walk(blocks)
	slices.Sort(out)
	return slices.Compact(out)
}
