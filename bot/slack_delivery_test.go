package main

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"rapport/adapters/slack/slacktest"
	"rapport/coach"
	"rapport/coach/streak"
)

// wish makes a message due now: the introduction in a channel, or a sample of
// the next post for somebody.
func (o *office) wish(name string, to coach.Address) {
	o.Helper()
	team := coach.Team{Platform: "slack", ID: "T0LIGHT"}
	at := o.hand.Now().In(time.UTC)
	w := coach.Wish{Kind: "introduction", Subject: to.Channel, To: to, Date: streak.DateOf(at), Minute: at.Hour()*60 + at.Minute(), Zone: "UTC", Exact: true}
	who := o.person("Anna")
	if to.Kind != coach.InChannel {
		w.Kind, w.Subject, who = "sample", team.ID, to.Person
	}
	if _, err := o.st.db.Apply(o.Context(), "wish "+name+" "+at.String(), who, coach.Change{Team: team, Wishes: []coach.Wish{w}}); err != nil {
		o.Fatal(err)
	}
}

func inRoom(id string) coach.Address {
	return coach.ChannelOf(coach.Team{Platform: "slack", ID: "T0LIGHT"}, id)
}

// postsTo are the calls that post somewhere, by channel id or the beginning of
// one.
func (o *office) postsTo(place string) (all []slacktest.Call) {
	for _, c := range o.s.Calls("chat.postMessage") {
		if strings.HasPrefix(fmt.Sprint(c.Args["channel"]), place) {
			all = append(all, c)
		}
	}
	return all
}

// TestSlackWaits has Slack ask for a wait in one channel: that one waits as
// long, and another channel and direct messages do not.
func TestSlackWaits(t *testing.T) {
	alone(t)
	o := openOffice(t, "sockets", monday.AddDate(0, 0, 1), slacktest.Setup{})
	o.setUp("general")
	o.on(24 * time.Hour) // another day, another introduction
	const asked = 2 * time.Second
	o.s.Fail("chat.postMessage", slacktest.Fault{RetryAfter: asked})
	first := len(o.postsTo("C0GENERAL"))
	o.wish("limited", inRoom("C0GENERAL"))
	o.on(0)
	if got := o.postsTo("C0GENERAL"); len(got) != first+1 || got[first].Error != "ratelimited" {
		t.Fatalf("the channel was not refused: %+v", got)
	}
	refused := o.postsTo("C0GENERAL")[first].At
	o.wish("other", inRoom("G0LEADS"))
	o.wish("direct", coach.DirectTo(o.person("Ben")))
	o.on(time.Millisecond)
	others := append(o.postsTo("G0LEADS"), o.postsTo("D0")...)
	if len(others) != 2 {
		t.Fatalf("%d messages to others, want 2", len(others))
	}
	for _, c := range others {
		if waited := c.At.Sub(refused); !c.Acted || waited > asked {
			t.Errorf("to %v: after %s, error %q", c.Args["channel"], waited, c.Error)
		}
	}
	await(t, "the channel gets its post", func() bool { o.on(500 * time.Millisecond); return len(o.postsTo("C0GENERAL")) > first+1 })
	if waited := o.postsTo("C0GENERAL")[first+1].At.Sub(refused); waited < asked {
		t.Errorf("tried again after %s, Slack asked for %s", waited, asked)
	} else {
		t.Logf("asked to wait %s: others after %s, the channel after %s", asked, others[0].At.Sub(refused).Round(time.Millisecond), waited.Round(time.Millisecond))
	}
	o.wantPosts("general", 2)
	o.judge()
}

// TestSlackDoubt loses what Slack answers to a weekly post, in each way, and
// looks at what people see and what the admin is told.
func TestSlackDoubt(t *testing.T) {
	for _, c := range []struct {
		name         string
		fault        slacktest.Fault
		skip, resend int // posts people see, where what is in doubt is skipped, and where it is sent again
	}{
		{"status 500", slacktest.Fault{Status: 500}, 0, 1},
		{"an error within Slack", slacktest.Fault{Error: "internal_error"}, 0, 1},
		{"dropped before it is read", slacktest.Fault{Drop: slacktest.Unread}, 0, 1},
		{"the reply is lost", slacktest.Fault{Drop: slacktest.Unreplied}, 1, 2},
		{"no answer that can be read", slacktest.Fault{Body: "<html>"}, 1, 2},
	} {
		for _, doubt := range []string{"skip", "resend"} {
			t.Run(c.name+", "+doubt, func(t *testing.T) {
				t.Parallel() // most of it is waiting
				o := openOffice(t, "sockets", monday.AddDate(0, 0, -1), slacktest.Setup{}, fmt.Sprintf("in_doubt = %q", doubt))
				o.setUp("general")
				o.s.Fail("chat.postMessage", c.fault)
				o.to(monday)
				want := 1 + c.skip
				if doubt == "resend" {
					want = 1 + c.resend
					await(t, "it is sent again", func() bool { o.on(time.Second); return len(o.s.Posted("general")) >= want })
				}
				o.on(time.Hour)
				o.wantPosts("general", want)
				anna := o.in("Anna", "general")
				anna.Command("/rapport setup")
				said := strings.Contains(anna.Last().Plain(), "1 in doubt")
				if said != (doubt == "skip") {
					t.Errorf("set-up says it of one in doubt: %v\n%s", said, anna.Last().Plain())
				}
				o.to(monday.AddDate(0, 0, 7))
				await(t, "the next week's post", func() bool { o.on(time.Second); return len(o.s.Posted("general")) > want })
				o.wantPosts("general", want+1)
				o.judge()
			})
		}
	}
}

