package web

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"rapport/adapters/surface"
)

const (
	maxPeople = 24
	maxName   = 40 // characters
)

// A crowd is the people the page can be used as.
type crowd struct {
	mu     sync.Mutex
	people []Person
}

func newCrowd(people []Person) *crowd { return &crowd{people: slices.Clone(people)} }

func (c *crowd) all() []Person {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.people)
}

func (c *crowd) find(user string) (Person, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.people, func(p Person) bool { return p.User == user })
	if i < 0 {
		return Person{}, false
	}
	return c.people[i], true
}

// name is how people call user; somebody unknown is called by their id.
func (c *crowd) name(user string) string {
	if p, ok := c.find(user); ok {
		return p.Name
	}
	return user
}

// add lets somebody in by name. The same name is the same person.
func (c *crowd) add(name string) (Person, error) {
	name = strings.Join(strings.Fields(surface.Visible(name)), " ")
	if n := utf8.RuneCountInString(name); n == 0 || n > maxName {
		return Person{}, errors.New("Please write a name of 1 to 40 letters.")
	}
	user := userOf(name)
	if user == "" {
		return Person{}, errors.New("Please write a name with at least one letter or digit.")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.people {
		if p.User == user {
			return p, nil
		}
	}
	if len(c.people) >= maxPeople {
		return Person{}, errors.New("This demo team is full: it has room for 24 people.")
	}
	p := Person{User: user, Name: name}
	c.people = append(c.people, p)
	return p, nil
}

// userOf makes an id of a name: its letters and digits, joined by "-".
func userOf(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, "-")
}

// initials returns up to two letters for the picture of a person.
func initials(name string) string {
	var out []rune
	for _, word := range strings.Fields(name) {
		r, _ := utf8.DecodeRuneInString(word)
		out = append(out, unicode.ToUpper(r))
	}
	if len(out) > 2 {
		out = []rune{out[0], out[len(out)-1]}
	}
	return string(out)
}

// hue picks one of the stylesheet's colours for a person.
func hue(user string) int {
	sum := 0
	for _, r := range user {
		sum = sum*31 + int(r)
	}
	return (sum%hues + hues) % hues
}

// hues is how many colours the stylesheet has for people.
const hues = 6
