package blockkit

import (
	"strings"

	slackgo "github.com/slack-go/slack"

	"rapport/adapters/surface"
	"rapport/coach"
)

// Form returns f as a view. origin is a short word without line breaks that
// [Submitted] returns.
func Form(f coach.Form, origin string) slackgo.ModalViewRequest {
	action, _ := encode(f.Action) // one that cannot be encoded comes back as one that cannot be read
	blocks := make([]slackgo.Block, 0, len(f.Inputs)+1)
	if len(f.Lead) > 0 {
		blocks = appendSection(blocks, coach.Section{Text: f.Lead})
	}
	for _, in := range f.Inputs {
		blocks = append(blocks, newInput(in))
	}
	return slackgo.ModalViewRequest{
		Type:            slackgo.VTModal,
		Title:           plain(surface.Line(f.Title, maxViewTitle)),
		Submit:          plain(surface.Line(f.Submit, maxViewTitle)),
		Close:           plain(cancel),
		Blocks:          slackgo.Blocks{BlockSet: blocks},
		PrivateMetadata: metadata(origin, action),
	}
}

// newInput returns in as a block. Its name is the id of the block, where Slack
// shows faults, and of its element.
func newInput(in coach.Input) *slackgo.InputBlock {
	b := &slackgo.InputBlock{
		Type:     slackgo.MBTInput,
		BlockID:  in.Name,
		Label:    plain(surface.Line(in.Label, maxLabel)),
		Element:  newElement(in),
		Optional: in.Optional,
	}
	if hint := surface.Line(in.Hint, maxLabel); !surface.Blank(hint) {
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
		return pickChannel(in)
	}
	e := &slackgo.PlainTextInputBlockElement{
		Type: slackgo.METPlainTextInput, ActionID: in.Name, MaxLength: in.Limit(),
	}
	if e.Multiline = in.Kind == coach.Long; e.Multiline {
		e.InitialValue = surface.Cut(surface.Visible(in.Value), in.Limit())
	} else {
		e.InitialValue = surface.Line(in.Value, in.Limit())
	}
	return e
}

func pickOne(in coach.Input) slackgo.BlockElement {
	menu := &slackgo.SelectBlockElement{Type: slackgo.OptTypeStatic, ActionID: in.Name, Options: answerOptions(in)}
	if chosen := pickOptions(menu.Options, in.Value); len(chosen) > 0 {
		menu.InitialOption = chosen[0]
	}
	return menu
}

// maxBoxes is how many options Slack shows all at once, with a box each. More
// go into a menu.
const maxBoxes = 10

func pickMany(in coach.Input) slackgo.BlockElement {
	options := answerOptions(in)
	chosen := pickOptions(options, strings.Split(in.Value, ",")...)
	if len(options) > maxBoxes {
		return &slackgo.MultiSelectBlockElement{Type: slackgo.MultiOptTypeStatic, ActionID: in.Name, Options: options, InitialOptions: chosen}
	}
	return &slackgo.CheckboxGroupsBlockElement{Type: slackgo.METCheckboxGroups, ActionID: in.Name, Options: options, InitialOptions: chosen}
}

// pickChannel offers the channels of the team itself: none that another
// organisation reads along in. A value that is no channel of Slack is not
// filled in, as Slack would refuse the whole view.
func pickChannel(in coach.Input) slackgo.BlockElement {
	e := &slackgo.SelectBlockElement{
		Type: slackgo.OptTypeConversations, ActionID: in.Name,
		Filter: &slackgo.SelectBlockElementFilter{
			Include: []string{"public", "private"}, ExcludeExternalSharedChannels: true, ExcludeBotUsers: true,
		},
	}
	if channelID(in.Value) {
		e.InitialConversation = in.Value
	}
	return e
}

func answerOptions(in coach.Input) []*slackgo.OptionBlockObject {
	return newOptions(len(in.Options), func(i int) (label, value string) {
		return in.Options[i].Label, in.Options[i].Value
	})
}

// pickOptions returns the options that have one of values.
func pickOptions(options []*slackgo.OptionBlockObject, values ...string) []*slackgo.OptionBlockObject {
	var chosen []*slackgo.OptionBlockObject
	for _, o := range options {
		for _, value := range values {
			if o.Value == value {
				chosen = append(chosen, o)
				break
			}
		}
	}
	return chosen
}

// metadata is how a view carries its origin and its action.
func metadata(origin, action string) string {
	if action == "" {
		return origin
	}
	return origin + "\n" + action
}

// Submitted returns what a sent form asks for, the answers by the name of their
// input, and the origin that [Form] was given. Every input has an answer, ""
// where nothing was typed or picked.
func Submitted(v slackgo.View) (action coach.Action, answers map[string]string, origin string) {
	origin, encoded, _ := strings.Cut(v.PrivateMetadata, "\n")
	answers = make(map[string]string, len(v.Blocks.BlockSet))
	for _, b := range v.Blocks.BlockSet { // Slack need not tell of an input that was left empty
		if b.BlockType() == slackgo.MBTInput {
			answers[b.ID()] = ""
		}
	}
	if v.State != nil {
		for name, given := range v.State.Values {
			if a, ok := given[name]; ok {
				answers[name] = answer(a)
			}
		}
	}
	return decode(encoded), answers, origin
}

// Origin returns the origin that [Modal] or [Form] was given when v was opened.
func Origin(v slackgo.View) string {
	origin, _, _ := strings.Cut(v.PrivateMetadata, "\n")
	return origin
}

// answer is what was typed or picked, in the form of Request.Answers.
func answer(a slackgo.BlockAction) string {
	switch string(a.Type) {
	case slackgo.OptTypeStatic:
		return a.SelectedOption.Value
	case slackgo.OptTypeConversations:
		return a.SelectedConversation
	case slackgo.MultiOptTypeStatic, string(slackgo.METCheckboxGroups):
		values := make([]string, len(a.SelectedOptions))
		for i, o := range a.SelectedOptions {
			values[i] = o.Value
		}
		return strings.Join(values, ",")
	}
	return a.Value
}

// Faults returns the acknowledgement that shows what is wrong beside the inputs
// of a form, by their names. If one of them is no input of the form, Slack says
// that something went wrong instead.
func Faults(faults map[string]coach.Text) *slackgo.ViewSubmissionResponse {
	errs := make(map[string]string, len(faults))
	for name, t := range faults {
		errs[name] = surface.Line(t.String(), maxLabel)
	}
	return slackgo.NewErrorsViewSubmissionResponse(errs)
}
