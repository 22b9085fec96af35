package web

import (
	"crypto/rand"
	"sync"
	"time"

	"rapport/coach"
)

// Bounds of what one browser, and all of them, cost in memory.
const (
	maxSessions  = 32
	maxItems     = 80      // private items in one pane
	maxPaneBytes = 1 << 20 // of their HTML
	maxExchanges = 64      // answers kept for gestures that are tried again
	maxBlobBytes = 16 << 20
)

// randomID returns 26 letters and digits that nobody can guess.
func randomID() string { return rand.Text() }

// visits holds a session for each browser.
type visits struct {
	mu   sync.Mutex
	byID map[string]*session
	uses uint64
}

func newVisits() *visits { return &visits{byID: make(map[string]*session)} }

// find returns the session with that id, or nil.
func (v *visits) find(id string) *session {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := v.byID[id]
	if s != nil {
		v.uses++
		s.used = v.uses
	}
	return s
}

// begin returns a new session, and the id of the one that had to make room.
func (v *visits) begin() (s *session, gone string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.byID) >= maxSessions {
		for id, other := range v.byID {
			if gone == "" || other.used < v.byID[gone].used {
				gone = id
			}
		}
		delete(v.byID, gone)
	}
	v.uses++
	s = newSession()
	s.used = v.uses
	v.byID[s.id] = s
	return s, gone
}

func newSession() *session {
	return &session{
		id:    randomID(),
		label: randomID(),
		panes: make(map[paneKey]*pane), seen: make(map[paneKey]time.Time),
		exchanges: make(map[string]*exchange), blobs: make(map[string]blob),
	}
}

// A session is what one browser was told privately. It lives in memory alone.
type session struct {
	id    string // the browser's cookie: whoever knows it sees what the browser was told
	label string // names the session where others may see it
	used  uint64 // guarded by visits.mu

	mu        sync.Mutex
	panes     map[paneKey]*pane
	seen      map[paneKey]time.Time // coach clock: what came later is unread
	exchanges map[string]*exchange
	asked     []string // ids of exchanges, oldest first
	blobs     map[string]blob
	held      []string // ids of blobs, oldest first
	size      int      // bytes of blobs
}

// A paneKey names one person's view of a place.
type paneKey struct {
	user  string
	place place
}

// An item is one message of a pane.
type item struct {
	id   string
	at   time.Time // coach clock
	html string
}

// A pane is the part of a place that is kept nowhere, oldest first.
type pane struct {
	items []item
	bytes int
	lost  bool // older items were let go
}

func (p *pane) add(it item) {
	p.items = append(p.items, it)
	p.bytes += len(it.html)
	for len(p.items) > maxItems || p.bytes > maxPaneBytes && len(p.items) > 1 {
		p.bytes -= len(p.items[0].html)
		p.items = append(p.items[:0:0], p.items[1:]...)
		p.lost = true
	}
}

func (p *pane) find(id string) int {
	for i := range p.items {
		if p.items[i].id == id {
			return i
		}
	}
	return -1
}

func (p *pane) remove(id string) {
	if i := p.find(id); i >= 0 {
		p.bytes -= len(p.items[i].html)
		p.items = append(p.items[:i:i], p.items[i+1:]...)
	}
}

// pane returns the pane k; s.mu is held.
func (s *session) pane(k paneKey) *pane {
	p := s.panes[k]
	if p == nil {
		p = &pane{}
		s.panes[k] = p
	}
	return p
}

// add puts it at the end of pane k.
func (s *session) add(k paneKey, it item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pane(k).add(it)
}

// when returns the time of the item with that id, if it is in pane k.
func (s *session) when(k paneKey, id string) (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.pane(k)
	i := p.find(id)
	if i < 0 {
		return time.Time{}, false
	}
	return p.items[i].at, true
}

// replace puts it in the place of old, or at the end if old is gone.
func (s *session) replace(k paneKey, old string, it item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.pane(k)
	i := p.find(old)
	if i < 0 {
		p.add(it)
		return
	}
	p.bytes += len(it.html) - len(p.items[i].html)
	p.items[i] = it
}

func (s *session) remove(k paneKey, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pane(k).remove(id)
}

// private returns what pane k holds, and whether older items were let go.
func (s *session) private(k paneKey) ([]item, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.pane(k)
	return append([]item(nil), p.items...), p.lost
}

// look records that pane k was looked at, and returns when it was before.
func (s *session) look(k paneKey, at time.Time) (before time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before = s.seen[k]
	if at.After(before) {
		s.seen[k] = at
	}
	return before
}

// An exchange is one gesture and its answer: a gesture that is tried again,
// because the connection broke, gets the same answer again.
type exchange struct {
	done chan struct{}
	out  outcome // set when done is closed
}

// begin returns the exchange with that id, and whether it is new and the
// caller's to finish.
func (s *session) begin(id string) (x *exchange, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if x := s.exchanges[id]; x != nil {
		return x, false
	}
	if len(s.asked) == maxExchanges {
		delete(s.exchanges, s.asked[0])
		s.asked = append(s.asked[:0:0], s.asked[1:]...)
	}
	x = &exchange{done: make(chan struct{})}
	s.exchanges[id] = x
	s.asked = append(s.asked, id)
	return x, true
}

// A blob is a file or a picture of a private answer.
type blob struct {
	name, mime string
	data       []byte
	inline     bool
}

// hold keeps b for this browser and returns its id.
func (s *session) hold(b blob) string {
	id := randomID()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blobs[id] = b
	s.held = append(s.held, id)
	s.size += len(b.data)
	for s.size > maxBlobBytes && len(s.held) > 1 {
		s.size -= len(s.blobs[s.held[0]].data)
		delete(s.blobs, s.held[0])
		s.held = append(s.held[:0:0], s.held[1:]...)
	}
	return id
}

func (s *session) blob(id string) (blob, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.blobs[id]
	return b, ok
}

// holdFile keeps f, if there is one, and returns its id.
func (s *session) holdFile(f *coach.File) string {
	if f == nil {
		return ""
	}
	return s.hold(blob{name: f.Name, mime: f.Type, data: f.Data})
}

// holdPicture keeps p, if there is one, and returns its id.
func (s *session) holdPicture(p *coach.Picture) string {
	if p == nil {
		return ""
	}
	return s.hold(blob{name: p.Name, mime: "image/png", data: p.PNG, inline: true})
}
