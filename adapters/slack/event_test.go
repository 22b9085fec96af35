package slack

import (
	"strings"
	"testing"

	"rapport/adapters/slack/slacktest"
	"rapport/coach"
)

// What happens to people elsewhere in Slack.
func TestUserChange(t *testing.T) {
	o := openOffice(t, slacktest.Setup{})
	anna := o.Person("Anna").In("general")
	anna.Command("/rapport settings")
	change := func(u map[string]any) {
		u["id"], u["team_id"] = anna.ID(), "T0LIGHT"
		o.Event(map[string]any{"type": "user_change", "user": u})
	}
	asked := func() int { o.mu.Lock(); defer o.mu.Unlock(); return len(o.asked) }
	before := asked()
	change(map[string]any{"tz": "Europe/Berlin", "is_admin": false})
	o.until(func() bool { f, _ := o.desk.people.find(t.Context(), anna.ID()); return !f.admin })
	anna.Command("/rapport settings")
	if n := asked(); n != before+1 || o.last("settings").Admin {
		t.Errorf("after somebody stopped being an admin: %d requests, %+v", n-before, o.last("settings"))
	}
	change(map[string]any{"tz": "Asia/Tokyo"})
	o.until(func() bool { return asked() == before+2 })
	if r := o.last("moved"); r.Zone != "Asia/Tokyo" || r.From.User != anna.ID() || r.At.Kind != coach.Direct || r.Locale != "en-US" {
		t.Errorf("request %+v", r)
	}
	change(map[string]any{"tz": "Asia/Tokyo", "deleted": true})
	o.until(func() bool { o.mu.Lock(); defer o.mu.Unlock(); return len(o.left) > 0 })
	if want := (coach.Person{Platform: platform, Realm: "T0LIGHT", User: anna.ID()}); o.left[0] != want {
		t.Errorf("%s left, want %s", o.left[0], want)
	}
	if n := len(o.Calls("users.info")); n != 1 {
		t.Errorf("users.info was called %d times", n)
	}
	if n := len(anna.Messages()); n != 2 {
		t.Errorf("%d messages, want the two that were asked for", n)
	}
}

// An app that is taken away stops, and says how to bring it back.
func TestUninstalled(t *testing.T) {
	events := map[string]map[string]any{
		"uninstalled": {"type": "app_uninstalled"},
		"revoked":     {"type": "tokens_revoked", "tokens": map[string]any{"bot": []any{slacktest.Bot}}},
	}
	for word, event := range events {
		t.Run(word, func(t *testing.T) {
			o := openOffice(t, slacktest.Setup{})
			o.Event(map[string]any{"type": "tokens_revoked", "tokens": map[string]any{"oauth": []any{"U0BEN"}}})
			if err := o.desk.stopped(); err != nil {
				t.Fatalf("somebody else's token stops us: %v", err)
			}
			o.Event(event)
			o.done()
			if err := o.desk.stopped(); err == nil || !strings.Contains(err.Error(), word) || !strings.Contains(err.Error(), "install") {
				t.Errorf("stopped by %v", err)
			}
			if want := (coach.Team{Platform: platform, ID: "T0LIGHT"}); len(o.gone) != 1 || o.gone[0] != want {
				t.Errorf("left %v, want %v", o.gone, want)
			}
		})
	}
}
