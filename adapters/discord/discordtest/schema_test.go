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
		t.Skip("no ../shared/platforms/specs/" + document + " beside the checkout: nothing is held against Discord's document")
	}
}
func TestX(t *testing.T) {
	documented(t)
	d := New(t, Setup{})
	register(t, d)
	d.Demand()
	_, c := d.channel("#team")
	call(t, d, "POST", "/channels/"+c.ID+"/messages", `{"content":"x","tts":"yes","allowed_mentions":{"parse":[]}}`)
	t.Log(d.Violations())
	_ = strings.Contains
}
