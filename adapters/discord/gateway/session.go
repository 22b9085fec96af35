package gateway

import (
	"net/url"
	"sync/atomic"
)

// maxUnanswered is how often a session may be resumed without an answer before
// it is given up.
const maxUnanswered = 3

// farTries is after how many attempts the address of a session is no longer
// trusted to be there.
const farTries = 3

// A session is what Discord keeps of a shard while no connection is open, for
// some minutes. The zero value is none. It belongs to the goroutine that keeps
// the shard; seq may be read by others.
type session struct {
	id         string
	address    string // to resume at; "" = where a new one would be asked for
	unanswered int    // resumes since Discord last took one
	seq        atomic.Int64
}

// begin is told of a new session.
func (s *session) begin(id, address string) {
	s.id, s.address, s.unanswered = id, address, 0
}

// forget ends s: the next connection identifies.
func (s *session) forget() {
	s.id, s.address, s.unanswered = "", "", 0
	s.seq.Store(0)
}

// saw is told the number of an event.
func (s *session) saw(seq int64) {
	if seq > s.seq.Load() {
		s.seq.Store(seq)
	}
}

// where is the address to connect to after so many tries: that of s, or base
// where s has none or nobody was there.
func (s *session) where(base string, tries int) (string, error) {
	from, err := address(base)
	if err != nil {
		return "", err
	}
	if s.address == "" || tries >= farTries {
		return from.String(), nil
	}
	own, err := address(s.address)
	if err != nil || own.Scheme != from.Scheme { // never to a place that is less safe
		return from.String(), nil
	}
	return own.String(), nil
}

// address is text with the version and the encoding that we speak.
func address(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "wss" && u.Scheme != "ws" || u.Host == "" {
		return nil, errAddress
	}
	if u.Path == "" {
		u.Path = "/"
	}
	q := u.Query()
	q.Set("v", "10")
	q.Set("encoding", "json")
	u.RawQuery = q.Encode()
	return u, nil
}
