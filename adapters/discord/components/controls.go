package components

import (
	"slices"

	"github.com/bwmarrin/discordgo"

	"rapport/adapters/surface"
	"rapport/coach"
)

// choiceID is the id of a message's select. It is no encoded Action.
const choiceID = "choice"

// newButtons returns the buttons that can be shown and pressed. Discord refuses
// a message in which two ids are the same.
func newButtons(buttons []coach.Button) []discordgo.MessageComponent {
	buttons = buttons[:min(len(buttons), coach.MaxButtons)]
	parts := make([]discordgo.Button, 0, len(buttons))
	row := make([]discordgo.MessageComponent, 0, len(buttons))
	for _, b := range buttons {
		label := surface.Line(b.Label, maxButton)
		id, err := b.Action.Encode()
		taken := slices.ContainsFunc(parts, func(other discordgo.Button) bool { return other.CustomID == id })
		if err != nil || taken || surface.Blank(label) {
			continue
		}
		parts = append(parts, discordgo.Button{Label: label, Style: tone(b), CustomID: id})
		row = append(row, &parts[len(parts)-1])
	}
	return row
}

func tone(b coach.Button) discordgo.ButtonStyle {
	switch {
	case b.Danger:
		return discordgo.DangerButton
	case b.Primary:
		return discordgo.PrimaryButton
	}
	return discordgo.SecondaryButton
}

// newMenu returns s; not ok if nothing in it can be picked.
func newMenu(s *coach.Select) (menu discordgo.MessageComponent, ok bool) {
	if s == nil {
		return nil, false
	}
	options := make([]discordgo.SelectMenuOption, 0, min(len(s.Options), maxOptions))
	for _, o := range s.Options[:min(len(s.Options), maxOptions)] {
		label := surface.Line(o.Label, maxOption)
		value, err := o.Action.Encode()
		taken := slices.ContainsFunc(options, func(other discordgo.SelectMenuOption) bool { return other.Value == value })
		if err == nil && !taken && !surface.Blank(label) {
			options = append(options, discordgo.SelectMenuOption{Label: label, Value: value})
		}
	}
	placeholder := surface.Line(s.Label, maxPlaceholder)
	return &discordgo.SelectMenu{CustomID: choiceID, Placeholder: placeholder, Options: options}, len(options) > 0
}

func newRow(parts ...discordgo.MessageComponent) discordgo.MessageComponent {
	return &discordgo.ActionsRow{Components: parts}
}

// Picked returns what a press on the button customID, or a pick of values from
// the select customID, asks for; not ok if nothing was picked. What is unknown
// gives an Action that the coach answers.
func Picked(customID string, values []string) (action coach.Action, ok bool) {
	switch {
	case len(values) > 0:
		return coach.DecodeAction(values[0]), true
	case customID == choiceID || customID == "":
		return coach.Action{}, false
	}
	return coach.DecodeAction(customID), true
}
