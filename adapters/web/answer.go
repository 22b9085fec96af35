package web

import (
	"context"
	"fmt"
	"html/template"
	"time"

	"rapport/adapters/surface"
	"rapport/coach"
)

// answerWait is how long the coach may take over one answer, the late ones
// included.
const answerWait = 30 * time.Second

// An outcome is the answer to a gesture, for the page's script.
type outcome struct {
	Events []event           `json:"events,omitempty"` // to apply in this order
	Form   template.HTML     `json:"form,omitempty"`   // to open
	Faults map[string]string `json:"faults,omitempty"` // of the form that was sent, by input
	Line   string            `json:"line,omitempty"`   // to tell quietly
	code   int               // of HTTP, if the gesture is refused with Line
}

// ask hands r to the coach for c. Origin is the item that was pressed, "" for
// none. What takes longer than [coach.AckWait] follows as events.
func (s *server) ask(c caller, r coach.Request, origin string) outcome {
	ctx, cancel := context.WithTimeout(s.lifetime, answerWait)
	waiting := randomID()
	shown := make(chan struct{})
	s.late.Add(1)
	reply, done, err := coach.Await(ctx, s.coach, r, s.ackWait, func(reply coach.Reply, err error) {
		defer s.late.Done()
		defer cancel()
		<-shown
		s.follow(c, reply, err, origin, waiting)
	})
	if !done {
		e := s.privateItem(c, s.privately(c, waiting, reply, s.Clock.Now()))
		close(shown)
		return outcome{Events: []event{e}}
	}
	cancel()
	s.late.Done()
	return s.settle(c, reply, err, origin)
}

// settle shows a reply that came in time.
func (s *server) settle(c caller, reply coach.Reply, err error, origin string) outcome {
	reply = s.orSorry(reply, err)
	var out outcome
	switch {
	case len(reply.Faults) > 0:
		out.Faults = make(map[string]string)
		for name, text := range reply.Faults {
			out.Faults[name] = surface.Visible(text.String())
		}
		return out
	case reply.Form != nil:
		form, err := s.sheet(*reply.Form)
		if err != nil {
			return s.settle(c, coach.Reply{}, fmt.Errorf("form: %w", err), origin)
		}
		out.Form = form
	}
	if reply.Message != nil {
		out.Events = []event{s.post(c, reply, origin)}
	}
	return out
}

// orSorry counts err and answers it kindly.
func (s *server) orSorry(reply coach.Reply, err error) coach.Reply {
	if err == nil && (reply.Message != nil || reply.Form != nil || len(reply.Faults) > 0) {
		return reply
	}
	s.faults.handler.Add(1)
	return coach.Sorry()
}

// follow shows a reply that came late: in the place of what said "One moment",
// or of what was pressed, if the reply asks for that.
func (s *server) follow(c caller, reply coach.Reply, err error, origin, waiting string) {
	reply = s.orSorry(reply, err)
	if reply.Message == nil && reply.Form == nil { // faults without a message
		reply = s.orSorry(coach.Reply{}, nil)
	}
	if _, own := c.session.when(c.key(), origin); own && reply.Replace || reply.Public {
		c.session.remove(c.key(), waiting)
		s.tell(c.audience(), event{Kind: "item", Place: c.place.String(), Remove: waiting})
	} else {
		origin, reply.Replace = waiting, true
	}
	s.post(c, reply, origin)
}

// post puts reply where it belongs and tells every page that shows it.
func (s *server) post(c caller, reply coach.Reply, origin string) event {
	id := randomID()
	if reply.Public && c.place.channel != "" {
		it := s.shown(c, id, reply)
		s.board.add(paneKey{place: c.place}, it)
		e := itemEvent(c, it)
		s.tell(audience{}, e)
		return e
	}
	if at, ok := c.session.when(c.key(), origin); ok && reply.Replace {
		it := s.privately(c, id, reply, at)
		c.session.replace(c.key(), origin, it)
		e := itemEvent(c, it)
		e.Replace = origin
		s.tell(c.audience(), e)
		return e
	}
	return s.privateItem(c, s.privately(c, id, reply, s.Clock.Now()))
}

// privateItem puts it at the end of c's pane.
func (s *server) privateItem(c caller, it item) event {
	c.session.add(c.key(), it)
	e := itemEvent(c, it)
	s.tell(c.audience(), e)
	return e
}

func itemEvent(c caller, it item) event {
	return event{Kind: "item", Place: c.place.String(), ID: it.id, HTML: it.html}
}

// privately draws reply for c alone.
func (s *server) privately(c caller, id string, reply coach.Reply, at time.Time) item {
	k := card{ID: id, Kind: "private"}
	if reply.Message != nil {
		m := s.layout(*reply.Message, privateURL(c.session.holdPicture(reply.Message.Picture)))
		k.Message = &m
	}
	if f := reply.File; f != nil && k.Message != nil {
		k.Message.File = &file{privateURL(c.session.holdFile(f)), surface.Visible(f.Name), surface.Visible(f.Alt), len(f.Data)}
	}
	if reply.Form != nil {
		form, err := s.sheet(*reply.Form)
		if err != nil {
			return s.privately(c, id, s.orSorry(coach.Reply{}, err), at)
		}
		k.Form = form
	}
	return item{id, at, s.draw(k, at)}
}

// shown draws reply for everyone in the channel. A file stays with the asker.
func (s *server) shown(c caller, id string, reply coach.Reply) item {
	at := s.Clock.Now()
	url := ""
	if p := reply.Message.Picture; p != nil {
		url = privateURL(s.board.holdPicture(p))
	}
	m := s.layout(*reply.Message, url)
	return item{id, at, s.draw(card{ID: id, Kind: "shown", Message: &m}, at)}
}
