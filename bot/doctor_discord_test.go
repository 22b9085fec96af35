package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapport/adapters/discord"
	"rapport/adapters/discord/discordtest"
	"rapport/coach"
)

// discordHouse is a folder in which the program ran in a Discord of our own,
// where a server chose its channel in the chat. It has ended.
func discordHouse(t *testing.T, way string) (d *discordtest.Discord, dir string) {
	t.Helper()
	o := openServerBy(t, runningClock(0, nil), way, discordtest.Setup{})
	o.setUp("team")
	o.stop()
	lines := o.lines() + "nudge_channels = [\"" + o.d.ChannelID("#general") + "\"]\n"
	writeFile(t, filepath.Join(o.env.Dir, "config.toml"), quietConfig+"[coach]\nhelp_contact = \"Maria\"\n"+lines)
	return o.d, o.env.Dir
}

func TestDoctorOnDiscord(t *testing.T) {
	for _, way := range bothRoutes {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			d, dir := discordHouse(t, way)
			identifies, calls := len(d.Identifies()), len(d.Calls())
			found := findings(t, dir, nil)
			for _, f := range found {
				if f.Level != coach.OK {
					t.Errorf("got %+v, want nothing but ok", f)
				}
			}
			names := []string{"bot token", "clock", "application", "intents", "interactions", "commands", "servers", "session starts", "shards", "direct messages",
				"channel " + d.ChannelID("#general"), "channel " + d.ChannelID("#team")}
			if way == "http" {
				names = append(names, "public key")
			}
			for _, name := range names {
				wantFinding(t, found, coach.OK, "discord: "+name)
			}
			wantFinding(t, found, coach.OK, "next posts: "+d.ChannelID("#team"))
			for _, c := range d.Calls()[calls:] {
				if c.Method != "GET" {
					t.Errorf("doctor made the call %s %s", c.Method, c.Path)
				}
			}
			if n := len(d.Identifies()); n != identifies {
				t.Errorf("doctor began %d sessions", n-identifies)
			}
			d.Demand()
		})
	}
}

// TestDoctorFindsOnDiscord plants what can be wrong on Discord's side.
func TestDoctorFindsOnDiscord(t *testing.T) {
	says := func(path, body string) func(d *discordtest.Discord) {
		return func(d *discordtest.Discord) {
			body := strings.NewReplacer("APP", d.AppID(), "KEY", d.PublicKey()).Replace(body)
			d.Fail("GET", path, discordtest.Fault{Body: body, Times: -1})
		}
	}
	lost := func(channel string, p discordtest.Permission) func(d *discordtest.Discord) {
		return func(d *discordtest.Discord) {
			d.ChangeChannel(channel, func(c *discordtest.Channel) { c.Lost = p })
		}
	}
	for _, tt := range []struct {
		name, way string
		harm      func(d *discordtest.Discord)
		level     coach.Level
		check     string
		want      []string
	}{
		{"revoked token", "gateway", (*discordtest.Discord).Revoke, coach.Fail, "bot token", []string{"Reset Token", "discord.token"}},
		{"Discord is down", "gateway", func(d *discordtest.Discord) { d.Fail("", "", discordtest.Fault{Status: 503, Times: -1}) }, coach.Fail, "bot token", nil},
		{"an intent too many", "gateway", says("/applications/@me", `{"id":"APP","name":"Rapport","flags":524288}`), coach.Warn, "intents", []string{"Message Content", "Privileged Gateway Intents"}},
		{"an address in the way", "gateway", func(d *discordtest.Discord) { d.HTTP("https://elsewhere.example") }, coach.Fail, "interactions", []string{"Interactions Endpoint URL"}},
		{"no address", "http", (*discordtest.Discord).OverGateway, coach.Fail, "interactions", []string{"/discord"}},
		{"another key", "http", says("/applications/@me", `{"id":"APP","name":"Rapport","verify_key":"00","interactions_endpoint_url":"https://x"}`), coach.Fail, "public key", []string{"discord.public_key"}},
		{"commands of another program", "gateway", says("/applications/*/commands", `[{"name":"other","type":1}]`), coach.Warn, "commands", []string{"/rapport is missing", "/other is not Rapport's"}},
		{"few starts left", "gateway", says("/gateway/bot", `{"url":"wss://x","shards":1,"session_start_limit":{"total":1000,"remaining":7,"reset_after":3600000}}`), coach.Warn, "session starts", []string{"7 of 1000"}},
		{"in no server", "gateway", func(d *discordtest.Discord) { d.Kick("Lighthouse") }, coach.Warn, "servers", []string{"in no server", discord.InviteURL(discordtest.App)}},
		{"clock off", "gateway", func(d *discordtest.Discord) { d.Advance(time.Minute) }, coach.Warn, "clock", []string{"behind Discord's"}},
		{"may not post in a configured channel", "gateway", lost("#general", discordtest.SendMessages), coach.Fail, "channel #general", []string{"Send Messages"}},
		{"may not see a chosen channel", "gateway", lost("#team", discordtest.ViewChannel), coach.Fail, "channel #team", []string{"View Channel"}},
		{"a chosen channel is gone", "gateway", func(d *discordtest.Discord) { d.DeleteChannel("#team") }, coach.Fail, "channel #team", []string{"no such channel"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			// One after another: Discord waits three seconds for an answer, and a dozen
			// programs that start at once take longer on two cores.
			d, dir := discordHouse(t, tt.way)
			check := "discord: " + tt.check
			if name, ok := strings.CutPrefix(tt.check, "channel "); ok {
				check = "discord: channel " + d.ChannelID(name)
			}
			tt.harm(d)
			found := findings(t, dir, nil)
			wantFinding(t, found, tt.level, check, tt.want...)
			for _, f := range found {
				for _, secret := range []string{d.Token(), "wss:", "ws:"} {
					if strings.Contains(f.Why+f.Fix, secret) {
						t.Errorf("%+v holds a secret", f)
					}
				}
			}
		})
	}
}

// TestDiscordPresent has the app removed from a server while nobody runs the
// coach: at the next start nothing is planned there any more.
func TestDiscordPresent(t *testing.T) {
	o := openServer(t, "gateway", monday.AddDate(0, 0, -1), discordtest.Setup{IdentifyEvery: time.Nanosecond})
	o.setUp("team")
	o.stop()
	o.start() // it is there still
	team := coach.Team{Platform: "discord", ID: o.d.GuildID("Lighthouse")}
	planned := func() bool {
		_, ok, err := o.h.db.Planned(o.Context(), team, "nudge")
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if o.to(monday); !planned() {
		t.Fatal("the weekly post ended with a restart")
	}
	o.wantPosts("team", 2)
	o.stop()
	o.d.Kick("Lighthouse")
	o.start()
	await(t, "the server is left", func() bool { return !planned() })
	o.to(monday.AddDate(0, 0, 15))
	o.stop()
	o.d.Invite("Lighthouse")
	o.start()
	o.to(monday.AddDate(0, 0, 22))
	o.wantPosts("team", 2) // nothing before it is set up again
	anna := o.in("Anna", "general")
	anna.Command("/rapport-admin")
	anna.WaitMessage("Rapport is here and silent")
	o.judge()
}
