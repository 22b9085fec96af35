package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/adapters/discord/discordtest"
	"rapport/coach"
	"rapport/coach/coachtest"
)

// TestDiscordStory lives two weeks over Discord, one way and the other: people
// see the same, which is the golden file.
func TestDiscordStory(t *testing.T) {
	alone(t) // both ways together
	for _, way := range bothRoutes {
		t.Run(way, func(t *testing.T) {
			t.Parallel() // most of it is waiting
			slow := func(saw string) bool { return strings.Count(saw, " is thinking, in ") > filesOver(way) }
			saw := untilSmooth(t, slow, func(t *testing.T) string { return discordStory(t, way) })
			coachtest.Golden(t, "discord/story.txt", settled(thinking.ReplaceAllString(saw, "")))
		})
	}
}

// thinking is what people see for a moment where the answer follows.
var thinking = regexp.MustCompile("(?m)^< Rapport is thinking, in .*\n\n")

// filesOver is how many answers of the story follow whatever the machine: over
// HTTP the one with the file of data does.
func filesOver(way string) int {
	if way == "http" {
		return 1
	}
	return 0
}

func discordStory(t *testing.T, way string) string {
	o := openServer(t, way, monday.AddDate(0, 0, -1), discordtest.Setup{IdentifyEvery: time.Nanosecond})
	o.arrive()
	o.firstWeek()
	o.shut()
	o.settle()
	o.switchOff()
	o.bounds()
	o.elsewhere()
	o.leave()
	o.comeBack()
	o.judge()
	return o.d.Transcript()
}

// arrive is the first screen, and set-up, in a channel where the app may not
// post at first.
func (o *server) arrive() {
	o.Helper()
	ben := o.in("Ben", "general")
	ben.Command("/rapport")
	ben.WaitMessage("Hello, I'm Rapport.")

	anna := o.in("Anna", "general")
	anna.Command("/rapport-admin")
	anna.Press(anna.WaitMessage("Rapport is here and silent"), "Choose channel and day")
	anna.Submit(anna.WaitModal("Set-up"), map[string]string{"In which channel?": "notices", "In which time zone?": "Atlantis"})
	fault := anna.WaitMessage("I do not know that place")
	o.on(time.Minute) // she looks for a name of it
	anna.Press(fault, "Edit")
	anna.Submit(anna.WaitModal("Atlantis"), map[string]string{"In which time zone?": "Berlin"})
	shut := anna.WaitMessage("Send Messages")
	o.d.ChangeChannel("#notices", func(c *discordtest.Channel) { c.Lost = 0 })
	anna.Press(shut, "Edit")
	anna.Submit(anna.WaitModal("Berlin"), nil)
	o.wantPosts("notices", 0)
	anna.Press(anna.WaitMessage("Shall I post it and start?"), "Post it and start")
	anna.WaitMessage("Started.")
	o.on(time.Minute)
	o.wantPosts("notices", 1)
}

// firstWeek is the first nudge, and what Ben in New York makes of it.
func (o *server) firstWeek() {
	o.Helper()
	o.to(monday.Add(-time.Second))
	o.wantPosts("notices", 1)
	o.to(monday)
	nudge := o.wantPosts("notices", 2)[1]
	if !nudge.At.Equal(monday) {
		o.Errorf("the nudge came at %s, want 09:00 in Berlin", nudge.At)
	}
	for _, name := range []string{"Cleo", "Ben"} {
		who := o.in(name, "notices")
		who.Press(nudge, "I'm in")
		who.Press(who.WaitMessage("Good. When?"), "Thursday")
		who.Press(who.WaitMessage("May I ask you once"), "Yes, Thursday, only that")
		who.WaitMessage("I will ask you once")
	}
	ben := o.in("Ben", "notices")
	ben.Press(nil, "No, choose my zone")
	ben.Submit(ben.WaitModal("Place and habits"), map[string]string{"Where are you? (time zone)": "New York"})
	ben.WaitMessage("Where you are it is")
	cleo := o.in("Cleo", "notices")
	cleo.Press(nil, "Yes, that is my time")
	o.d.Change("Cleo", func(u *discordtest.User) { u.Closed = true })

	thursday := time.Date(2027, 3, 18, 20, 0, 0, 0, time.UTC) // 16:00 in New York, which has summer time already
	o.to(thursday.Add(-time.Second))
	o.wantDirect("Ben", 0)
	o.to(thursday)
	ben = o.in("Ben", "")
	ben.Press(o.wantDirect("Ben", 1)[0], "Well")
	noted := ben.WaitMessage("Noted.")
	back := o.pressed(ben, noted, "Undo", "Taken back")
	if n := o.checkIns("Ben"); n != 0 {
		o.Errorf("%d check-ins after Undo, want none", n)
	}
	noted = o.pressed(ben, o.pressed(ben, back, "How did it go?", "How did it go?"), "So-so", "Noted.")
	ben.Press(noted, "Write a line about it")
	form := ben.WaitModal("A line for yourself")
	o.on(time.Minute)
	ben.Submit(form, map[string]string{"A line for yourself": ""}) // Discord itself keeps that back
	ben.Submit(form, map[string]string{"A line for yourself": "Said hello to K. He was glad."})
	ben.WaitMessage("Kept.")
	ben.Command("/rapport", "done well") // once more: that week's is noted
	ben.WaitMessage("is noted already")
	if n := o.checkIns("Ben"); n != 1 {
		o.Errorf("%d check-ins, want 1", n)
	}
}

