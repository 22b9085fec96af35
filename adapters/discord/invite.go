package discord

import (
	"net/url"
	"strconv"

	"github.com/bwmarrin/discordgo"
)

// rights are all that the app asks for in a server: to see the channel of the
// weekly post, and to post there. Commands, buttons and direct messages need none.
const rights = discordgo.PermissionViewChannel | discordgo.PermissionSendMessages

// InviteURL is the page on which somebody who manages a server adds the app to
// it, with as few rights as it needs. application is its id.
func InviteURL(application string) string {
	q := url.Values{
		"client_id": {application}, "scope": {"bot applications.commands"},
		"permissions": {strconv.Itoa(rights)}, "integration_type": {"0"},
	}
	return "https://discord.com/oauth2/authorize?" + q.Encode()
}
