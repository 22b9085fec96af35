package web

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"rapport/coach"
)

// maxTyped is how many characters may be typed at once.
const maxTyped = 20_000

// A gesture is what the page's script sends: something typed, pressed, picked
// or filled in. The browser makes the id, so that trying again repeats it.
type gesture struct {
	ID      string            `json:"id"`
	Place   string            `json:"place"`
	Item    string            `json:"item,omitempty"`   // the message a control is on
	Action  string            `json:"action,omitempty"` // of the control
	Text    string            `json:"text,omitempty"`   // what was typed
	Answers map[string]string `json:"answers,omitempty"`
	Zone    string            `json:"zone,omitempty"`
	Locale  string            `json:"locale,omitempty"`
	To      string            `json:"to,omitempty"`   // for the clock
	Name    string            `json:"name,omitempty"` // for a new person
}

// A caller is who makes a gesture, from which pane of which browser.
type caller struct {
	session *session
	person  Person
	place   place
}

func (c caller) key() paneKey { return paneKey{c.person.User, c.place} }

// audience is everyone who may see what is said to c privately.
func (c caller) audience() audience { return audience{c.session.id, c.person.User} }

var (
	gestureID = regexp.MustCompile(`^[A-Za-z0-9-]{8,64}$`)
	inputName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)
	localeTag = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$`)
	zoneName  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+_/-]{0,63}$`)
)

// read reads and checks the gesture that r carries. It answers itself what is
// not one, and reports false.
func (s *server) read(w http.ResponseWriter, r *http.Request) (g gesture, c caller, ok bool) {
	if g, ok = s.decode(w, r); !ok {
		return g, c, false
	}
	if c.session = s.sessionOf(r); c.session == nil {
		s.refuse(w, http.StatusConflict, "I was started again since this page was opened, so I am loading it once more.")
		return g, c, false
	}
	if c.person, ok = s.crowd.find(r.PathValue("user")); !ok {
		s.refuse(w, http.StatusNotFound, "I do not know this person. Please pick one from the list.")
		return g, c, false
	}
	if c.place, ok = s.place(g.Place); !ok {
		s.refuse(w, http.StatusBadRequest, "I do not know this place. Please load the page again.")
		return g, c, false
	}
	return g, c, true
}

// decode reads the body of r.
func (s *server) decode(w http.ResponseWriter, r *http.Request) (g gesture, ok bool) {
	body, ok := s.body(w, r)
	if !ok {
		return g, false
	}
	if err := json.Unmarshal(body, &g); err != nil || !utf8.Valid(body) {
		s.refuse(w, http.StatusBadRequest, "I could not read that. Please load the page again.")
		return g, false
	}
	if why := g.fault(); why != "" {
		s.refuse(w, http.StatusBadRequest, why)
		return g, false
	}
	g.Locale, g.Zone = matching(localeTag, g.Locale), s.zone(g.Zone)
	return g, true
}

// fault says what is wrong with g in words for a person, "" if nothing is.
func (g gesture) fault() string {
	const strange = "That did not come from this page as I know it. Please load it again."
	if !gestureID.MatchString(g.ID) || len(g.Item) > 64 || len(g.Action) > 4*coach.MaxAction || len(g.Answers) > coach.MaxInputs {
		return strange
	}
	typed := utf8.RuneCountInString(g.Text)
	for name, words := range g.Answers {
		if !inputName.MatchString(name) {
			return strange
		}
		typed += utf8.RuneCountInString(words)
	}
	if typed > maxTyped {
		return "That is more than I can take at once. Please keep it below 20,000 characters."
	}
	return ""
}

// matching returns s if all of it matches, else "".
func matching(re *regexp.Regexp, s string) string {
	if re.MatchString(s) {
		return s
	}
	return ""
}

// zone returns name if it is a time zone, else "".
func (s *server) zone(name string) string {
	if name == "" || !zoneName.MatchString(name) || name == "Local" {
		return ""
	}
	if _, known := s.zones.Load(name); known {
		return name
	}
	if _, err := time.LoadLocation(name); err != nil {
		return ""
	}
	s.zones.Store(name, true) // bounded by the zones there are
	return name
}

// request returns g as the coach is asked it.
func (s *server) request(g gesture, c caller, action coach.Action) coach.Request {
	r := coach.Request{
		ID:     strings.Join([]string{string(platform), c.session.label, g.ID}, ":"),
		From:   PersonOf(s.Team, c.person.User),
		Team:   TeamOf(s.Team),
		Action: action,
		Locale: g.Locale,
		Zone:   g.Zone,
		Admin:  c.person.Admin,
	}
	r.At = coach.DirectTo(r.From)
	if c.place.channel != "" {
		r.At = coach.ChannelOf(r.Team, c.place.channel)
		// What this browser alone has is private; any other message of a
		// channel is seen by all.
		_, own := c.session.when(c.key(), g.Item)
		r.Shared = g.Item != "" && !own
	}
	return r
}
