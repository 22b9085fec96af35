package slacktest

import (
	"maps"
	"slices"
	"time"
)

// Forget forgets what was longer ago than age, by the machine's clock, so that
// a load can go on for hours: calls, messages, files, deliveries, and what is in
// the transcript. A response_url or trigger_id of then is unknown from now on.
// Violations, counts of connections, App Homes and open windows stay.
func (s *Slack) Forget(age time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := func(at time.Time) bool { return time.Since(at) > age }
	s.calls = slices.DeleteFunc(s.calls, func(c Call) bool { return old(c.At) })
	s.forgetMessages(old)
	s.forgetTimeline(old)
	s.envelopes = slices.DeleteFunc(s.envelopes, func(e *Envelope) bool { return old(e.Sent) })
	maps.DeleteFunc(s.sent, func(_ string, e *Envelope) bool { return e == nil || old(e.Sent) })
	maps.DeleteFunc(s.triggers, func(_ string, t *trigger) bool { return old(t.at) })
	maps.DeleteFunc(s.hooks, func(_ string, h *hook) bool { return old(h.at) })
	maps.DeleteFunc(s.files, func(_ string, f *File) bool { return old(f.made) })
	s.touch()
}

// forgetMessages forgets those that are old. s.mu is held.
func (s *Slack) forgetMessages(old func(time.Time) bool) {
	s.messages = slices.DeleteFunc(s.messages, func(m *Message) bool {
		if !old(m.made) {
			return false
		}
		delete(s.byName, m.Channel+" "+m.TS)
		if !m.Deleted { // else it was counted off then
			s.alike[m.says]--
		}
		return true
	})
	maps.DeleteFunc(s.alike, func(_ string, n int) bool { return n <= 0 })
}

// forgetTimeline forgets its beginning, so that what people still wait for is
// where it was. s.mu is held.
func (s *Slack) forgetTimeline(old func(time.Time) bool) {
	n := slices.IndexFunc(s.timeline, func(e entry) bool { return !old(e.at) })
	if n < 0 {
		n = len(s.timeline)
	}
	s.timeline = slices.Delete(s.timeline, 0, n)
	for _, p := range s.people {
		p.mark = max(0, p.mark-n)
	}
}
