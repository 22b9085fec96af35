package web

import (
	"strconv"
	"strings"
	"sync"
)

// An event is something that changes a page that is open.
type event struct {
	Kind    string `json:"kind"`              // "item", "clock", "people" or "again": load the pane again
	Place   string `json:"place,omitempty"`   // for an item
	ID      string `json:"id,omitempty"`      // of the item
	HTML    string `json:"html,omitempty"`    // of the item
	Replace string `json:"replace,omitempty"` // the item whose place it takes
	Remove  string `json:"remove,omitempty"`  // an item that goes away
	Now     string `json:"now,omitempty"`     // for a clock: the instant, RFC 3339
	Line    string `json:"line,omitempty"`    // what to tell quietly
}

// An audience is who an event is for. Empty fields mean everyone.
type audience struct {
	session string // one browser
	user    string // one person
}

// limits of what open pages cost.
const (
	maxStreams    = 32  // pages open at once, over all
	streamBacklog = 64  // events a page may be behind before it is cut off
	ringEvents    = 256 // events kept for pages that come back
)

// numbered is an event with its place in the order of all events.
type numbered struct {
	seq uint64
	to  audience
	event
}

// A hub brings events to the pages that are open, and keeps the last ones for
// those that lost their connection.
type hub struct {
	boot    string // tells this run's numbers from those of an earlier run
	mu      sync.Mutex
	seq     uint64
	ring    []numbered
	streams map[*stream]bool
	closed  bool
}

func newHub() *hub { return &hub{boot: randomID(), streams: make(map[*stream]bool)} }

// A stream is one open page. The hub closes out when the page is to end: it
// fell behind, or the server stops.
type stream struct {
	audience
	place string
	out   chan numbered
}

// publish brings e to everyone in to and reports how many pages were cut off
// because they did not keep up.
func (h *hub) publish(to audience, e event) (cut int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	n := numbered{h.seq, to, e}
	if len(h.ring) == ringEvents {
		h.ring = append(h.ring[:0:0], h.ring[1:]...)
	}
	h.ring = append(h.ring, n)
	for s := range h.streams {
		if !n.reaches(s.audience) {
			continue
		}
		select {
		case s.out <- n:
		default:
			h.drop(s)
			cut++
		}
	}
	return cut
}

func (n numbered) reaches(page audience) bool {
	return (n.to.session == "" || n.to.session == page.session) && (n.to.user == "" || n.to.user == page.user)
}

// join opens a stream that begins after the event with the written number
// after; "" begins now. If what came since is no longer known, the first event
// tells the page to load again. It returns nil if there is no room.
func (h *hub) join(page audience, place, after string) *stream {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || len(h.streams) >= maxStreams {
		return nil
	}
	missed, known := h.since(page, after)
	s := &stream{page, place, make(chan numbered, streamBacklog+len(missed)+1)}
	if !known {
		s.out <- numbered{seq: h.seq, event: event{Kind: "again"}}
	}
	for _, n := range missed {
		s.out <- n
	}
	h.streams[s] = true
	return s
}

// since returns what page has to hear after the event numbered after.
func (h *hub) since(page audience, after string) (missed []numbered, known bool) {
	if after == "" {
		return nil, true
	}
	boot, num, _ := strings.Cut(after, ".")
	seq, err := strconv.ParseUint(num, 10, 64)
	if err != nil || boot != h.boot || seq > h.seq {
		return nil, false
	}
	if len(h.ring) > 0 && seq+1 < h.ring[0].seq {
		return nil, false
	}
	for _, n := range h.ring {
		if n.seq > seq && n.reaches(page) {
			missed = append(missed, n)
		}
	}
	return missed, true
}

// leave ends s, which may have ended already.
func (h *hub) leave(s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(s)
}

func (h *hub) drop(s *stream) {
	if h.streams[s] {
		delete(h.streams, s)
		close(s.out)
	}
}

// mark returns the written number of the latest event.
func (h *hub) mark() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.written(h.seq)
}

func (h *hub) written(seq uint64) string { return h.boot + "." + strconv.FormatUint(seq, 10) }

// close ends every stream and lets none in.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for s := range h.streams {
		h.drop(s)
	}
}

// forget removes what was said privately to a browser that is gone.
func (h *hub) forget(session string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.ring {
		if h.ring[i].to.session == session {
			h.ring[i].event = event{Kind: "gone"}
		}
	}
}
