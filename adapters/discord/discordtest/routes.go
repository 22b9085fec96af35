package discordtest

import "time"

// routes are the operations that exist here; every other is a violation.
func routes() []route {
	perChannel := Limit{Requests: 5, Per: 5 * time.Second}
	perHook := Limit{Requests: 5, Per: 2 * time.Second}
	return []route{
		{method: "GET", path: "/gateway", run: (*Discord).getGateway},
		{method: "GET", path: "/gateway/bot", run: (*Discord).getGatewayBot},
		{method: "GET", path: "/users/@me", run: (*Discord).getSelf},
		{method: "GET", path: "/users/@me/guilds", run: (*Discord).getOwnGuilds},
		{method: "GET", path: "/applications/@me", run: (*Discord).getApplication},
		{method: "GET", path: "/oauth2/applications/@me", run: (*Discord).getApplication},
		{method: "GET", path: "/applications/{app}/commands", run: (*Discord).getCommands},
		{method: "GET", path: "/applications/{app}/guilds/{guild}/commands", major: "guild", run: (*Discord).getCommands},
		{method: "PUT", path: "/applications/{app}/commands", schema: "/paths/~1applications~1{application_id}~1commands/put", run: (*Discord).putCommands},
		{method: "PUT", path: "/applications/{app}/guilds/{guild}/commands", major: "guild",
			schema: "/paths/~1applications~1{application_id}~1guilds~1{guild_id}~1commands/put", run: (*Discord).putCommands},
		{method: "GET", path: "/guilds/{guild}", major: "guild", run: (*Discord).getGuild},
		{method: "GET", path: "/guilds/{guild}/members/{user}", major: "guild", run: (*Discord).getMember},
		{method: "GET", path: "/guilds/{guild}/roles", major: "guild", run: (*Discord).getRoles},
		{method: "GET", path: "/guilds/{guild}/channels", major: "guild", run: (*Discord).getChannels},
		{method: "GET", path: "/channels/{channel}", major: "channel", run: (*Discord).getChannel},
		{method: "POST", path: "/channels/{channel}/messages", major: "channel", limit: perChannel,
			schema: "/paths/~1channels~1{channel_id}~1messages/post", run: (*Discord).postMessage},
		{method: "POST", path: "/users/@me/channels", limit: Limit{Requests: 10, Per: 10 * time.Second},
			schema: "/paths/~1users~1@me~1channels/post", run: (*Discord).openDirect},
		{method: "POST", path: "/interactions/{interaction}/{token}/callback", open: true, free: true, major: "interaction token", limit: perHook,
			schema: "/paths/~1interactions~1{interaction_id}~1{interaction_token}~1callback/post", run: (*Discord).callback},
		{method: "POST", path: "/webhooks/{app}/{token}", open: true, free: true, major: "app token", limit: perHook,
			schema: "/paths/~1webhooks~1{webhook_id}~1{webhook_token}/post", run: (*Discord).followUp},
		{method: "GET", path: "/webhooks/{app}/{token}/messages/{message}", open: true, free: true, major: "app token", limit: perHook, run: (*Discord).getAnswer},
		{method: "PATCH", path: "/webhooks/{app}/{token}/messages/{message}", open: true, free: true, major: "app token", limit: perHook,
			schema: "/paths/~1webhooks~1{webhook_id}~1{webhook_token}~1messages~1@original/patch", run: (*Discord).editAnswer},
		{method: "DELETE", path: "/webhooks/{app}/{token}/messages/{message}", open: true, free: true, major: "app token", limit: perHook, run: (*Discord).deleteAnswer},
	}
}
