package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/adapters/slack/slacktest"
	"rapport/coach"
	"rapport/coach/coachtest"
)

// TestSlackStory lives two weeks over Slack, one way and the other: people see
// the same, which is the golden file.
func TestSlackStory(t *testing.T) {
	alone(t) // both ways together
	for _, way := range bothWays {
		t.Run(way, func(t *testing.T) {
			t.Parallel() // most of it is waiting
			saw := untilSmooth(t, putOff, func(t *testing.T) string { return slackStory(t, way) })
			coachtest.Golden(t, "slack/story.txt", settled(saw))
		})
	}
}

// putOff reports whether Slack's people were told to wait a moment.
func putOff(saw string) bool { return strings.Contains(saw, coach.OneMoment().Message.Fallback()) }

func slackStory(t *testing.T, way string) string {
	o := openOffice(t, way, monday.AddDate(0, 0, -1), slacktest.Setup{})
	o.arrive()
	o.firstWeek()
	o.settle()
	o.switchOff()
	o.bounds()
	o.leave()
	o.judge()
	return o.s.Transcript()
}

// arrive is the first screen, and set-up.
func (o *office) arrive() {
	o.Helper()
	o.in("Ben", "general").Command("/rapport")

	anna := o.in("Anna", "general")
	anna.Command("/rapport")
	anna.Press(anna.WaitMessage("Rapport is here and silent"), "Choose channel and day")
	anna.Submit(anna.WaitModal("Go on"), map[string]string{"In which channel?": "team", "In which time zone?": "Atlantis"})
	anna.Submit(anna.WaitModal("I do not know that place"), map[string]string{"In which time zone?": "Berlin"})
	v := anna.WaitModal("/invite")
	o.s.ChangeChannel("team", func(c *slacktest.Channel) { c.Without = false })
	anna.Submit(v, nil)
	o.wantPosts("team", 0)
	anna.Press(anna.WaitModal("Post it and start"), "Post it and start")
	anna.WaitModal("Started")
	anna.CloseModal()
	o.on(time.Minute)
	o.wantPosts("team", 1)
}

// firstWeek is the first nudge, and what Ben in New York makes of it.
func (o *office) firstWeek() {
	o.Helper()
	o.to(monday.Add(-time.Second))
	o.wantPosts("team", 1)
	o.to(monday)
	nudge := o.wantPosts("team", 2)[1]
	if !nudge.At.Equal(monday) {
		o.Errorf("the nudge came at %s, want 09:00 in Berlin", nudge.At)
	}
	ben := o.in("Ben", "team")
	ben.Press(nudge, "I'm in")
	ben.Press(ben.WaitMessage("Good. When?"), "Thursday")
	ben.Press(ben.WaitMessage("May I ask you once"), "Yes, Thursday, only that")
	ben.WaitMessage("I will ask you once")

	thursday := time.Date(2027, 3, 18, 20, 0, 0, 0, time.UTC) // 16:00 in New York, which has summer time already
	o.to(thursday.Add(-time.Second))
	o.wantDirect("Ben", 0)
	o.to(thursday)
	o.wantDirect("Ben", 1)
	ben = o.in("Ben", "")
	ben.Press(nil, "Well")
	noted := ben.WaitMessage("Noted.")
	ben.Press(noted, "Write a line about it")
	form := ben.WaitModal("A line for yourself")
	o.on(time.Minute)
	ben.Submit(form, map[string]string{"A line for yourself": ""}) // Slack itself keeps that back
	ben.Submit(form, map[string]string{"A line for yourself": "Said hello to K. He was glad."})
	ben.WaitModal("Kept.")
	ben.CloseModal()
	o.on(time.Minute)
	ben.Press(noted, "Undo")
	back := ben.WaitMessage("Taken back")
	if n := o.checkIns("Ben"); n != 0 {
		o.Errorf("%d check-ins after Undo, want none", n)
	}
	o.on(time.Minute)
	ben.Press(back, "How did it go?")
	ben.Press(ben.WaitMessage("How did it go?"), "So-so")
	ben.WaitMessage("Noted.")
	ben.Command("/rapport done well") // once more: that week's is noted
	if n := o.checkIns("Ben"); n != 1 {
		o.Errorf("%d check-ins, want 1", n)
	}
}

