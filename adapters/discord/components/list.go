package components

import (
	"encoding/json"

	"github.com/bwmarrin/discordgo"
)

// A List is components as they are sent. It is written in one go: discordgo's
// own way writes each component anew for every one that it is in.
type List []discordgo.MessageComponent

// MarshalJSON implements [json.Marshaler].
func (l List) MarshalJSON() ([]byte, error) { return json.Marshal(bare(l)) }

// The components that messages are made of, without their own way of being
// written.
type (
	bareContainer discordgo.Container
	bareRow       discordgo.ActionsRow
	bareText      discordgo.TextDisplay
	bareGallery   discordgo.MediaGallery
	bareButton    discordgo.Button
	bareMenu      discordgo.SelectMenu
	bareFile      discordgo.FileComponent
)

// bare is list without their own way of being written. What is unknown here
// keeps it.
func bare(list []discordgo.MessageComponent) []any {
	all := make([]any, len(list))
	for i, c := range list {
		all[i] = bareOne(c)
	}
	return all
}

func bareOne(c discordgo.MessageComponent) any {
	type kind = discordgo.ComponentType
	switch c := c.(type) {
	case *discordgo.Container:
		return &struct {
			bareContainer
			Components []any `json:"components"`
			Type       kind  `json:"type"`
		}{bareContainer(*c), bare(c.Components), c.Type()}
	case *discordgo.ActionsRow:
		return &struct {
			bareRow
			Components []any `json:"components"`
			Type       kind  `json:"type"`
		}{bareRow(*c), bare(c.Components), c.Type()}
	case *discordgo.TextDisplay:
		return &struct {
			bareText
			Type kind `json:"type"`
		}{bareText(*c), c.Type()}
	case *discordgo.Button:
		return &struct {
			bareButton
			Type kind `json:"type"`
		}{bareButton(*c), c.Type()}
	case *discordgo.SelectMenu:
		return &struct {
			bareMenu
			Type kind `json:"type"`
		}{bareMenu(*c), c.Type()}
	case *discordgo.MediaGallery:
		return &struct {
			bareGallery
			Type kind `json:"type"`
		}{bareGallery(*c), c.Type()}
	case *discordgo.FileComponent:
		return &struct {
			bareFile
			Type kind `json:"type"`
		}{bareFile(*c), c.Type()}
	}
	return c
}
