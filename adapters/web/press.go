package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"rapport/adapters/surface"
	"rapport/coach"
)

// completeWait is how long a completion may take before the page goes without.
const completeWait = time.Second

// command is the word that everything for the coach begins with.
const command = "/rapport"

// once answers a gesture, or repeats the answer if it was made before.
func (s *server) once(w http.ResponseWriter, r *http.Request, answer func(gesture, caller) outcome) {
	g, c, ok := s.read(w, r)
	if !ok {
		return
	}
	x, first := c.session.begin(c.person.User + ":" + g.ID)
	if first {
		func() {
			defer close(x.done) // also if drawing panics: nobody may wait for ever
			x.out = answer(g, c)
		}()
	}
	select {
	case <-x.done:
		if x.out.code != 0 {
			s.refuse(w, x.out.code, x.out.Line)
			return
		}
		s.reply(w, x.out)
	case <-r.Context().Done():
	}
}

// say takes what was typed into the composer. Only what begins with /rapport
// reaches the coach; of the rest the page says so.
func (s *server) say(w http.ResponseWriter, r *http.Request) {
	s.once(w, r, func(g gesture, c caller) outcome {
		typed := s.typed(c, g.Text)
		text, ok := commandText(g.Text)
		if !ok {
			note := s.note(c, g.Text)
			return outcome{Events: []event{typed, note}}
		}
		out := s.ask(c, s.request(g, c, coach.Parse(text)), "")
		out.Events = append([]event{typed}, out.Events...)
		return out
	})
}

// commandText returns what stands behind "/rapport".
func commandText(text string) (string, bool) {
	word, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	if first, more, ok := strings.Cut(word, "\n"); ok {
		word, rest = first, more+" "+rest
	}
	return rest, strings.EqualFold(word, command)
}

// typed shows c what c typed, as the chat would.
func (s *server) typed(c caller, text string) event {
	at := s.Clock.Now()
	id := randomID()
	html := s.draw(card{
		ID: id, Kind: "typed", Words: surface.Visible(text),
		Name: c.person.Name, Face: initials(c.person.Name), Hue: hue(c.person.User),
	}, at)
	return s.privateItem(c, item{id, at, html})
}

// note tells c that typed words went nowhere.
func (s *server) note(c caller, text string) event {
	at := s.Clock.Now()
	id := randomID()
	k := card{ID: id, Kind: "note", Words: "Nobody was sent that. Rapport cannot read messages; it hears only what begins with /rapport."}
	if first, _, _ := strings.Cut(strings.TrimSpace(text), " "); strings.HasPrefix(first, "/") {
		k.Words = "There is no such command in this demo. Type /rapport to talk to the coach."
	} else if words := surface.Visible(strings.TrimSpace(text)); words != "" && !strings.Contains(words, "\n") && len(words) <= 300 {
		k.Ask = command + " " + words
	}
	return s.privateItem(c, item{id, at, s.draw(k, at)})
}

// press takes a pressed button or a picked option.
func (s *server) press(w http.ResponseWriter, r *http.Request) {
	s.once(w, r, func(g gesture, c caller) outcome {
		return s.ask(c, s.request(g, c, coach.DecodeAction(g.Action)), g.Item)
	})
}

// answer takes a filled-in form.
func (s *server) answer(w http.ResponseWriter, r *http.Request) {
	s.once(w, r, func(g gesture, c caller) outcome {
		req := s.request(g, c, coach.DecodeAction(g.Action))
		req.Answers = g.Answers
		if req.Answers == nil {
			req.Answers = map[string]string{}
		}
		return s.ask(c, req, g.Item)
	})
}

// A completion is one line of the composer's popup.
type completion struct {
	Value string `json:"value"` // the whole text of the composer
	Label string `json:"label"` // what the value means
}

// complete offers ways to go on typing.
func (s *server) complete(w http.ResponseWriter, r *http.Request) {
	g, c, ok := s.read(w, r)
	if !ok {
		return
	}
	prefix, ok := commandText(g.Text)
	if strings.HasSuffix(g.Text, " ") && prefix != "" {
		prefix = strings.TrimRight(prefix, " ") + " "
	}
	found := []completion{}
	if ok {
		ctx, cancel := context.WithTimeout(r.Context(), completeWait)
		defer cancel()
		for _, o := range s.coach.Complete(ctx, s.request(g, c, coach.Parse(prefix)), prefix) {
			found = append(found, completion{command + " " + surface.Visible(o.Value), meaning(o)})
		}
	}
	s.reply(w, found)
}

// meaning is what o's label adds to its value.
func meaning(o coach.Option) string {
	label := surface.Visible(o.Label)
	if rest, ok := strings.CutPrefix(label, o.Value); ok {
		return strings.TrimLeft(rest, " -:·–")
	}
	return label
}

// reply writes v for the page's script.
func (s *server) reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	// The only error left is a browser that went away.
	_ = json.NewEncoder(w).Encode(v)
}
