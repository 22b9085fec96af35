package slack

import (
	"bytes"
	"context"
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
		err := f.upload(f.ctx, *up)
		if err == nil {
			return f.without(reply, "The "+up.what+" is in our direct messages. Slack keeps it there until you delete it there.")
		}
		f.Notify(Notice{What: "file not sent", Err: bare(err)})
		why = "The " + up.what + " did not get through to our direct messages; you can ask for it again."
	}
	r := f.request
	r.TextOnly = true
	words, err := f.asking(f.gesture).Handle(f.ctx, r)
	return f.without(f.orSorry(words, err), why)
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

// upload brings up to the person's direct messages.
func (f *follow) upload(ctx context.Context, up upload) error {
	conversation, _, _, err := f.api.OpenConversationContext(ctx, &slackgo.OpenConversationParameters{Users: []string{f.by.user}})
	if err != nil {
		return err
	}
	_, err = f.api.UploadFileContext(ctx, slackgo.UploadFileParameters{
		Reader: bytes.NewReader(up.data), FileSize: len(up.data), Filename: up.name,
		Title: up.name, AltTxt: up.alt, Channel: conversation.ID,
	})
	return err
}