// pressed presses a button and waits for the answer.
func (o *server) pressed(who *discordtest.Person, on discordtest.Message, label, words string) discordtest.Message {
	o.Helper()
	o.on(time.Minute)
	rested(o.h)
	who.Press(on, label)
	return who.WaitMessage(words)
}

// shut is somebody whose direct messages are closed: told in private, once, and
// nowhere else.
func (o *server) shut() {
	o.Helper()
	if got := o.d.Person("Cleo").Direct(); len(got) > 0 {
		o.Errorf("what Discord did not let through is there: %v", got)
	}
	cleo := o.in("Cleo", "general")
	cleo.Command("/rapport")
	const told = "My last direct message did not reach you"
	if said := cleo.WaitMessage("This week"); !strings.Contains(said.Plain(), told) || said.For == "" {
		o.Errorf("Cleo is told %s, want that her direct messages are closed, in private", said.Plain())
	}
	cleo.Command("/rapport", "progress")
	if said := cleo.WaitMessage("Your weeks").Plain(); strings.Contains(said, told) {
		o.Errorf("Cleo is told once more: %s", said)
	}
}

// settle is what Ben sees of himself.
func (o *server) settle() {
	o.Helper()
	ben := o.in("Ben", "general")
	ben.Command("/rapport", "progress")
	ben.Press(ben.WaitMessage("Your weeks"), "As a picture")
	pictured := ben.WaitMessage("{image")
	if len(pictured.Attachments) != 1 || pictured.Attachments[0].Description == "" || pictured.For == "" {
		o.Errorf("the picture is %+v, want one that Ben alone sees, and its words", pictured)
	}
	ben.Command("/rapport", "settings")
	ben.Press(ben.WaitMessage("Your settings"), "Rhythm")
	ben.Submit(ben.WaitModal("How often may I write"), map[string]string{"How often may I write to you?": "Weekly: one question on Thursdays"})
	saved := ben.WaitMessage("Saved.")
	ben.Press(saved, "Place and habits")
	ben.Submit(ben.WaitModal("Where are you?"), map[string]string{"Where are you? (time zone)": "Atlantis"})
	ben.Press(ben.WaitMessage("I do not know that place"), "Edit")
	ben.Submit(ben.WaitModal("Atlantis"), map[string]string{"Where are you? (time zone)": "Lisbon"})
	ben.WaitMessage("Europe/Lisbon")
}

// switchOff is the kill switch: a week without a post, and on again. Summer
// time begins in Berlin meanwhile.
func (o *server) switchOff() {
	o.Helper()
	anna := o.in("Anna", "general")
	anna.Command("/rapport-admin")
	anna.Press(anna.WaitMessage("Set-up"), "Stop everything")
	stopped := anna.WaitMessage("Stopped.")
	before := len(o.d.Posted("#notices"))
	o.to(monday.AddDate(0, 0, 8))
	o.wantPosts("notices", before)
	anna = o.in("Anna", "general")
	anna.Press(stopped, "Start again")
	anna.WaitMessage("Started again.")
	summer := monday.AddDate(0, 0, 14).Add(-time.Hour)
	o.to(summer.Add(-time.Second))
	o.wantPosts("notices", before)
	o.to(summer.Add(2 * time.Hour))
	if post := o.wantPosts("notices", before+1)[before]; !post.At.Equal(summer) {
		o.Errorf("in summer the nudge came at %s, want 09:00 in Berlin", post.At)
	}
}

// bounds is who may not set anything up.
func (o *server) bounds() {
	o.Helper()
	ben := o.in("Ben", "general")
	if a := ben.Command("/rapport-admin"); a.Error == "" {
		o.Error("Ben is offered /rapport-admin")
	}
	ben.Command("/rapport", "setup")
	ben.WaitMessage("for its admins")
}

