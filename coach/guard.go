package coach

import (
	"slices"
	"strings"
	"unicode"

	"rapport/coach/curriculum"
)

// urgent are the cases in which somebody may be in danger.
var urgent = []string{"danger", "harm", "health"}

// guard answers words that no exercise should answer, such as harm or fear. It
// looks only at text that was sent this moment; nothing is kept or counted.
func (v *visit) guard(text string) (Reply, bool) {
	g, _, ok := v.ed.Guarded(text)
	if !ok {
		return Reply{}, false
	}
	said := strings.ReplaceAll(g.Text, "{contact}", v.contact())
	note := v.say.text("What you typed was not kept.")
	if slices.Contains(urgent, g.Case) {
		note = v.say.text("In danger right now? Call your local emergency number. What you typed was not kept.")
	}
	return Say(Message{
		Sections: []Section{{Text: marked(sentence(said))}, {Quiet: true, Text: note}},
		Buttons:  []Button{v.button("Pause messages", Do("pause")), v.button("Home", Do("home"))},
	}), true
}

// withCare puts the way to human help above an answer to what sounds grave, for
// the guards know only the phrases that they were given.
func (v *visit) withCare(text string, r Reply) Reply {
	if !curriculum.SoundsGrave(text) {
		return r
	}
	care := Section{Text: v.say.text("*If this is about somebody who is afraid, hurt or in danger*, leave the rest and talk to %s. In danger right now? Call your local emergency number.", v.contact())}
	r.Message.Sections = append([]Section{care}, r.Message.Sections...)
	return r
}

// contact is whom people can turn to: whom the admin named, or whoever is near.
func (v *visit) contact() string {
	return orElse(orElse(v.plan.HelpContact, v.HelpContact), v.say.line("someone you trust, a moderator, HR or a staff representative"))
}

// shown returns typed text as it can be shown back: without control characters
// and without those that turn the direction of text around.
func shown(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), !unicode.IsPrint(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(strings.ToLower(shown(s))), " ")
	return word
}
