package components

import (
	"slices"
	"strings"

	"github.com/bwmarrin/discordgo"

	"rapport/adapters/surface"
	"rapport/coach"
)

// Limits of Discord's modals, in characters unless said otherwise. The number
// of parts is that of its reference, "between 1 and 5 components that make up
// the modal", a text display being one as well; its OpenAPI document has 40.
// Source: https://docs.discord.com/developers/interactions/receiving-and-responding
const (
	maxParts       = 5
	maxModalTitle  = 45
	maxLabel       = 45
	maxDescription = 100
)

// A Modal is a form as the data of an answer of type 9. discordgo knows no
// labels, and has no way to leave out what a select in a modal may not have.
type Modal struct {
	CustomID   string `json:"custom_id"`
	Title      string `json:"title"`
	Components []any  `json:"components"` // of type *display and *label
}

// The types of component that discordgo does not know.
const labelComponent = 18

type display struct {
	Type    int    `json:"type"`
	Content string `json:"content"`
}

type label struct {
	Type        int    `json:"type"`
	Label       string `json:"label"`
	Description string `json:"description,omitempty"`
	Component   field  `json:"component"`
}

// A field is a text input, a select of options or one of channels.
type field struct {
	Type          discordgo.ComponentType            `json:"type"`
	CustomID      string                             `json:"custom_id"`
	Style         discordgo.TextInputStyle           `json:"style,omitempty"`
	MinLength     int                                `json:"min_length,omitempty"`
	MaxLength     int                                `json:"max_length,omitempty"`
	Value         string                             `json:"value,omitempty"`
	Required      bool                               `json:"required"` // true if it is left out
	MinValues     *int                               `json:"min_values,omitempty"`
	MaxValues     int                                `json:"max_values,omitempty"`
	Options       []option                           `json:"options,omitempty"`
	ChannelTypes  []discordgo.ChannelType            `json:"channel_types,omitempty"`
	DefaultValues []discordgo.SelectMenuDefaultValue `json:"default_values,omitempty"`
}

type option struct {
	Label   string `json:"label"`
	Value   string `json:"value"`
	Default bool   `json:"default,omitempty"`
}

// Form returns f as a modal. Discord has its own words on the button that sends
// it, so that f.Submit is not shown.
//
// Where the inputs leave no room for a part with the lead, its words go into
// the description of the first of them that has room for them all. If none has,
// they stand in that of the first, cut.
func Form(f coach.Form) Modal {
	action, _ := f.Action.Encode() // one that cannot be encoded comes back as one that cannot be read
	if action == "" {
		action = unreadable
	}
	inputs := f.Inputs[:min(len(f.Inputs), maxParts)]
	parts := make([]any, 0, len(inputs)+1)
	lead := show(coach.Section{Text: f.Lead}, maxText)
	apart := len(inputs) < maxParts
	if apart && lead != "" {
		parts = append(parts, &display{Type: int(discordgo.TextDisplayComponent), Content: lead})
	}
	labels := make([]label, len(inputs))
	for i, in := range inputs {
		labels[i] = newLabel(in)
		parts = append(parts, &labels[i])
	}
	if !apart && lead != "" {
		squeeze(labels, surface.Line(f.Lead.String(), coach.MaxLead))
	}
	return Modal{CustomID: action, Title: surface.Line(f.Title, maxModalTitle), Components: parts}
}

// unreadable is no encoded Action.
const unreadable = "?"

// squeeze puts lead into a description.
func squeeze(labels []label, lead string) {
	at := max(0, slices.IndexFunc(labels, func(l label) bool { return surface.Fits(above(lead, l.Description), maxDescription) }))
	labels[at].Description = surface.Cut(above(lead, labels[at].Description), maxDescription)
}

func above(lead, hint string) string {
	if hint == "" {
		return lead
	}
	return lead + " " + hint
}

func newLabel(in coach.Input) label {
	l := label{Type: labelComponent, Label: surface.Line(in.Label, maxLabel), Component: newField(in)}
	if hint := surface.Line(in.Hint, maxDescription); !surface.Blank(hint) {
		l.Description = hint
	}
	return l
}

// newField returns in as what is typed into or picked from. Its name is its id.
func newField(in coach.Input) field {
	f := field{CustomID: in.Name, Required: !in.Optional}
	switch in.Kind {
	case coach.PickOne, coach.PickMany:
		f.pick(in)
	case coach.PickChannel:
		f.pickChannel(in)
	default:
		f.typed(in)
	}
	return f
}

func (f *field) typed(in coach.Input) {
	f.Type, f.Style, f.MaxLength = discordgo.TextInputComponent, discordgo.TextInputShort, in.Limit()
	if f.Required {
		f.MinLength = 1
	}
	if in.Kind == coach.Long {
		f.Style = discordgo.TextInputParagraph
		f.Value = surface.Cut(surface.Visible(in.Value), f.MaxLength)
	} else {
		f.Value = surface.Line(in.Value, f.MaxLength)
	}
}

func (f *field) pick(in coach.Input) {
	f.Type, f.MaxValues = discordgo.SelectMenuComponent, 1
	chosen := []string{in.Value}
	if in.Kind == coach.PickMany {
		chosen = strings.Split(in.Value, ",")
	}
	f.Options = make([]option, 0, len(in.Options))
	for _, o := range in.Options[:min(len(in.Options), maxOptions)] {
		label := surface.Line(o.Label, maxOption)
		taken := slices.ContainsFunc(f.Options, func(other option) bool { return other.Value == o.Value })
		if o.Value != "" && !taken && !surface.Blank(label) {
			f.Options = append(f.Options, option{label, o.Value, slices.Contains(chosen, o.Value)})
		}
	}
	if in.Kind == coach.PickMany {
		f.MaxValues = len(f.Options)
	}
	f.atLeast()
}

// pickChannel offers the channels in which something can be posted to all. A
// value that is no channel of Discord is not filled in, as Discord would refuse
// the whole modal.
func (f *field) pickChannel(in coach.Input) {
	f.Type, f.MaxValues = discordgo.ChannelSelectMenuComponent, 1
	f.ChannelTypes = []discordgo.ChannelType{discordgo.ChannelTypeGuildText, discordgo.ChannelTypeGuildNews}
	if snowflake(in.Value) {
		f.DefaultValues = []discordgo.SelectMenuDefaultValue{{ID: in.Value, Type: discordgo.SelectMenuDefaultValueChannel}}
	}
	f.atLeast()
}

// atLeast lets nothing be picked where that is an answer. Where it is none,
// Discord's own least, which is one, stands: it refuses another.
func (f *field) atLeast() {
	if !f.Required {
		f.MinValues = new(int)
	}
}
