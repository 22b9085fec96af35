package discord

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/bwmarrin/discordgo"

	"rapport/adapters/surface"
	"rapport/coach"
)

// maxGivenBack is how many characters of what was typed are given back in a
// message; what is longer comes as a file.
const maxGivenBack = 1500

// withWords is reply, which says that a form was not taken, with what was typed
// into it: Discord closes a form once anything is answered. Only the one who
// typed it sees it.
func (in *interaction) withWords(reply coach.Reply) coach.Reply {
	words := in.words()
	if len(words) == 0 {
		return reply
	}
	m := *reply.Message
	m.Sections = append(slices.Clip(m.Sections), coach.Section{Text: coach.P("This is what you wrote, to copy it:")})
	all := strings.Join(words, "\n\n")
	if surface.Fits(all, maxGivenBack) {
		for _, w := range words {
			m.Sections = append(m.Sections, coach.Section{Text: coach.P(w)})
		}
	} else {
		reply.File = &coach.File{Name: "what-you-wrote.txt", Type: "text/plain; charset=utf-8", Data: []byte(all), Alt: "What you wrote"}
	}
	reply.Message = &m
	return reply
}

// words are the texts that were typed into a form; none if in is no form.
func (in *interaction) words() []string {
	var form struct {
		Components []struct {
			Component struct {
				Type  discordgo.ComponentType `json:"type"`
				Value string                  `json:"value"`
			} `json:"component"`
		} `json:"components"`
	}
	if in.Kind != submitted || json.Unmarshal(in.Data, &form) != nil {
		return nil
	}
	var words []string
	for _, c := range form.Components {
		if c.Component.Type == discordgo.TextInputComponent && !surface.Blank(c.Component.Value) {
			words = append(words, c.Component.Value)
		}
	}
	return words
}
