package main

import (
	"context"
	"slices"
	"strings"

	"rapport/coach"
	"rapport/schedules"
)

// A chat is a platform on which people reach the coach. Each has a file of its
// own in this package; chats lists them all.
type chat struct {
	name    string // as people call it
	way     string // how it is connected, as the operator reads it
	section string // of the configuration
	setUp   string // what an admin types there
	missing string // what to put where so that it is served
	served  bool
	pace    schedules.Pace
	make    func(h *house) (chatAdapter, error) // without a house: fit for checks only
	nudges  []string                            // channels that the configuration names

	audience string // whom the words fit where a team chose nothing; "" = work
}

// A chatAdapter is a chat surface as this package uses it.
type chatAdapter interface {
	Adapter
	coach.Checker
	// CheckChannels says whether the app can post in each of the channels.
	CheckChannels(ctx context.Context, ids []string) []coach.Finding
	// Reach says why nothing can be posted to a channel, nil where it can or
	// nobody knows.
	Reach(ctx context.Context, to coach.Address) error
	// Ready says why nothing that people do comes in.
	Ready(ctx context.Context) error
}

// chats are all chat platforms, served or not.
func chats(c *Config) []chat { return []chat{slackChat(c.Slack), discordChat(c.Discord)} }

// servedChats are those that the configuration has credentials for.
func servedChats(c *Config) []chat {
	return slices.DeleteFunc(chats(c), func(p chat) bool { return !p.served })
}

// audiences are whom the words fit on each platform.
func audiences(c *Config) map[coach.Platform]string {
	usual := map[coach.Platform]string{}
	for _, p := range chats(c) {
		if p.audience != "" {
			usual[coach.Platform(p.section)] = p.audience
		}
	}
	return usual
}

// inWords is a list as people write it: "Slack", "Slack and Discord".
func inWords(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// namesOf are the names of platforms.
func namesOf(all []chat) []string {
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.name
	}
	return names
}
