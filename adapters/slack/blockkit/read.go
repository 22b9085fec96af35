package blockkit

import (
	"strings"

	slackgo "github.com/slack-go/slack"

	"rapport/coach"
)

// Picked returns what a press on a button or a pick from a menu asks for; not
// ok if it was neither, or of no control made here.
func Picked(a *slackgo.BlockAction) (action coach.Action, ok bool) {
	if a == nil {
		return coach.Action{}, false
	}
	var value string
	switch string(a.Type) {
	case string(slackgo.METButton):
		value = a.Value
	case slackgo.OptTypeStatic:
		value = a.SelectedOption.Value
	}
	if value == "" {
		return coach.Action{}, false
	}
	return coach.DecodeAction(value), true
}

// Submitted returns what a sent form asks for, the answers by the name of their
// input, and the origin that [Form] was given. Every input has an answer, "" if
// nothing was typed or picked.
func Submitted(v slackgo.View) (action coach.Action, answers map[string]string, origin string) {
	origin, encoded, _ := strings.Cut(v.PrivateMetadata, "\n")
	answers = make(map[string]string)
	for _, b := range v.Blocks.BlockSet { // also those that Slack reports no state of
		if in, ok := b.(*slackgo.InputBlock); ok {
			answers[in.BlockID] = ""
		}
	}
	if v.State != nil {
		for name, values := range v.State.Values {
			if given, ok := values[answerID]; ok {
				answers[name] = answer(given)
			}
		}
	}
	return coach.DecodeAction(encoded), answers, origin
}

// Origin returns the origin that [Modal] or [Form] was given for v.
func Origin(v slackgo.View) string {
	origin, _, _ := strings.Cut(v.PrivateMetadata, "\n")
	return origin
}

// metadata is how a view carries its origin and its action.
func metadata(origin, action string) string { return origin + "\n" + action }

// answer is what was typed or picked, in the form of Request.Answers.
func answer(a slackgo.BlockAction) string {
	switch {
	case a.Value != "":
		return a.Value
	case a.SelectedOption.Value != "":
		return a.SelectedOption.Value
	case a.SelectedConversation != "":
		return a.SelectedConversation
	}
	values := make([]string, len(a.SelectedOptions))
	for i, o := range a.SelectedOptions {
		values[i] = o.Value
	}
	return strings.Join(values, ",")
}

// Faults returns the acknowledgement that shows what is wrong beside the inputs
// of a form. A key that is no input of it makes Slack show an error of its own.
func Faults(faults map[string]coach.Text) *slackgo.ViewSubmissionResponse {
	errs := make(map[string]string, len(faults))
	for name, t := range faults {
		errs[name] = cut(visible(t.String()), maxLabel)
	}
	return slackgo.NewErrorsViewSubmissionResponse(errs)
}
