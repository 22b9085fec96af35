package terminal

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// maxName is the longest name somebody can be let in by, in characters.
const maxName = 40

// A crowd is the people who can speak.
type crowd struct {
	mu     sync.Mutex
	people []Person
}

func newCrowd(people []Person) *crowd { return &crowd{people: slices.Clone(people)} }

// enter returns the person of that name or id, who is new to the team if
// nobody has it.
func (c *crowd) enter(name string) Person {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.people {
		if strings.EqualFold(p.User, name) || strings.EqualFold(p.Name, name) {
			return p
		}
	}
	p := Person{User: strings.ToLower(name), Name: name}
	c.people = append(c.people, p)
	return p
}

// names returns the names of everyone.
func (c *crowd) names() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []string
	for _, p := range c.people {
		names = append(names, p.Name)
	}
	return names
}

// name is how people call user; somebody unknown is called by their id.
func (c *crowd) name(user string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.people {
		if p.User == user {
			return p.Name
		}
	}
	return user
}

// isName reports whether s can be somebody's name.
func isName(s string) bool {
	return s != "" && utf8.RuneCountInString(s) <= maxName && !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}
