package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"rapport/adapters/discord/discordtest"
	"rapport/adapters/slack/slacktest"
	"rapport/coach"
)

// throws panics with everything that it was asked.
func throws(_ context.Context, r coach.Request) (coach.Reply, error) {
	panic(fmt.Sprintf("%+v", r))
}

// breakDown lets a part of the coach panic with what people typed.
func (o *site) breakDown() {
	o.h.handler = logged(measured(limited(handlerFunc(throws)), o.h.metrics), o.h.log)
}

// wantUntold demands that the words are in no file, log, metric or call.
func (o *site) wantUntold(calls []string) {
	o.Helper()
	v := &vault{T: o.T, env: o.env, h: o.h}
	places := v.files()
	places["the log"], places["the metrics"] = []byte(o.log.String()), v.metricsPage()
	for i, c := range calls {
		places[fmt.Sprint("call ", i)] = []byte(c)
	}
	for place, content := range places {
		if how := found(content, stem); how != "" {
			o.Errorf("%s holds what was typed, %s:\n%.2000s", place, how, content)
		}
	}
	if text := o.log.String(); !strings.Contains(text, "outcome=panic") || !strings.Contains(text, "panic: string") {
		o.Errorf("the log tells of no panic:\n%s", text)
	}
	if !strings.Contains(string(places["the metrics"]), `outcome="panic"`) {
		o.Error("the metrics count no panic")
	}
	if len(calls) == 0 {
		o.Error("nothing was sent")
	}
}

// TestPanicTellsNothing types words that a part of the coach then panics with:
// who typed them gets a kind answer, and nobody and nothing else learns of them.
func TestPanicTellsNothing(t *testing.T) {
	t.Run("Slack", func(t *testing.T) {
		o := openOffice(t, "http", monday, slacktest.Setup{})
		o.stop()
		o.opened = o.breakDown
		o.start()
		anna := o.in("Anna", "general")
		told := anna.Command("/rapport " + stem + " and more")
		anna.Command("/rapport card " + stem)
		anna.OpenHome()
		if !strings.Contains(string(told.Body), sorryWords(t)) {
			t.Errorf("Anna is told %s, want a kind word", told.Body)
		}
		var calls []string
		for _, c := range o.s.Calls() {
			calls = append(calls, text(t, c.Args)+c.Raw)
		}
		o.wantUntold(calls)
	})
	t.Run("Discord", func(t *testing.T) {
		o := openServer(t, "http", monday, discordtest.Setup{})
		o.stop()
		o.opened = o.breakDown
		o.start()
		anna := o.in("Anna", "general")
		anna.Command("/rapport", stem+" and more")
		if got := anna.WaitMessage(sorryWords(t)); got.For == "" {
			t.Errorf("everybody sees that Anna's answer failed: %+v", got)
		}
		var calls []string
		for _, c := range o.d.Calls() {
			calls = append(calls, c.Path+c.Raw)
		}
		o.wantUntold(calls)
	})
}

// sorryWords are the beginning of what is said when the coach fails.
func sorryWords(t *testing.T) string {
	t.Helper()
	words := coach.Sorry().Message.Fallback()
	return words[:strings.IndexAny(words, ".,")]
}
