// Package components decides how the coach's messages and forms look in
// Discord's components, and what was meant by a press or a sent form.
//
// It knows neither the network nor who is asking. Words are escaped here: what
// a person typed can become neither a mention, nor a link, nor a style. A
// message is Components V2: one container with text displays, a picture, a
// select and a row of buttons. A form is a modal of labels.
package components

import (
	"strings"

	"github.com/bwmarrin/discordgo"

	"rapport/adapters/surface"
	"rapport/coach"
)

// Flags are those of every message that is made of what [Message] returns. It
// may have neither content nor embeds.
const Flags = discordgo.MessageFlagsIsComponentsV2

// Limits of Discord, in characters.
// Source: https://docs.discord.com/developers/components/reference
const (
	maxComponents  = 40   // of a message, nested ones included
	maxText        = 4000 // over all text displays of a message
	maxContent     = 2000 // of a message without components
	maxButton      = 80
	maxOption      = 100
	maxOptions     = 25
	maxPlaceholder = 150
	maxAlt         = 1024
)

// heading makes a title one that screen readers find as such.
const heading = "### "

// Message returns m as the components of a message: one container. Its picture
// is to be sent along as a file named [FileName]. A control whose Action cannot
// be encoded is left out. There are none if nothing in m can be shown.
//
// What a lock screen shows is not in our hands. Discord's push notification of a
// message made of components says who wrote and none of the words, which is an
// open fault there (https://github.com/discord/discord-api-docs/issues/7854). So
// Notice has no place, and nothing private stands in a notification. Were it
// mended as is proposed there, with the words of the text displays, it would
// show what the coach says in direct messages: curriculum text, never a person's
// own words.
func Message(m coach.Message) []discordgo.MessageComponent {
	var controls []discordgo.MessageComponent
	used := 1 // the container
	if menu, ok := newMenu(m.Choices); ok {
		controls = append(controls, newRow(menu))
		used += 2
	}
	if row := newButtons(m.Buttons); len(row) > 0 {
		controls = append(controls, newRow(row...))
		used += 1 + len(row)
	}
	picture, ok := newPicture(m.Picture)
	if ok {
		used++
	}
	texts := texts(m, maxComponents-used)
	parts := make([]discordgo.MessageComponent, 0, len(texts)+3)
	for i := range texts {
		parts = append(parts, &texts[i])
	}
	if ok {
		parts = append(parts, picture)
	}
	if parts = append(parts, controls...); len(parts) == 0 {
		return nil
	}
	return []discordgo.MessageComponent{&discordgo.Container{Components: parts}}
}

// texts returns the words of m in at most limit text displays.
func texts(m coach.Message, limit int) []discordgo.TextDisplay {
	texts := make([]discordgo.TextDisplay, 0, min(len(m.Sections)+1, limit))
	room := maxText
	add := func(content string) {
		if room -= length(content); len(texts) == limit {
			texts[limit-1].Content += "\n" + content
		} else {
			texts = append(texts, discordgo.TextDisplay{Content: content})
		}
	}
	if title := surface.Line(m.Title, coach.MaxTitle); !surface.Blank(title) {
		add(heading + markdown(coach.P(title), false))
	}
	for _, s := range m.Sections {
		if len(texts) == limit {
			room-- // for the line break
		}
		if content := show(s, room); content != "" {
			add(content)
		}
	}
	return texts
}

// show returns s in at most room characters; "" if there is nothing to see.
func show(s coach.Section, room int) string {
	content := markdown(s.Text, s.Quiet)
	if surface.Blank(content) {
		return ""
	}
	if surface.Fits(content, room) {
		return content
	} // else the words go before the looks
	words := surface.Visible(s.Text.String())
	for most := room; most > 0; most = min(most-1, most*room/length(content)) {
		if content = markdown(coach.P(surface.Cut(words, most)), false); surface.Fits(content, room) {
			return content
		}
	}
	return ""
}

// newPicture returns p as a gallery; not ok if there is none.
func newPicture(p *coach.Picture) (gallery discordgo.MessageComponent, ok bool) {
	if p == nil {
		return nil, false
	}
	item := discordgo.MediaGalleryItem{Media: discordgo.UnfurledMediaItem{URL: "attachment://" + FileName(p.Name)}}
	if alt := surface.Cut(surface.Visible(p.Alt), maxAlt); !surface.Blank(alt) {
		item.Description = &alt
	}
	return &discordgo.MediaGallery{Items: []discordgo.MediaGalleryItem{item}}, true
}

// FileName is name as a file may be called that a message points at: Discord
// changes other characters in the names of files, and then does not find them.
func FileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < 0x80 && (alnum(byte(r)) || strings.ContainsRune("._-", r)) {
			return r
		}
		return '_'
	}, name)
	if name = strings.TrimLeft(name, "._-"); name == "" {
		return "picture.png"
	}
	return name
}

// Fallback returns what may stand for m where no components are shown and
// others can see it, escaped like everything else.
func Fallback(m coach.Message) string {
	return show(coach.Section{Text: coach.P(m.NoticeLine())}, maxContent)
}
