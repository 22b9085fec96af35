package discordtest

import (
	"maps"
	"slices"
	"time"
)

// Forget forgets what was longer ago than age, so that a load can go on for
// hours: calls, messages, interactions, forms, events that could be resumed, and
// what is in the transcript. A token of then is unknown from now on. Violations,
// pings and what is known of connections stay.
func (d *Discord) Forget(age time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	old := func(m moment) bool { return d.age(m) > age }
	d.calls = slices.DeleteFunc(d.calls, func(c Call) bool { return time.Since(c.At) > age })
	d.forgetInteractions(old)
	d.forgetMessages(old)
	d.forgetTimeline(old)
	maps.DeleteFunc(d.buckets, func(_ string, b *bucket) bool { return time.Since(b.reset) > 0 })
	for _, s := range d.sessions {
		n := firstNot(s.events, func(e dispatched) bool { return old(e.at) })
		s.events, s.lost = slices.Delete(s.events, 0, n), s.lost+n
	}
	d.touch()
}

// firstNot is the index of the first that is not so; their number if all are.
func firstNot[E any](list []E, so func(E) bool) int {
	if n := slices.IndexFunc(list, func(e E) bool { return !so(e) }); n >= 0 {
		return n
	}
	return len(list)
}

// forgetInteractions forgets those that are old, and the forms that they opened
// and nobody has open any more. d.mu is held.
func (d *Discord) forgetInteractions(old func(moment) bool) {
	d.arrivals = slices.DeleteFunc(d.arrivals, func(it *Interaction) bool {
		if !old(it.made) {
			return false
		}
		delete(d.interactions, it.ID)
		delete(d.byToken, it.Token)
		return true
	})
	maps.DeleteFunc(d.modals, func(_ string, m *Modal) bool { return old(m.from.made) && d.open[m.User] != m })
}

// forgetMessages forgets those that are old. d.mu is held.
func (d *Discord) forgetMessages(old func(moment) bool) {
	d.messages = slices.DeleteFunc(d.messages, func(m *Message) bool {
		if !old(m.at) {
			return false
		}
		delete(d.byID, m.ID)
		if !m.Deleted && !m.Thinking { // else it does not count
			d.alike[m.says]--
		}
		return true
	})
	maps.DeleteFunc(d.alike, func(_ string, n int) bool { return n <= 0 })
	maps.DeleteFunc(d.nonces, func(_ string, n nonced) bool { return old(n.at) && d.age(n.at) > nonceLife })
}

// forgetTimeline forgets its beginning, so that what people still wait for is
// where it was. d.mu is held.
func (d *Discord) forgetTimeline(old func(moment) bool) {
	n := firstNot(d.timeline, func(e entry) bool { return old(e.at) })
	d.timeline = slices.Delete(d.timeline, 0, n)
	for _, p := range d.people {
		p.mark = max(0, p.mark-n)
	}
}