// elsewhere is Dora, who installed the app for herself, in a server that knows
// nothing of it.
func (o *server) elsewhere() {
	o.Helper()
	dora := o.in("Dora", "Harbour/#pier")
	if got := dora.Commands(); !slices.Equal(got, []string{"/rapport"}) {
		o.Errorf("Dora is offered %q", got)
	}
	dora.Command("/rapport")
	dora.Press(dora.WaitMessage("Hello, I'm Rapport."), "I'm in")
	dora.Press(dora.WaitMessage("Good. When?"), "Tomorrow")
	dora.Press(dora.WaitMessage("May I ask you once"), "Yes, Thursday, only that")
	dora.WaitMessage("I will ask you once")
	dora.Command("/rapport", "setup")
	dora.WaitMessage("in one of its channels")
	anna := o.in("Anna", "") // an admin, but of which server?
	anna.Command("/rapport", "setup")
	anna.WaitMessage("in one of its channels")
	if got := o.d.Posted("Harbour/#pier"); len(got) > 0 {
		o.Errorf("everybody in Harbour sees %v", got)
	}
	o.on(4 * 24 * time.Hour)
	o.wantDirect("Dora", 1)
	dora = o.in("Dora", "")
	dora.Press(nil, "Well")
	dora.WaitMessage("Noted.")
}

// leave is a pause, what is kept as a file and as pages, and its erasure.
func (o *server) leave() {
	o.Helper()
	ben := o.in("Ben", "general")
	ben.Command("/rapport", "journal write")
	ben.Submit(ben.WaitModal("A line for yourself"), map[string]string{"A line for yourself": "A second line."})
	ben.WaitMessage("Kept.")
	ben.Command("/rapport", "pause")
	ben.Submit(ben.WaitModal("Until, that day included"), map[string]string{"Until, that day included": "one fine day"})
	ben.Press(ben.WaitMessage("I cannot read that as a day"), "Edit")
	ben.Submit(ben.WaitModal("one fine day"), map[string]string{"Until, that day included": "2 weeks"})
	ben.WaitMessage("Paused until")
	ben = o.in("Ben", "general")
	ben.Command("/rapport", "data")
	ben.Press(ben.WaitMessage("Download"), "Download")
	file := ben.WaitMessage("{file")
	if file.For == "" || len(file.Attachments) != 1 || !strings.Contains(string(file.Attachments[0].Content), "A second line.") {
		o.Errorf("%+v is not what Ben wrote, for Ben alone", file)
	}
	ben.Command("/rapport", "data read")
	ben.WaitMessage("A second line.")
	ben = o.in("Ben", "general")
	ben.Command("/rapport", "data")
	ben.Press(ben.WaitMessage("Erase all of it"), "Erase all of it")
	ben.Press(ben.WaitMessage("Erase everything?"), "Erase it now")
	ben.WaitMessage("Gone.")
	ben.Command("/rapport", "journal")
	ben.WaitMessage("ournal")
	direct := len(o.d.Person("Ben").Direct())
	o.on(21 * 24 * time.Hour)
	o.wantDirect("Ben", direct)
}

// comeBack is the app's removal from the server, and its return.
func (o *server) comeBack() {
	o.Helper()
	before := len(o.d.Posted("#notices"))
	o.d.Kick("Lighthouse")
	team := coach.Team{Platform: "discord", ID: o.d.GuildID("Lighthouse")}
	await(o.T, "the server is left", func() bool {
		_, planned, err := o.h.db.Planned(o.Context(), team, "nudge")
		return err == nil && !planned
	})
	if a := o.in("Anna", "general").Command("/rapport"); a.Error == "" {
		o.Error("the command is there without the app")
	}
	o.on(14 * 24 * time.Hour)
	o.wantPosts("notices", before)
	o.d.Invite("Lighthouse")
	anna := o.in("Anna", "general")
	anna.Command("/rapport-admin")
	anna.Press(anna.WaitMessage("Rapport is here and silent"), "Choose channel and day")
	anna.Submit(anna.WaitModal("Set-up"), nil)
	anna.Press(anna.WaitMessage("Shall I post it and start?"), "Post it and start")
	anna.WaitMessage("Started.")
	o.on(8 * 24 * time.Hour)
	if n := len(o.d.Posted("#notices")) - before; n < 2 {
		o.Errorf("%d posts after the return, want the introduction and a nudge", n)
	}
}
