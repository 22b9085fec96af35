package discord

import (
	"net/url"
	"testing"
)

// TestInviteAsksForLittle fails on any right or scope besides those the docs name.
func TestInviteAsksForLittle(t *testing.T) {
	u, err := url.Parse(InviteURL("1234567890"))
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"client_id": "1234567890", "scope": "bot applications.commands", "permissions": "3072", "integration_type": "0"} {
		if got := u.Query().Get(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if u.Scheme != "https" || u.Host != "discord.com" || len(u.Query()) != 4 {
		t.Errorf("got %s", u)
	}
}
