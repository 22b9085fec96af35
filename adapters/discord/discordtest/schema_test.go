package discordtest

import (
	"strings"
	"testing"
)

// documented skips, and says so, where the published document is absent.
func documented(t *testing.T) {
	t.Helper()
	if _, err := compiled(); err != nil {
		t.Fatal(err)
	}
	if !Schemas() {
		t.Skip("NOT HELD AGAINST DISCORD'S DOCUMENT: ../shared/platforms/specs/" + document + " is not beside the checkout")
	}
}

// TestDocument: the published document takes what these tests send and what our
// own limits take, and refuses what is broken, operation by operation.
func TestDocument(t *testing.T) {
	documented(t)
	all, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range routes() {
		if (r.schema != "") != (all[r.name()] != nil) {
			t.Errorf("%s: schema %v, want one where the route names it", r.name(), all[r.name()])
		}
	}
	d := New(t, Setup{})
	channel, hook := "POST /channels/{channel}/messages", "PATCH /webhooks/{app}/{token}/messages/{message}"
	put := "PUT /applications/{app}/commands"
	for _, test := range []struct {
		operation, body string
		problem         string // "" = none
	}{
		{put, twoCommands, ""},
		{channel, v2, ""},
		{hook, v2, ""},
		{"POST /webhooks/{app}/{token}", v2, ""},
		{callbackRoute, `{"type":9,"data":` + form + `}`, ""},
		{callbackRoute, `{"type":4,"data":` + v2 + `}`, ""},
		{callbackRoute, `{"type":5,"data":{"flags":64}}`, ""},
		{callbackRoute, `{"type":6}`, ""},
		{callbackRoute, `{"type":8,"data":{"choices":[{"name":"journal","value":"journal"}]}}`, ""},
		{"POST /users/@me/channels", `{"recipient_id":"1"}`, ""},
		{"POST /users/@me/channels", `{"recipient_id":"x"}`, "at [recipient_id]"},
		{channel, `{"content":"a","tts":"yes"}`, "at [tts]"},
		{channel, `{"content":7}`, "at [content]"},
		{channel, `{"components":[{"type":1,"components":[{"type":2,"style":99,"label":"a","custom_id":"a"}]}]}`, "at [components 0 components 0 style]"},
		{hook, `{"components":[{"type":17,"components":[{"type":10}]}]}`, "missing property 'content'"},
		{callbackRoute, `{"type":9,"data":{"title":"a","custom_id":"b","components":[]}}`, "at [data components]"},
		{callbackRoute, `{"type":77}`, "at [type]"},
		{put, `[{"description":"a"}]`, "missing property 'name'"},
		{put, `[{"name":"a","description":"a","contexts":[9]}]`, "at [0 contexts 0]"},
		{put, `[{"name":"a","description":"a","default_member_permissions":"many"}]`, "at [0 default_member_permissions]"},
	} {
		d.mu.Lock()
		before := len(d.violations)
		d.checkBody("here", test.operation, parsed(t, test.body))
		got := d.violations[before:]
		d.mu.Unlock()
		switch {
		case test.problem == "" && len(got) > 0:
			t.Errorf("%s %s: got %v, want it taken", test.operation, test.body, got)
		case test.problem != "" && (len(got) != 1 || !strings.Contains(got[0].Problem, test.problem)):
			t.Errorf("%s %s: got %v, want one %s", test.operation, test.body, got, test.problem)
		}
	}
}

// TestDocumentIsUsed: requests are held against the document as they come, and
// only where the test wants it.
func TestDocumentIsUsed(t *testing.T) {
	documented(t)
	for _, without := range []bool{false, true} {
		d := New(t, Setup{NoSchemas: without})
		call(t, d, "POST", "/channels/"+d.ChannelID("#team")+"/messages", `{"content":"a","tts":"yes","allowed_mentions":{"parse":[]}}`)
		if got := d.Violations(); (len(got) == 0) != without {
			t.Errorf("without schemas %v: got %v", without, got)
		}
	}
}
