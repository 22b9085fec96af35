package slack

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	slackgo "github.com/slack-go/slack"

	"rapport/adapters/slack/blockkit"
	"rapport/coach"
)

// submissionAnswer is what the acknowledgement of a sent form says.
func submissionAnswer(g gesture, reply coach.Reply) *slackgo.ViewSubmissionResponse {
	if len(reply.Faults) > 0 {
		if r := blockkit.Faults(reply.Faults); allInputs(r.Errors, *g.view) {
			return r
		}
	}
	view := viewOf(reply, g.origin)
	return slackgo.NewUpdateViewSubmissionResponse(&view)
}

// allInputs reports whether every fault can be shown beside its input: for any
// other Slack shows an error of its own, and not what is wrong.
func allInputs(faults map[string]string, v slackgo.View) bool {
	inputs := make(map[string]bool)
	for _, b := range v.Blocks.BlockSet {
		if in, ok := b.(*slackgo.InputBlock); ok {
			inputs[in.BlockID] = true
		}
	}
	for name := range faults {
		if !inputs[name] {
			return false
		}
	}
	return true
}

// viewOf is reply as a modal.
func viewOf(reply coach.Reply, origin string) slackgo.ModalViewRequest {
	if reply.Form != nil {
		return blockkit.Form(*reply.Form, origin)
	}
	return blockkit.Modal(*reply.Message, origin)
}

// openView opens a modal and returns its id.
func (d *desk) openView(ctx context.Context, trigger string, view slackgo.ModalViewRequest) (id string, err error) {
	if trigger == "" {
		return "", errNoTrigger
	}
	r, err := d.api.OpenViewContext(ctx, trigger, view)
	if err != nil {
		err = bare(err)
		d.Notify(Notice{What: "modal not opened", Err: err})
		return "", err
	}
	return r.View.ID, nil
}

var errNoTrigger = errors.New("nothing to open a modal by")

// showModal shows reply in the modal with that id, or opens one where it is "".
// What changed is shown in the App Home below.
func (f *follow) showModal(reply coach.Reply, id string) {
	_ = f.putModal(reply, id) // told of already, and there is no other way to the person
	if page, ok := pageIn(f.origin); ok && reply.Form == nil {
		f.publishAnew(page, nil)
	}
}

// putModal shows reply in the modal with that id, or opens one where it is "".
// A failure was told of.
func (f *follow) putModal(reply coach.Reply, id string) error {
	view := viewOf(reply, f.origin)
	if id == "" {
		_, err := f.openView(f.life(), f.trigger, view)
		return err
	}
	return f.update(view, id)
}

// update puts view into the place of the modal with that id. A failure was told
// of.
func (f *follow) update(view slackgo.ModalViewRequest, id string) error {
	err := f.insist(f.life(), repeatable, func(ctx context.Context) error {
		_, err := f.api.UpdateViewContext(ctx, view, "", "", id)
		return err
	})
	if err != nil {
		f.Notify(Notice{What: "modal not updated", Err: err})
	}
	return err
}

// repeatable reports whether a call that may be made twice is worth another try.
func repeatable(err error) bool {
	if s, ok := errors.AsType[slackgo.SlackErrorResponse](err); ok {
		switch s.Err {
		case "internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited":
			return true
		}
		return false
	}
	if s, ok := errors.AsType[slackgo.StatusCodeError](err); ok {
		return s.Code >= http.StatusInternalServerError
	}
	return true
}

// besideFirst is the acknowledgement that says line beside the first input of
// v, which stays open; nil if v has no input.
func besideFirst(v slackgo.View, line string) json.RawMessage {
	for _, b := range v.Blocks.BlockSet {
		if in, ok := b.(*slackgo.InputBlock); ok {
			return encode(slackgo.NewErrorsViewSubmissionResponse(map[string]string{in.BlockID: line}))
		}
	}
	return nil
}

// restored is a form as it was sent, with line above it and what was typed in
// it. What was picked is as it was when the form was opened.
func restored(v slackgo.View, answers map[string]string, line string) slackgo.ModalViewRequest {
	blocks := []slackgo.Block{slackgo.NewSectionBlock(slackgo.NewTextBlockObject(slackgo.PlainTextType, line, false, false), nil, nil)}
	for _, b := range v.Blocks.BlockSet {
		if in, ok := b.(*slackgo.InputBlock); ok {
			if typed, ok := in.Element.(*slackgo.PlainTextInputBlockElement); ok {
				typed.InitialValue = answers[in.BlockID]
			}
		}
		blocks = append(blocks, b)
	}
	return slackgo.ModalViewRequest{
		Type: slackgo.VTModal, Title: v.Title, Submit: v.Submit, Close: v.Close,
		Blocks: slackgo.Blocks{BlockSet: blocks}, PrivateMetadata: v.PrivateMetadata,
	}
}
