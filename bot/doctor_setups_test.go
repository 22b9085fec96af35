package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/adapters/discord/discordtest"
	"rapport/adapters/slack/slacktest"
	"rapport/coach"
)

// A setUp is an installation that is sound until harm is done to it.
type setUp struct {
	name string
	dir  string
	fix  func() // undoes the harm, where the next set-up is the same; nil: none
}

// diagnosis is what doctor said of a set-up beside what it says of a sound one.
func diagnosis(t *testing.T, s setUp, sound []coach.Finding) string {
	t.Helper()
	found := findings(t, s.dir, nil)
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", s.name)
	worst := 0
	for _, f := range found {
		if f.Level == coach.OK || slices.Contains(sound, f) || strings.Contains(f.Why, "asks to wait") { // doctor runs often here
			continue
		}
		worst++
		fmt.Fprintf(&b, "  %s  %s: %s\n        do: %s\n", f.Level, f.Name, f.Why, f.Fix)
	}
	if worst == 0 {
		fmt.Fprintf(&b, "  %d checks, nothing to do\n", len(found))
	}
	if s.fix != nil {
		s.fix()
	}
	return plainly(b.String(), s.dir)
}

// plainly is what doctor said without what differs from one run to the next.
func plainly(text, dir string) string {
	text = strings.ReplaceAll(text, dir+string(filepath.Separator), "")
	text = strings.ReplaceAll(text, dir, ".")
	for pattern, with := range map[string]string{
		`127\.0\.0\.1:\d+`: "HOST", `\b\d+ checks, nothing`: "all checks, nothing", `\b\d{1,2}(\.\d+)?s (ahead|behind)`: "some seconds $2",
		`\b\d+m\d+(\.\d+)?s (ahead|behind)`: "some minutes $2", `schema \d+ and this program knows up to \d+`: "schema NEWER and this program knows up to OLDER",
	} {
		text = regexp.MustCompile(pattern).ReplaceAllString(text, with)
	}
	return text
}

// TestDoctorSetUps shows what doctor says of sound installations and of others,
// with the fix that it names. With -v it prints them.
func TestDoctorSetUps(t *testing.T) {
	if !*long {
		t.Skip("doctor is run two dozen times: only with -long")
	}
	var all []string
	all = append(all, pageSetUps(t)...)
	all = append(all, slackSetUps(t)...)
	all = append(all, discordSetUps(t)...)
	text := strings.Join(all, "\n")
	t.Logf("\n%s", text)
	good, bad := strings.Count(text, "nothing to do"), strings.Count(text, "\n\n")+1-strings.Count(text, "nothing to do")
	if good != 3 || bad < 10 || strings.Count(text, "  fail  ") < 10 {
		t.Errorf("%d sound set-ups and %d others, want three and at least ten", good, bad)
	}
	file := filepath.Join("testdata", "doctor", "setups.txt")
	if os.Getenv("UPDATE") == "1" {
		writeFile(t, file, text)
	}
	if want := string(read(t, file)); text != want {
		t.Errorf("%s says otherwise: write it anew with UPDATE=1 and look at it", file)
	}
}

func pageSetUps(t *testing.T) (all []string) {
	sound := usedHouse(t)
	usual := findings(t, sound, nil)
	say := func(name string, harm func(dir string)) {
		dir := copied(t, sound)
		harm(dir)
		all = append(all, diagnosis(t, setUp{name: name, dir: dir}, usual))
	}
	put := func(name, text string) func(string) {
		return func(dir string) { writeFile(t, filepath.Join(dir, name), text) }
	}
	say("the page: sound", func(string) {})
	say("a key of the configuration is misspelt", put("config.toml", quietConfig+"[log]\nlevle = \"info\"\n"))
	say("the folder of the database does not exist", put("config.toml", quietConfig+"[database]\nurl = \"data/rapport.db\"\n"))
	say("the database is of a newer program", func(dir string) { pragma(t, filepath.Join(dir, "rapport.db"), "PRAGMA user_version = 99") })
	say("the keys file is missing", func(dir string) {
		if err := os.Remove(filepath.Join(dir, "rapport.keys")); err != nil {
			t.Fatal(err)
		}
	})
	say("the master key is another", put("rapport.key", strings.Repeat("5ec4e7", 10)+"abcd\n"))
	say("the keys are open to everybody", func(dir string) {
		if err := os.Chmod(filepath.Join(dir, "rapport.key"), 0o644); err != nil {
			t.Fatal(err)
		}
	})
	return all
}

func slackSetUps(t *testing.T) (all []string) {
	s := lighthouse(t)
	dir := slackHouse(t, s, socketLines(s))
	usual := findings(t, dir, nil)
	say := func(name string, harm, undo func()) {
		harm()
		all = append(all, diagnosis(t, setUp{name, dir, undo}, usual))
	}
	without := func(without bool) func() {
		return func() { s.ChangeChannel("general", func(c *slacktest.Channel) { c.Without = without }) }
	}
	say("Slack: sound", func() {}, nil)
	say("Slack: a scope is missing", func() { s.Grant("commands", "chat:write", "users:read") }, func() { s.Grant("commands", "chat:write", "im:write", "users:read") })
	say("Slack: the app is not in the channel", without(true), without(false))
	say("Slack: the clock is off", func() { s.Skew(10 * time.Minute) }, func() { s.Skew(0) })
	say("Slack: no socket, as the app token was revoked", func() { s.Revoke(s.AppToken()) }, nil)
	say("Slack: the bot token, too", func() { s.Revoke(s.BotToken()) }, nil)
	return all
}

func discordSetUps(t *testing.T) (all []string) {
	d, dir := discordHouse(t, "gateway")
	usual := findings(t, dir, nil)
	say := func(name string, harm, undo func()) {
		harm()
		text := diagnosis(t, setUp{name, dir, undo}, usual)
		all = append(all, strings.ReplaceAll(text, d.ChannelID("#general"), "ID"))
	}
	lost := func(p discordtest.Permission) func() {
		return func() { d.ChangeChannel("#general", func(c *discordtest.Channel) { c.Lost = p }) }
	}
	say("Discord: sound", func() {}, nil)
	say("Discord: the app may not post in the channel", lost(discordtest.SendMessages), lost(0))
	say("Discord: the app may not see the channel", lost(discordtest.ViewChannel), lost(0))
	say("Discord: gestures go to an address and not over the gateway", func() { d.HTTP("https://elsewhere.example") }, d.OverGateway)
	say("Discord: the clock is off", func() { d.Advance(time.Minute) }, nil)
	say("Discord: the token was revoked", d.Revoke, nil)
	return all
}