// TestSlackClosed shuts the channel: no post is tried any more, and the admin is
// told why, once.
func TestSlackClosed(t *testing.T) {
	for _, c := range []struct {
		name, why string
		shut      func(*slacktest.Channel)
	}{
		{"archived", "the channel is archived", func(c *slacktest.Channel) { c.Archived = true }},
		{"not a member", coach.WhyNotIn, func(c *slacktest.Channel) { c.Without = true }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := openOffice(t, "http", monday.AddDate(0, 0, -1), slacktest.Setup{})
			o.setUp("general")
			o.s.ChangeChannel("general", c.shut)
			calls := len(o.postsTo("C0GENERAL"))
			o.to(monday)
			if got := len(o.postsTo("C0GENERAL")) - calls; got != 1 {
				t.Errorf("tried %d times, want once", got)
			}
			o.to(monday.AddDate(0, 0, 15))
			if got := len(o.postsTo("C0GENERAL")) - calls; got != 1 {
				t.Errorf("two weeks on tried %d times, want once", got)
			}
			told := func(name string) bool {
				p := o.in(name, "leads")
				p.Command("/rapport step 3")
				said := p.Last().Plain()
				return strings.Contains(said, "Attention") && strings.Contains(said, c.why)
			}
			if ben, first, second := told("Ben"), told("Anna"), told("Anna"); ben || !first || second {
				t.Errorf("told: Ben %v, Anna %v and %v; want her alone, once", ben, first, second)
			}
			o.s.ChangeChannel("general", func(c *slacktest.Channel) { c.Archived, c.Without = false, false })
			anna := o.in("Anna", "leads")
			anna.Command("/rapport setup")
			anna.Press(nil, "Change")
			anna.Submit(anna.WaitModal("Go on"), nil)
			anna.WaitModal("Saved.")
			posts := len(o.s.Posted("general"))
			o.to(monday.AddDate(0, 0, 22))
			o.wantPosts("general", posts+1)
			o.judge()
		})
	}
}

// TestSlackLeaver is asked for and gone: nothing is sent, and nobody is asked
// for their conversation.
func TestSlackLeaver(t *testing.T) {
	for _, told := range []bool{true, false} {
		t.Run(fmt.Sprintf("told %v", told), func(t *testing.T) {
			o := openOffice(t, "sockets", monday.Add(time.Hour), slacktest.Setup{})
			ben := o.in("Ben", "general")
			ben.Command("/rapport")
			ben.Press(ben.WaitMessage("Hello, I'm Rapport."), "I'm in")
			ben.Press(ben.WaitMessage("Good. When?"), "Thursday")
			ben.Press(ben.WaitMessage("May I ask you once"), "Yes, Thursday, only that")
			ben.WaitMessage("I will ask you once")
			o.s.Change("Ben", func(u *slacktest.User) { u.Deactivated = true })
			most := 1 // the one call that says so
			if told {
				o.s.Event(map[string]any{"type": "user_change", "user": map[string]any{"id": ben.ID(), "team_id": "T0LIGHT", "deleted": true, "updated": time.Now().Unix()}})
				most = 0
				await(t, "he has left", func() bool {
					db, err := sql.Open("sqlite", "file:"+databasePath(o.env, o.cfg)+"?_pragma=busy_timeout(10000)")
					if err != nil {
						t.Fatal(err)
					}
					defer db.Close()
					var n int
					err = db.QueryRow(`SELECT count(*) FROM account WHERE left_at IS NOT NULL`).Scan(&n)
					return err == nil && n == 1
				})
			}
			o.on(14 * 24 * time.Hour)
			if got := len(o.s.Calls("conversations.open")); got > most {
				t.Errorf("asked %d times for his conversation, want at most %d", got, most)
			}
			if got := o.postsTo("D0"); len(got) > 0 {
				t.Errorf("sent to somebody who left: %+v", got)
			}
			o.judge()
		})
	}
}

// TestSlackRemoved takes the app away, in each way: nothing is sent any more,
// and the program ends with what to do about it.
func TestSlackRemoved(t *testing.T) {
	for name, c := range map[string]struct {
		remove func(o *office)
		why    string
	}{
		"uninstalled": {func(o *office) { o.s.Event(map[string]any{"type": "app_uninstalled"}) }, "install it again"},
		"revoked": {func(o *office) {
			o.s.Event(map[string]any{"type": "tokens_revoked", "tokens": map[string]any{"oauth": []any{}, "bot": []any{slacktest.Bot}}})
		}, "install the app again"},
		"both":     {func(o *office) { o.s.Uninstall() }, "again"},
		"not told": {func(o *office) { o.s.Revoke(o.s.BotToken()); o.to(monday) }, "install it again"},
	} {
		for _, way := range bothWays {
			t.Run(name+", "+way, func(t *testing.T) {
				o := openOffice(t, way, monday.AddDate(0, 0, -1), slacktest.Setup{})
				o.setUp("general")
				calls := len(o.s.Calls("chat.postMessage"))
				c.remove(o)
				most := 0
				if name == "not told" {
					most = 1 // which told us
				}
				var err error
				select {
				case err = <-o.ran:
				case <-time.After(patience):
					t.Fatal("the program goes on")
				}
				if err == nil || !strings.Contains(err.Error(), c.why) {
					t.Errorf("ends with %v, want %q in it", err, c.why)
				}
				o.to(monday.AddDate(0, 0, 21)) // its schedules go on until it has ended
				if got := len(o.s.Calls("chat.postMessage")) - calls; got > most {
					t.Errorf("%d posts afterwards, want at most %d", got, most)
				}
				o.ran <- nil
				o.stop()
				o.judge()
			})
		}
	}
}
