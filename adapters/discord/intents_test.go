package discord

import "testing"

// TestIntents fails on anything that the gateway would tell besides which
// servers and channels there are (https://docs.discord.com/developers/events/gateway#list-of-intents).
func TestIntents(t *testing.T) {
	const guilds = 1 << 0
	if intents != guilds {
		t.Errorf("the gateway is asked for the intents %b, want %b alone", intents, guilds)
	}
}
