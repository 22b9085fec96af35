package web

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"rapport/coach"
)

const (
	maxKept   = 200 // sent messages a pane shows
	maxUnread = 10  // counted; more is shown as 9+
)

// A page is what the template shows.
type page struct {
	Team     string
	Me       face
	People   []face
	Links    []link
	Place    string
	Channel  *Channel // nil for direct messages
	Items    []template.HTML
	Lost     bool   // older private answers were let go
	Anew     bool   // this browser's session began with this page
	Now      string // the coach's clock, RFC 3339
	Clock    string // the same, readable
	Mark     string // the latest event that the page shows
	Assets   map[string]string
	MaxTyped int
}

// A face is a person in the sidebar.
type face struct {
	Person
	Initials string
	Hue      int
	URL      string
	Me       bool
}

// A link leads to a pane.
type link struct {
	Name, Place, URL string
	Direct, Here     bool
	Unread           int
}

func paneURL(user string, p place) string { return "/as/" + url.PathEscape(user) + "/" + p.String() }

// pictureURL is where the picture of a message that was sent is found.
func pictureURL(k paneKey, ref string) string {
	if k.place.channel == "" {
		return "/picture/direct/" + url.PathEscape(k.user) + "/" + ref
	}
	return "/picture/" + k.place.String() + "/" + ref
}

// privateURL is where a private file is found; "" for none.
func privateURL(id string) string {
	if id == "" {
		return ""
	}
	return "/file/" + id
}

// home leads to the first person's direct messages.
func (s *server) home(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		s.refuse(w, http.StatusNotFound, "There is nothing here. The chat is at http://"+r.Host+"/")
		return
	}
	http.Redirect(w, r, paneURL(s.crowd.all()[0].User, place{}), http.StatusSeeOther)
}

// show answers with a pane.
func (s *server) show(w http.ResponseWriter, r *http.Request) {
	where, fine := s.place(strings.TrimSuffix(r.PathValue("place"), "/"))
	s.comeBack(r)
	person, known := s.crowd.find(r.PathValue("user"))
	if !fine || !known {
		s.refuse(w, http.StatusNotFound, "There is nothing here. The chat is at http://"+r.Host+"/")
		return
	}
	anew := s.sessionOf(r) == nil
	p, err := s.page(r.Context(), caller{s.welcome(w, r), person, where})
	if err != nil {
		s.faults.history.Add(1)
		s.refuse(w, http.StatusInternalServerError, "Something went wrong on my side: I cannot read the messages. Please try that again in a moment.")
		return
	}
	_, err = r.Cookie(s.cookieName())
	p.Anew = anew && err == nil // the browser was here before
	html := s.site.fragment("page", p)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(html))
}

// page gathers what c sees.
func (s *server) page(ctx context.Context, c caller) (page, error) {
	mark := s.hub.mark() // before reading: what comes meanwhile is told again, and the page knows it by its id
	now := s.Clock.Now()
	p := page{
		Team: s.Team, Place: c.place.String(), Channel: s.channel(c.place.channel),
		Now: now.UTC().Format(time.RFC3339Nano), Clock: now.Format("Monday 2 January 2006, 15:04 MST"),
		Mark: mark, Assets: s.site.urls, MaxTyped: maxTyped,
	}
	for _, person := range s.crowd.all() {
		f := face{person, initials(person.Name), hue(person.User), paneURL(person.User, c.place), person.User == c.person.User}
		if f.Me {
			p.Me = f
		}
		p.People = append(p.People, f)
	}
	items, lost, err := s.items(ctx, c)
	if err != nil {
		return page{}, err
	}
	p.Lost = lost
	for _, it := range items {
		p.Items = append(p.Items, template.HTML(it.html)) // made by our own templates
	}
	p.Links, err = s.links(ctx, c)
	return p, err
}

// items returns everything in c's pane in the order of the coach's clock.
func (s *server) items(ctx context.Context, c caller) ([]item, bool, error) {
	items, err := s.kept(ctx, c.person.User, c.place, maxKept)
	if err != nil {
		return nil, false, err
	}
	if c.place.channel != "" {
		public, _ := s.board.private(paneKey{place: c.place})
		items = append(items, public...)
	}
	private, lost := c.session.private(c.key())
	items = append(items, private...)
	slices.SortStableFunc(items, func(a, b item) int { return a.at.Compare(b.at) })
	c.session.look(c.key(), s.Clock.Now())
	return items, lost, nil
}

// kept returns the latest messages that were sent to where, drawn.
func (s *server) kept(ctx context.Context, user string, where place, limit int) ([]item, error) {
	var items []item
	err := s.History.Kept(ctx, where.key(PersonOf(s.Team, user)), limit, func(key string, body []byte, at time.Time) error {
		ref := refOf(key)
		html := s.drawn.item(ref, func() string {
			m, err := decodeRow(body)
			if err != nil {
				s.faults.history.Add(1)
				return s.draw(card{ID: ref, Kind: "note", Words: "This message was written by another version of Rapport and cannot be shown here."}, at)
			}
			return s.drawKept(paneKey{user, where}, ref, m, at)
		})
		items = append(items, item{ref, at, html})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("messages of %s: %w", where, err)
	}
	return items, nil
}

// links returns the panes of the sidebar with what is unread in them.
func (s *server) links(ctx context.Context, c caller) ([]link, error) {
	var out []link
	add := func(where place, name string) error {
		l := link{Name: name, Place: where.String(), URL: paneURL(c.person.User, where), Direct: where.channel == "", Here: where == c.place}
		if !l.Here {
			recent, err := s.kept(ctx, c.person.User, where, maxUnread)
			if err != nil {
				return err
			}
			seen := c.session.look(paneKey{c.person.User, where}, time.Time{})
			for _, it := range recent {
				if it.at.After(seen) {
					l.Unread++
				}
			}
		}
		out = append(out, l)
		return nil
	}
	for _, ch := range s.Channels {
		if err := add(place{ch.ID}, ch.Name); err != nil {
			return nil, err
		}
	}
	return out, add(place{}, "Rapport")
}

// picture answers with the picture of a message that was sent.
func (s *server) picture(w http.ResponseWriter, r *http.Request) {
	where, user := place{r.PathValue("id")}, ""
	if r.PathValue("kind") == "direct" {
		where, user = place{}, r.PathValue("id")
	}
	if s.sessionOf(r) == nil {
		s.refuse(w, http.StatusForbidden, "Please open the page first.")
		return
	}
	var found *coach.Picture
	err := s.History.Kept(r.Context(), where.key(PersonOf(s.Team, user)), maxKept, func(key string, body []byte, _ time.Time) error {
		if found == nil && refOf(key) == r.PathValue("ref") {
			m, err := decodeRow(body)
			if err != nil {
				return err
			}
			found = m.Picture
		}
		return nil
	})
	if err != nil || found == nil {
		s.refuse(w, http.StatusNotFound, "This picture is gone.")
		return
	}
	s.give(w, blob{name: found.Name, mime: "image/png", data: found.PNG, inline: true})
}
