package slack_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"rapport/adapters/adaptertest"
	"rapport/adapters/slack"
	"rapport/adapters/slack/slacktest"
	"rapport/coach"
)

// TestAdapter holds the adapter to what all chat adapters must do.
func TestAdapter(t *testing.T) {
	adaptertest.Test(t, func(t *testing.T) adaptertest.Fake {
		return workspace{slacktest.New(t, slacktest.Setup{})}
	})
}

// A workspace is a Slack as adaptertest wants it.
type workspace struct{ *slacktest.Slack }

func (w workspace) Adapter(url string) adaptertest.Adapter {
	return slack.New(slack.Options{BotToken: w.BotToken(), AppToken: w.AppToken(), APIURL: url + "/api/", Members: nobody{}})
}

func (workspace) Posts(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, "/chat.postMessage")
}

func (w workspace) Shown() int { return len(w.Posted("")) }

func (w workspace) Wait(ctx context.Context) error {
	end, ok := ctx.Deadline()
	if !ok || !w.WaitConns(2, time.Until(end)) {
		return errors.New("the sockets were not opened")
	}
	return nil
}

// Fate: the Web API answers with 200, 429 and 5xx, so that everything else is
// of something on the way, and never saw Slack.
func (workspace) Fate(status int) coach.Fate {
	switch {
	case status >= 500:
		return coach.InDoubt
	case status == http.StatusRequestEntityTooLarge:
		return coach.Never
	}
	return coach.Later
}

func (workspace) Places() (channel, direct coach.Address) {
	return coach.ChannelOf(coach.Team{Platform: "slack", ID: "T0LIGHT"}, "C0TEAM"),
		coach.DirectTo(coach.Person{Platform: "slack", Realm: "T0LIGHT", User: "U0BEN"})
}

func (w workspace) Secrets() []string {
	return []string{w.BotToken(), w.AppToken(), w.SigningSecret(), "U0BEN", "D0BEN", "xoxb-", "xapp-"}
}

func (w workspace) Violations() (all []string) {
	for _, v := range w.Slack.Violations() {
		all = append(all, v.String())
	}
	return all
}

// nobody is told of nobody.
type nobody struct{}

func (nobody) Leave(context.Context, coach.Person) error   { return nil }
func (nobody) LeaveTeam(context.Context, coach.Team) error { return nil }
