package blockkit

import (
	"strings"

	slackgo "github.com/slack-go/slack"

	"rapport/coach"
)

// answerID is the action_id of every input: its block_id is the input's name.
const answerID = "answer"

const maxPlaceholder = 150

// Form returns f as a view. origin is a short word without line breaks that
// [Submitted] returns.
func Form(f coach.Form, origin string) slackgo.ModalViewRequest {
	action, _ := f.Action.Encode() // an action too long comes back as one that cannot be read
	blocks := make([]slackgo.Block, 0, len(f.Inputs)+1)
	if len(f.Lead) > 0 {
		blocks = appendSection(blocks, coach.Section{Text: f.Lead})
	}
	for _, in := range f.Inputs {
		blocks = append(blocks, newInput(in))
	}
	return slackgo.ModalViewRequest{
		Type:            slackgo.VTModal,
		Title:           plain(cut(visible(f.Title), maxViewTitle)),
		Submit:          plain(cut(visible(f.Submit), maxViewTitle)),
		Close:           plain(cancel),
		Blocks:          slackgo.Blocks{BlockSet: blocks},
		PrivateMetadata: metadata(origin, action),
	}
}

func newInput(in coach.Input) *slackgo.InputBlock {
	b := &slackgo.InputBlock{
		Type:     slackgo.MBTInput,
		BlockID:  in.Name,
		Label:    plain(cut(visible(in.Label), maxLabel)),
		Element:  newElement(in),
		Optional: in.Optional,
	}
	if hint := cut(visible(in.Hint), maxLabel); hint != "" {
		b.Hint = plain(hint)
	}
	return b
}

func newElement(in coach.Input) slackgo.BlockElement {
	switch in.Kind {
	case coach.PickOne:
		return pickOne(in)
	case coach.PickMany:
		return pickMany(in)
	case coach.PickChannel:
		return &slackgo.SelectBlockElement{
			Type: slackgo.OptTypeConversations, ActionID: answerID, InitialConversation: in.Value,
			Filter: &slackgo.SelectBlockElementFilter{
				Include: []string{"public", "private"}, ExcludeExternalSharedChannels: true, ExcludeBotUsers: true,
			},
		}
	}
	return &slackgo.PlainTextInputBlockElement{
		Type: slackgo.METPlainTextInput, ActionID: answerID, Multiline: in.Kind == coach.Long,
		MaxLength: in.Limit(), InitialValue: cut(visible(in.Value), in.Limit()),
	}
}

func pickOne(in coach.Input) slackgo.BlockElement {
	menu := &slackgo.SelectBlockElement{Type: slackgo.OptTypeStatic, ActionID: answerID, Options: newOptions(in.Options)}
	for _, o := range menu.Options {
		if o.Value == in.Value {
			menu.InitialOption = o
		}
	}
	return menu
}

// fewOptions is how many options are shown all at once, with a box each; Slack
// takes ten. More go into a menu.
const fewOptions = 10

func pickMany(in coach.Input) slackgo.BlockElement {
	options := newOptions(in.Options)
	var initial []*slackgo.OptionBlockObject
	for _, value := range strings.Split(in.Value, ",") {
		for _, o := range options {
			if o.Value == value {
				initial = append(initial, o)
			}
		}
	}
	if len(options) > fewOptions {
		return &slackgo.MultiSelectBlockElement{Type: slackgo.MultiOptTypeStatic, ActionID: answerID, Options: options, InitialOptions: initial}
	}
	return &slackgo.CheckboxGroupsBlockElement{Type: slackgo.METCheckboxGroups, ActionID: answerID, Options: options, InitialOptions: initial}
}

func newOptions(options []coach.Option) []*slackgo.OptionBlockObject {
	out := make([]*slackgo.OptionBlockObject, 0, len(options))
	for _, o := range options {
		out = append(out, newOption(cut(visible(o.Label), maxOption), o.Value))
	}
	return out
}
