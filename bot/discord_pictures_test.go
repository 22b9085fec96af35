package main

import (
	"testing"
	"time"

	"rapport/adapters/discord/discordtest"
)

// TestDiscordPictures lives the first week of a server in Discord and draws what
// people see: the pictures of docs. The week is lived without a browser, too.
func TestDiscordPictures(t *testing.T) {
	var pages []drawing
	t.Run("week", func(t *testing.T) { pages = discordWeek(t) })
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

// discordWeek lives the week and returns what people saw, one page for each kind
// of place.
func discordWeek(t *testing.T) (pages []drawing) {
	o := openServer(t, "gateway", monday.AddDate(0, 0, -1), discordtest.Setup{
		Guilds: []discordtest.Guild{{Name: "Lighthouse", Owner: "Anna", Channels: []discordtest.Channel{{Name: "general"}, {Name: "team"}, {Name: "random"}}}},
		Users:  []discordtest.User{{Name: "Anna", Zone: "Europe/Berlin", Manage: true}, {Name: "Ben", Zone: "America/New_York"}, {Name: "Chidi", Zone: "Africa/Lagos"}},
	})
	see := func(name, html string, words ...string) { pages = append(pages, drawing{name, html, words}) }

	anna := o.in("Anna", "general") // she manages the server
	anna.Command("/rapport-admin")
	anna.Press(anna.WaitMessage("Rapport is here and silent"), "Choose channel and day")
	form := anna.WaitModal("In which channel?")
	see("discord-form", anna.HTML(), "Set-up", "In which channel?", "Submit")
	anna.Submit(form, map[string]string{"In which channel?": "team", "In which time zone?": "Atlantis"})
	fault := anna.WaitMessage("I do not know that place")
	see("discord-fault", anna.HTML(), "Almost there.", "I do not know that place", "Edit")
	anna.Press(fault, "Edit")
	anna.Submit(anna.WaitModal("Atlantis"), map[string]string{"In which time zone?": "Berlin"})
	anna.Press(anna.WaitMessage("Shall I post it and start?"), "Post it and start")
	anna.WaitMessage("Started.")
	anna.Reload()
	anna.Command("/rapport-admin")
	anna.WaitMessage("Weekly nudge:")
	see("discord-setup", anna.HTML(), "Weekly nudge:", "#team", "Stop everything")
	o.on(time.Minute)
	o.wantPosts("team", 1)

	chidi := o.in("Chidi", "random")
	chidi.Command("/rapport")
	chidi.WaitMessage("This week:")
	see("discord-command", chidi.HTML(), "Only you can see this", "This week:", "I'm in", "What I keep")

	o.to(monday)
	nudge := o.wantPosts("team", 2)[1]
	chidi = o.in("Chidi", "team")
	see("discord-nudge", chidi.HTML(), "This week:", "step 2 of 6", "Buttons answer only you.", "I'm in")
	chidi.Press(nudge, "I'm in")
	chidi.Press(chidi.WaitMessage("Good. When?"), "Thursday")
	chidi.Press(chidi.WaitMessage("May I ask you once"), "Yes, Thursday, only that")
	chidi.Press(chidi.WaitMessage("Is it "), "Yes, that is my time")
	chidi.WaitMessage("go by that clock")

	o.to(monday.AddDate(0, 0, 3).Add(7 * time.Hour)) // 16:00 in Berlin and Lagos
	asked := o.wantDirect("Chidi", 1)[0]
	chidi = o.in("Chidi", "")
	chidi.Press(asked, "Well")
	chidi.WaitMessage("Your first week is kept")
	see("discord-direct", chidi.HTML(), "How did it go?", "Well", "So-so", "Hard", "It did not happen", "Noted.")

	chidi = o.in("Chidi", "random")
	chidi.Reload()
	chidi.Command("/rapport", "progress picture")
	chidi.WaitMessage("{image")
	see("discord-picture", chidi.HTML(), "Your weeks", "As letters")
	chidi.Reload()
	chidi.Complete("/rapport", "re")
	see("discord-completion", chidi.HTML(), "/rapport", "what: re", "rehearse", "repair")
	o.judge()
	return pages
}
