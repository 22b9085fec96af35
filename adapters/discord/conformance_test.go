package discord_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"testing"
	"time"

	"rapport/adapters/adaptertest"
	"rapport/adapters/discord"
	"rapport/adapters/discord/discordtest"
	"rapport/coach"
)

// TestAdapter holds the adapter to what all chat adapters must do.
func TestAdapter(t *testing.T) {
	adaptertest.Test(t, func(t *testing.T) adaptertest.Fake {
		return server{discordtest.New(t, discordtest.Setup{})}
	})
}

// A server is a Discord as adaptertest wants it.
type server struct{ *discordtest.Discord }

func (s server) Adapter(url string) adaptertest.Adapter {
	return discord.New(discord.Options{Token: s.Token(), APIURL: url + "/api/v10", Members: nobody{}})
}

var messages = regexp.MustCompile(`/channels/[^/]+/messages$`)

func (server) Posts(r *http.Request) bool {
	return r.Method == http.MethodPost && messages.MatchString(r.URL.Path)
}

func (s server) Shown() int { return len(s.Posted("#team")) + len(s.Direct("Ben")) }

func (s server) Wait(ctx context.Context) error {
	end, ok := ctx.Deadline()
	if !ok || !s.WaitReady(1, time.Until(end)) {
		return errors.New("no connection to the gateway")
	}
	return nil
}

// Fate: what says nothing is not of the API, which answers with JSON, and then
// Discord never saw the message; but for 5xx, which may come after it did.
func (server) Fate(status int) coach.Fate {
	switch {
	case status >= 500:
		return coach.InDoubt
	case status == http.StatusRequestEntityTooLarge:
		return coach.Never
	}
	return coach.Later
}

func (s server) Places() (channel, direct coach.Address) {
	return coach.ChannelOf(coach.Team{Platform: "discord", ID: s.GuildID("Lighthouse")}, s.ChannelID("#team")),
		coach.DirectTo(coach.Person{Platform: "discord", User: s.Person("Ben").ID()})
}

func (s server) Secrets() []string {
	return []string{s.Token(), s.Person("Ben").ID(), s.ChannelID("#team"), s.GuildID("Lighthouse")}
}

func (s server) Violations() (all []string) {
	for _, v := range s.Discord.Violations() {
		all = append(all, v.String())
	}
	return all
}

// nobody is told of nobody.
type nobody struct{}

func (nobody) LeaveTeam(context.Context, coach.Team) error { return nil }

// What is sent again under the same key, as where the answer was lost, is shown
// once.
func TestSentAgain(t *testing.T) {
	s := server{discordtest.New(t, discordtest.Setup{})}
	a := s.Adapter(s.URL())
	channel, direct := s.Places()
	m := coach.Message{Title: "Your step", Sections: []coach.Section{{Text: coach.P("Ask one question.")}}}
	refs := map[string]bool{}
	for _, key := range []string{"nudge/1", "nudge/2", "nudge/1", "nudge/1"} {
		for _, to := range []coach.Address{channel, direct} {
			ref, err := a.Send(t.Context(), to, key, m)
			if err != nil {
				t.Fatal(err)
			}
			refs[ref] = true
		}
	}
	if s.Shown() != 4 || len(refs) != 4 {
		t.Errorf("people were shown %d messages with %d names, want 4", s.Shown(), len(refs))
	}
	s.Demand()
}
