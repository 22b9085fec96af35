package coach

import "strings"

// A Platform names the chat system a person uses, such as "slack". It is an
// opaque label: no code in this package compares it with a constant.
type Platform string

// A Person is someone the coach talks to, as a platform names them. Realm is
// the organisation a user id is unique in; empty where ids are global. The same
// human on two platforms is two Persons. Stores map a Person to an opaque
// account id, and no other table names the platform's user.
type Person struct {
	Platform    Platform
	Realm, User string
}

// String returns p as "platform/realm/user", the form an operator types.
func (p Person) String() string {
	return strings.Join([]string{string(p.Platform), p.Realm, p.User}, "/")
}

// ParsePerson is the inverse of [Person.String].
func ParsePerson(s string) (Person, bool) {
	parts := strings.Split(s, "/")
	if len(parts) != 3 || parts[0] == "" || parts[2] == "" {
		return Person{}, false
	}
	return Person{Platform(parts[0]), parts[1], parts[2]}, true
}

// A Team is a Slack workspace or a Discord server: what channel schedules and
// team settings belong to. The zero Team is a conversation outside any team.
type Team struct {
	Platform Platform
	ID       string
}

// An AddressKind is the kind of place a message can go to.
type AddressKind uint8

// The kinds of place.
const (
	InChannel AddressKind = iota + 1 // everyone in the channel sees it
	Direct                           // one person's direct messages
	Home                             // one person's page of the app
)

// An Address is a place a message can go to.
type Address struct {
	Kind     AddressKind
	Platform Platform
	Team     Team
	Channel  string // only InChannel
	Person   Person // only Direct and Home
}

// ChannelOf returns the address of a channel.
func ChannelOf(t Team, channel string) Address {
	return Address{Kind: InChannel, Platform: t.Platform, Team: t, Channel: channel}
}

// DirectTo returns the address of p's direct messages.
func DirectTo(p Person) Address {
	return Address{Kind: Direct, Platform: p.Platform, Person: p}
}
