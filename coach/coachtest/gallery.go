// Package coachtest checks implementations of what the coach asks for: stores
// pass TestStore, and surfaces render the whole Gallery.
package coachtest

import (
	"strings"
	"time"

	"rapport/coach"
)

// Hostile are words that must stay words on every surface: mentions, markup,
// links, control characters and turned-around text.
const Hostile = "<!channel> @everyone @here <@U1> <#C1> </script><b>x</b> *x* _y_ ~z~ ||s|| `c` ```d``` [a](http://b) & > q | \x1b[31mred\x1b[0m \u202egnp.exe\u202c \x00\x07 http://evil.example"

// Gallery returns one message for each thing the vocabulary can say, the
// hostile ones included. A new word in the vocabulary belongs here, so that
// every surface which lacks it fails its tests.
func Gallery() map[string]coach.Message {
	section := func(t coach.Text) []coach.Section { return []coach.Section{{Text: t}} }
	at := time.Date(2026, 11, 26, 15, 0, 0, 0, time.UTC)
	return map[string]coach.Message{
		"plain": {Sections: section(coach.P("Hello."))},
		"styles": {Title: "A title", Sections: section(coach.Join(
			coach.P("Ask "), coach.B("one"), coach.P(" "), coach.I("open"), coach.P(" question:\n"),
			coach.Q("What was the best bit?"), coach.P("\nType "), coach.C("/rapport 3"), coach.P(". Thanks, "),
			coach.Text{{Style: coach.Mention, Words: "U1"}}, coach.P(", see "),
			coach.Text{{Style: coach.Channel, Words: "C1"}}, coach.P(". Until "),
			coach.Text{{Style: coach.Moment, Words: "Thu 26 Nov 16:00", At: at}}, coach.P(".")))},
		"grid":  {Title: "Your weeks", Sections: section(coach.C(" K  K  R  o\n 1  2"))},
		"quiet": {Sections: []coach.Section{{Text: coach.P("First.")}, {Text: coach.P("Buttons answer only you."), Quiet: true}}},
		"buttons": {Sections: section(coach.P("How did it go?")), Buttons: []coach.Button{
			{Label: "Well", Action: coach.Do("did", "try/2026-11-23/wk.s3.one-more-question", "well"), Primary: true},
			{Label: "So-so", Action: coach.Do("did", "try/2026-11-23/wk.s3.one-more-question", "so-so")},
			{Label: "Hard", Action: coach.Do("did", "try/2026-11-23/wk.s3.one-more-question", "hard")},
			{Label: "It did not happen", Action: coach.Do("did", "try/2026-11-23/wk.s3.one-more-question", "no")},
			{Label: "Erase it now", Action: coach.Do("erase", "yes"), Danger: true},
		}},
		"select": {Sections: section(coach.P("Which one?")), Choices: &coach.Select{Label: "Open a step", Options: []coach.Pick{
			{Label: "2. Remember the basics", Action: coach.Do("step", "2")},
			{Label: "3. Find common ground", Action: coach.Do("step", "3")},
		}}, Buttons: []coach.Button{{Label: "Home", Action: coach.Do("home")}}},
		"picture": {Sections: section(coach.P("Your weeks in a picture.")), Picture: &coach.Picture{
			Name: "weeks.png", PNG: dot, Alt: "9 of your last 12 weeks kept, 4 in a row.",
		}},
		"notice": {Sections: section(coach.P("How did it go?")), Notice: "Rapport has the question you asked for"},
		"hostile": {Title: Hostile[:60], Sections: []coach.Section{
			{Text: coach.P(Hostile)},
			{Text: coach.Join(coach.B(Hostile), coach.P(" "), coach.I(Hostile))},
			{Text: coach.Q(Hostile)},
			{Text: coach.C(Hostile)},
			{Text: coach.Text{{Style: coach.Mention, Words: "U1> <!channel"}}},
			{Text: coach.Text{{Style: coach.Channel, Words: "C1> <!channel"}}},
		}, Buttons: []coach.Button{{Label: "<!here> *ok* @all", Action: coach.Do("home", "<:&:>")}},
			Choices: &coach.Select{Label: "<pick> & @me", Options: []coach.Pick{{Label: "\u202eabc <b>", Action: coach.Do("step", "x:y%3A")}}}},
		"long": {Title: strings.Repeat("t", coach.MaxTitle), Sections: []coach.Section{
			{Text: coach.P(strings.Repeat("word ", 370) + "end")}, {Text: coach.P(strings.Repeat("\u00fcber ", 300) + "end")},
		}},
		"entities": {Sections: section(coach.P(strings.Repeat("&<>", 120)))},
		"lines":    {Sections: section(coach.P("first\nsecond\n\nfourth"))},
		"unicode":  {Sections: section(coach.P("Zoë, 李雷, العربية, 👩🏽‍💻, e\u0301, ﷽"))},
	}
}

// dot is a PNG of one grey pixel.
var dot = []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU\x00\x00\x00\nIDATx\x9cch\x00\x00\x00\x82\x00\x81w\xcdr\xb6\x00\x00\x00\x00IEND\xaeB`\x82")

// Forms returns one form for each shape of input.
func Forms() map[string]coach.Form {
	return map[string]coach.Form{
		"journal": {Title: "Journal", Submit: "Keep it", Action: coach.Do("write", "s3.prompt.surprise", "", "m1"),
			Lead:   coach.Join(coach.Q("What surprised you?"), coach.P("\nWhat question brought that out?")),
			Inputs: []coach.Input{{Name: "words", Label: "A line for yourself", Hint: "Only you see it.", Kind: coach.Long}}},
		"every": {Title: "Every kind", Submit: "Save", Action: coach.Do("setup"), Inputs: []coach.Input{
			{Name: "channel", Label: "In which channel?", Kind: coach.PickChannel},
			{Name: "day", Label: "On which day?", Kind: coach.PickOne, Value: "1", Options: []coach.Option{{Label: "Monday", Value: "1"}, {Label: "Friday", Value: "5"}}},
			{Name: "days", Label: "On which days?", Kind: coach.PickMany, Value: "1,5", Optional: true, Options: []coach.Option{{Label: "Monday", Value: "1"}, {Label: "Wednesday", Value: "3"}, {Label: "Friday", Value: "5"}}},
			{Name: "zone", Label: "Where are you?", Hint: "A city or an offset: Berlin, UTC+2", Kind: coach.Line, Value: "Europe/Berlin", Max: 60},
			{Name: "words", Label: "In your own words", Kind: coach.Long, Optional: true},
		}},
		"hostile": {Title: "<b>&</b> @everyone", Submit: "<Go> & @here", Action: coach.Do("plan", "<x>:y"), Lead: coach.P(Hostile),
			Inputs: []coach.Input{{Name: "if", Label: "<script>alert(1)</script>", Hint: "\u202e& <!channel>", Kind: coach.Line, Value: "\"><img src=x onerror=alert(1)>"}}},
	}
}
