package slack

import (
	"fmt"
	"strings"
	"testing"

	"rapport/adapters/slack/slacktest"
	"rapport/coach"
)

// Files and pictures go into direct messages, where that is granted.
func TestFile(t *testing.T) {
	t.Parallel()
	o := openOffice(t, slacktest.Setup{})
	anna := o.Person("Anna").In("general")
	o.keepSomething(anna)
	m := shown(t, anna.Command("/rapport data"))
	anna.Press(m, "Download")
	m = anna.WaitMessage("Slack keeps it there until you press Delete the file")
	if !m.Ephemeral() {
		t.Error("all see the answer")
	}
	files := o.Files()
	if len(files) != 1 || string(files[0].Content) != `{"everything":1}` || files[0].Alt == "" || files[0].Channel != "D0ANNA" {
		t.Errorf("files %+v", files)
	}
	if got := shown(t, anna.Command("/rapport data download")); got.Text != "One moment." {
		t.Errorf("a file by command is acknowledged with\n%s", got.Plain())
	}
	anna.WaitMessage("Slack keeps it there")
	anna.Command("/rapport progress picture")
	anna.WaitMessage("The picture is in our direct messages.")
	if files = o.Files(); len(files) != 3 || files[2].Alt == "" || !strings.HasPrefix(string(files[2].Content), "\x89PNG") {
		t.Errorf("%d files", len(files))
	}
}

// Who was sent a file can have it taken back: Slack lets nobody delete what an
// app posted.
func TestFileDeleted(t *testing.T) {
	t.Parallel()
	o := openOffice(t, slacktest.Setup{})
	anna := o.Person("Anna").In("general")
	o.keepSomething(anna)
	anna.Command("/rapport data download")
	anna.WaitMessage("Slack keeps it there")
	own := anna.Last()

	o.Fail("files.delete", slacktest.Fault{Error: "internal_error"})
	anna.Press(own, "Delete the file")
	anna.WaitMessage("still there")
	if n := len(o.Files()); n != 1 {
		t.Fatalf("got %d files, want that it is still there", n)
	}
	for range 2 { // pressed twice, too
		anna.Press(own, "Delete the file")
		anna.WaitMessage("Deleted: it is gone")
		if n := len(o.Files()); n != 0 {
			t.Errorf("got %d files, want none", n)
		}
	}
	for _, m := range anna.Direct() {
		if m.File != nil && !m.Deleted {
			t.Error("the message with the file is still there")
		}
	}
}

// keepSomething makes p known to the coach, with a week kept.
func (o *office) keepSomething(p *slacktest.Person) {
	who := coach.Person{Platform: platform, Realm: "T0LIGHT", User: p.ID()}
	for i, a := range []coach.Action{coach.Do("write"), coach.Do("did", "well")} {
		r := coach.Request{ID: fmt.Sprint("keep", i), From: who, Action: a}
		if i == 0 {
			r.Answers = map[string]string{"words": "something"}
		}
		if _, err := o.coach.Handle(o.t.Context(), r); err != nil {
			o.t.Fatal(err)
		}
	}
}

// Where a file does not get through, the answer comes in words.
func TestFileFails(t *testing.T) {
	t.Parallel()
	faults := map[string]slacktest.Fault{
		"conversations.open": {Error: "user_disabled"}, "files.getUploadURLExternal": {Error: "file_upload_size_restricted"},
		"upload": {Status: 500}, "files.completeUploadExternal": {Error: "not_in_channel"},
	}
	for method, f := range faults {
		t.Run(method, func(t *testing.T) {
			o := openOffice(t, slacktest.Setup{})
			anna := o.Person("Anna").In("general")
			o.keepSomething(anna)
			o.Fail(method, f)
			anna.Command("/rapport data download")
			anna.WaitMessage("did not get through")
			if r := o.last("data"); !r.TextOnly {
				t.Error("the coach was not asked for words")
			}
			o.wantNotice("file not sent")
		})
	}
}

// Without the right to send files the coach knows so from the start.
func TestNoFiles(t *testing.T) {
	o := openOffice(t, slacktest.Setup{Scopes: []string{"commands", "chat:write", "im:write", "users:read"}})
	anna := o.Person("Anna").In("general")
	o.keepSomething(anna)
	shown(t, anna.Command("/rapport data download"))
	if r := o.last("data"); !r.TextOnly {
		t.Error("the coach is not told that no files can be shown")
	}
	o.answerWith(func(coach.Request) (coach.Reply, error) {
		r := coach.Say(coach.Message{Sections: []coach.Section{{Text: coach.P("Here it is.")}}})
		r.File = &coach.File{Name: "x.json", Type: "application/json", Data: []byte("{}"), Alt: "x"}
		return r, nil
	})
	anna.Command("/rapport data download")
	anna.WaitMessage("I may not send files here")
	if n := len(o.Files()); n != 0 {
		t.Errorf("%d files", n)
	}
}
