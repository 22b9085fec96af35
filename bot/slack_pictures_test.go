package main

import (
	"testing"
	"time"

	"rapport/adapters/slack/slacktest"
)

// TestSlackPictures lives the first week of a team in Slack and draws what
// people see: the pictures of docs. The week is lived without a browser, too.
func TestSlackPictures(t *testing.T) {
	var pages []drawing
	t.Run("week", func(t *testing.T) { pages = slackWeek(t) })
	if t.Failed() {
		return
	}
	t.Run("draw", func(t *testing.T) {
		tab := openBrowser(t)
		for _, d := range pages {
			d.draw(t, tab)
		}
	})
}

// slackWeek lives the week and returns what people saw, one page for each kind
// of place.
func slackWeek(t *testing.T) (pages []drawing) {
	o := openOffice(t, "sockets", monday.AddDate(0, 0, -1), slacktest.Setup{
		Scopes:   []string{"commands", "chat:write", "im:write", "users:read"},
		Channels: []slacktest.Channel{{Name: "general"}, {Name: "team"}, {Name: "random"}},
	})
	see := func(name, html string, words ...string) { pages = append(pages, drawing{name, html, words}) }

	anna := o.in("Anna", "team") // an admin
	anna.Command("/rapport setup")
	anna.Press(nil, "Choose channel and day")
	form := anna.WaitModal("In which channel?")
	anna.Submit(form, map[string]string{"In which channel?": "team", "In which time zone?": "Atlantis"})
	anna.WaitModal("I do not know that place")
	see("slack-form", anna.HTML(), "Set-up", "Atlantis", "I do not know that place", "Go on")
	anna.Submit(form, map[string]string{"In which time zone?": "Berlin"})
	anna.Press(anna.WaitModal("Shall I post it and start?"), "Post it and start")
	anna.WaitModal("Started.")
	anna.CloseModal()
	o.on(time.Minute)
	o.wantPosts("team", 1)

	chidi := o.in("Chidi", "random")
	chidi.Command("/rapport")
	chidi.WaitMessage("This week:")
	see("slack-command", chidi.HTML(), "Only visible to you", "This week:", "I'm in", "What I keep")

	o.to(monday)
	o.wantPosts("team", 2)
	chidi.In("team")
	see("slack-nudge", chidi.HTML(), "This week:", "step 2 of 6", "Buttons answer only you.", "I'm in")
	chidi.Press(nil, "I'm in")
	chidi.Press(chidi.WaitMessage("Good. When?"), "Thursday")
	chidi.Press(chidi.WaitMessage("May I ask you once"), "Yes, Thursday, only that")
	chidi.WaitMessage("I will ask you once")

	o.to(monday.AddDate(0, 0, 3).Add(7 * time.Hour)) // 16:00 in Lagos
	o.wantDirect("Chidi", 1)
	chidi.In("")
	see("slack-direct", chidi.HTML(), "How did it go?", "Well", "So-so", "Hard", "It did not happen")
	chidi.Press(nil, "Well")
	chidi.WaitMessage("Your first week is kept")

	chidi.In("random").Shortcut("journal")
	chidi.WaitModal("A line for yourself")
	see("slack-shortcut", chidi.HTML(), "Only you see it.", "Keep it")
	chidi.CloseModal()

	chidi.OpenHome()
	chidi.WaitHome("This week:")
	see("slack-home", chidi.HomeHTML(), "This week:", "Progress", "Settings")

	o.to(monday.AddDate(0, 0, 7).Add(time.Hour))
	o.wantPosts("team", 3)
	anna.In("general").Command("/rapport setup")
	anna.WaitMessage("Last sent:")
	see("slack-setup", anna.HTML(), "Weekly nudge:", "#team", "Last sent:", "Stop everything")
	o.judge()
	return pages
}