// settle is what Ben sees of himself, in the App Home and elsewhere.
func (o *office) settle() {
	o.Helper()
	ben := o.in("Ben", "general")
	ben.Command("/rapport progress")
	ben.Press(nil, "As a picture")
	light := ben.WaitMessage("in our direct messages")
	ben.Press(light, "Dark picture")
	ben.WaitMessage("in our direct messages")
	ben.Press(light, "Delete the picture") // the other one has not taken its place
	ben.WaitMessage("Deleted")
	ben.OpenHome()
	ben.Press(ben.WaitHome("This week"), "Progress")
	ben.Press(ben.WaitHome("Your weeks"), "Settings")
	home := ben.WaitHome("Your settings")
	ben.Press(home, "Rhythm")
	ben.Submit(ben.WaitModal("How often may I write"), map[string]string{"How often may I write to you?": "Weekly: one question on Thursdays"})
	ben.WaitModal("Saved.")
	ben.WaitHome("Weekly")
	ben.CloseModal()
	ben = o.in("Ben", "general")
	ben.Press(home, "Place and habits")
	ben.Submit(ben.WaitModal("Where are you?"), map[string]string{"Where are you? (time zone)": "Atlantis"})
	ben.Submit(ben.WaitModal("I do not know that place"), map[string]string{"Where are you? (time zone)": "Lisbon"})
	ben.WaitModal("Saved.")
	ben.WaitHome("Europe/Lisbon")
	ben.CloseModal()
}

// wantDirect demands how many messages of the program somebody has.
func (o *office) wantDirect(name string, want int) []slacktest.Message {
	o.Helper()
	got := o.s.Posted(name)
	if len(got) != want {
		o.Fatalf("%s has %d direct messages, want %d\n%s", name, len(got), want, o.s.Transcript())
	}
	return got
}

// switchOff is the kill switch: a week without a post, and on again. Summer
// time begins in Berlin meanwhile.
func (o *office) switchOff() {
	o.Helper()
	anna := o.in("Anna", "general")
	anna.Command("/rapport setup")
	anna.Press(nil, "Stop everything")
	anna.WaitMessage("Stopped.")
	before := len(o.s.Posted("team"))
	o.to(monday.AddDate(0, 0, 8))
	o.wantPosts("team", before)
	anna = o.in("Anna", "general")
	anna.Press(nil, "Start again")
	anna.WaitMessage("Started again.")
	summer := monday.AddDate(0, 0, 14).Add(-time.Hour)
	o.to(summer.Add(-time.Second))
	o.wantPosts("team", before)
	o.to(summer.Add(2 * time.Hour))
	if post := o.wantPosts("team", before+1)[before]; !post.At.Equal(summer) {
		o.Errorf("in summer the nudge came at %s, want 09:00 in Berlin", post.At)
	}
}

// bounds is who may not set anything up.
func (o *office) bounds() {
	o.Helper()
	for _, name := range []string{"Gina", "Stig", "Ben"} {
		who := o.in(name, "general")
		who.Command("/rapport setup")
		who.Command("/rapport empathy")
	}
}

// leave is a pause, what is kept as a file and as pages, and its erasure.
func (o *office) leave() {
	o.Helper()
	ben := o.in("Ben", "general")
	ben.Shortcut("journal")
	ben.Submit(ben.WaitModal("A line for yourself"), map[string]string{"A line for yourself": "A second line."})
	ben.WaitModal("Kept.")
	ben.CloseModal()
	ben.Command("/rapport pause")
	v := ben.WaitModal("Until, that day included")
	ben.Submit(v, map[string]string{"Until, that day included": "one fine day"})
	ben.Submit(ben.WaitModal("I cannot read that as a day"), map[string]string{"Until, that day included": "2 weeks"})
	ben.WaitModal("Paused until")
	ben.CloseModal()
	ben = o.in("Ben", "general")
	ben.Command("/rapport data")
	ben.Press(nil, "Download")
	ben.WaitMessage("in our direct messages")
	files := o.s.Files()
	if file := files[len(files)-1]; !strings.Contains(string(file.Content), "A second line.") {
		o.Errorf("the file %s lacks what Ben wrote", file.Name)
	}

	o.stop() // the scope for files is taken away
	o.s.Grant("commands", "chat:write", "im:write", "users:read")
	o.start()
	ben = o.in("Ben", "general")
	ben.Command("/rapport progress")
	ben.Command("/rapport data")
	ben.Press(nil, "Read it here")
	ben.WaitMessage("A second line.")
	ben.Command("/rapport data")
	ben.Press(nil, "Erase all of it")
	ben.Press(ben.WaitMessage("Erase everything?"), "Erase it now")
	ben.WaitMessage("Gone.")
	ben.Command("/rapport journal")
	direct := len(o.s.Posted("Ben"))
	o.on(21 * 24 * time.Hour)
	o.wantDirect("Ben", direct)
	if got := o.s.Leaks("A second line.", "He was glad."); slices.ContainsFunc(got, func(call string) bool {
		return !strings.HasPrefix(call, "response_url") && !strings.HasPrefix(call, "upload")
	}) {
		o.Errorf("what Ben wrote is in more than answers to him: %q", got)
	}
}
