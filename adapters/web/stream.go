package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// beat is how often a page that listens hears something, so that a broken
// connection is noticed on both sides.
const beat = 20 * time.Second

// listen brings events to a page until it goes away, falls behind or the
// server stops.
func (s *server) listen(w http.ResponseWriter, r *http.Request) {
	visitor := s.sessionOf(r)
	person, known := s.crowd.find(r.PathValue("user"))
	where, fine := s.place(r.FormValue("place"))
	if visitor == nil || !known || !fine {
		s.refuse(w, http.StatusConflict, "I was started again since this page was opened. Please load it once more.")
		return
	}
	after := r.Header.Get("Last-Event-ID")
	if after == "" {
		after = r.FormValue("after")
	}
	stream := s.hub.join(audience{visitor.id, person.User}, where.String(), after)
	if stream == nil {
		w.Header().Set("Retry-After", "5")
		s.refuse(w, http.StatusServiceUnavailable, "Too many pages are open at once. Please close one.")
		return
	}
	defer s.hub.leave(stream)
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	out := pipe{w, http.NewResponseController(w)}
	if out.begin() != nil {
		return
	}
	s.pump(r, out, stream, caller{visitor, person, where})
}

// pump writes the events of stream until it ends.
func (s *server) pump(r *http.Request, out pipe, stream *stream, c caller) {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		var err error
		select {
		case n, open := <-stream.out:
			if !open {
				return
			}
			if n.Kind == "gone" {
				continue
			}
			if n.Place == stream.place {
				c.session.look(c.key(), s.Clock.Now())
			}
			err = out.event(s.hub.written(n.seq), n.event)
		case <-tick.C:
			err = out.write(": here\n\n")
		case <-r.Context().Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// A pipe writes to a page, with a deadline for every write.
type pipe struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// begin lifts the deadlines that hold for ordinary requests.
func (p pipe) begin() error {
	if err := p.control.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	return p.write("retry: 2000\n\n")
}

func (p pipe) event(id string, e event) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return p.write(fmt.Sprintf("id: %s\ndata: %s\n\n", id, body))
}

func (p pipe) write(s string) error {
	if err := p.control.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return err
	}
	if _, err := p.w.Write([]byte(s)); err != nil {
		return err
	}
	return p.control.Flush()
}
