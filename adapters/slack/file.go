package slack

import (
	"bytes"
	"context"
	"errors"
	"slices"

	slackgo "github.com/slack-go/slack"

	"rapport/coach"
)

// An upload is a file or picture on its way to a person.
type upload struct {
	what string // as people call it
	name string
	alt  string
	data []byte
}

// fileIn is what of reply goes to the person's direct messages; nil for
// nothing. A picture that cannot go there is shown in words.
func (d *desk) fileIn(reply coach.Reply) *upload {
	if f := reply.File; f != nil {
		return &upload{"file", f.Name, f.Alt, f.Data}
	}
	if m := reply.Message; m != nil && m.Picture != nil && d.filesGranted() {
		return &upload{"picture", m.Picture.Name, m.Picture.Alt, m.Picture.PNG}
	}
	return nil
}

// sendFile brings the file of reply to the person and returns what is left to
// show: where it is, or the answer in words and why.
func (f *follow) sendFile(reply coach.Reply) coach.Reply {
	up := f.fileIn(reply)
	if up == nil {
		return reply
	}
	why := "I may not send files here: whoever runs me has not granted that (files:write)."
	if f.filesGranted() {
		id, err := f.upload(f.life(), *up)
		if err == nil {
			return f.kept(reply, up.what, id)
		}
		f.Notify(Notice{What: "file not sent", Err: bare(err)})
		why = "The " + up.what + " did not get through to our direct messages; you can ask for it again."
	}
	r := f.request
	r.TextOnly = true
	words, err := f.asking(&f.gesture).Handle(f.life(), r)
	return f.without(f.orSorry(words, err), why)
}

// deleteVerb is of a button that takes a file back: people cannot delete what an
// app sent them.
const deleteVerb = "slack-delete"

// kept returns reply with a line that says where the file is, and the way to be
// rid of it.
func (f *follow) kept(reply coach.Reply, what, id string) coach.Reply {
	reply = f.without(reply, "The "+what+" is in our direct messages. Slack keeps it there until you press Delete the "+what+".")
	if m := reply.Message; m != nil {
		last := min(len(m.Buttons), coach.MaxButtons-1)
		m.Buttons = append(slices.Clone(m.Buttons[:last]), coach.Button{Label: "Delete the " + what, Action: coach.Do(deleteVerb, id)})
	}
	return reply
}

// deleteFile takes back a file that was sent.
func (d *desk) deleteFile(ctx context.Context, id string) coach.Reply {
	words := "Deleted: it is gone from our direct messages."
	switch err := d.api.DeleteFileContext(ctx, id); {
	case err == nil, isCode(err, "file_not_found", "file_deleted"):
	default:
		d.Notify(Notice{What: "file not deleted", Err: bare(err)})
		words = "That did not work just now, and the file is still there. Please press it again in a minute."
	}
	return coach.Say(coach.Message{Sections: []coach.Section{{Text: coach.P(words)}}, Buttons: []coach.Button{{Label: "Home", Action: coach.Do("home")}}})
}

func isCode(err error, codes ...string) bool {
	e, ok := errors.AsType[slackgo.SlackErrorResponse](err)
	return ok && slices.Contains(codes, e.Err)
}

// without returns reply with a quiet line in place of its file and picture.
func (f *follow) without(reply coach.Reply, line string) coach.Reply {
	reply.File = nil
	if reply.Message == nil {
		return reply
	}
	m := *reply.Message
	m.Picture = nil
	m.Sections = append(slices.Clip(m.Sections), coach.Section{Quiet: true, Text: coach.P(line)})
	reply.Message = &m
	return reply
}

// upload brings up to the person's direct messages and returns the file's id.
func (f *follow) upload(ctx context.Context, up upload) (id string, err error) {
	conversation, _, _, err := f.api.OpenConversationContext(ctx, &slackgo.OpenConversationParameters{Users: []string{f.by.user}})
	if err != nil {
		return "", err
	}
	file, err := f.api.UploadFileContext(ctx, slackgo.UploadFileParameters{
		Reader: bytes.NewReader(up.data), FileSize: len(up.data), Filename: up.name,
		Title: up.name, AltTxt: up.alt, Channel: conversation.ID,
	})
	if err != nil {
		return "", err
	}
	return file.ID, nil
}
