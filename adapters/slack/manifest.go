package slack

import (
	"bytes"
	"encoding/json"
	"slices"

	slackgo "github.com/slack-go/slack"
)

// botScopes are all that the coach asks for: it reads no channel, and nobody's
// messages. What each is for: to post (chat:write), to be called (commands), to
// open direct messages (im:write), and to know zone, language and who is an
// admin (users:read).
var botScopes = [...]string{"chat:write", "commands", "im:write", "users:read"}

// filesScope is asked for only where pictures and exports are to be sent as
// files.
const filesScope = "files:write"

// botEvents are all that Slack tells the coach of unasked: that a page is to be
// drawn, that it was removed, and that somebody was deactivated.
var botEvents = [...]string{"app_home_opened", "app_uninstalled", "tokens_revoked", "user_change"}

// The switches that slack-go leaves out of a manifest where they are off stand
// in ours, for whoever reviews it.
type (
	manifest struct {
		slackgo.Manifest
		Settings manifestSettings `json:"settings"`
		Features manifestFeatures `json:"features"`
	}
	manifestSettings struct {
		slackgo.Settings
		OrgDeploy     bool `json:"org_deploy_enabled"`
		SocketMode    bool `json:"socket_mode_enabled"`
		TokenRotation bool `json:"token_rotation_enabled"`
	}
	manifestFeatures struct {
		slackgo.Features
		SlashCommands []manifestCommand `json:"slash_commands"`
	}
	manifestCommand struct {
		slackgo.ManifestSlashCommand
		ShouldEscape bool `json:"should_escape"`
	}
)

// Manifest returns the app's manifest, as JSON to paste into "From a manifest"
// at api.slack.com/apps. url is where Slack's requests arrive, all of them; ""
// is Socket Mode, which needs none. files asks for [filesScope].
func Manifest(url string, files bool) []byte {
	scopes := slices.Clone(botScopes[:])
	if files {
		scopes = append(scopes, filesScope)
	}
	m := manifest{
		Manifest: slackgo.Manifest{
			Metadata: slackgo.ManifestMetadata{MajorVersion: 2, MinorVersion: 1},
			Display: slackgo.Display{
				Name:        "Rapport",
				Description: "A coach that helps people get on well with each other, in six small steps.",
				LongDescription: "Rapport suggests one small thing to try with the people around you each week, " +
					"with words to say, a line to yourself where you want one, and your weeks as they add up. " +
					"It reads no channel and nobody's messages: it knows only what you tell it with /rapport and in its forms. " +
					"No screen, report or command shows anyone else what you do with it; whoever runs its server and holds the key could dig it out. " +
					"You can take a copy of everything, or erase it, at any time.",
				BackgroundColor: "#1F4E5F",
			},
			OAuthConfig: slackgo.OAuthConfig{Scopes: slackgo.OAuthScopes{Bot: scopes}},
		},
		Settings: manifestSettings{
			Settings: slackgo.Settings{
				EventSubscriptions: &slackgo.EventSubscriptions{RequestUrl: url, BotEvents: botEvents[:]},
				Interactivity:      &slackgo.Interactivity{IsEnabled: true, RequestUrl: url},
			},
			// It changes nothing in a workspace that stands alone. Without it an app
			// installed in an Enterprise organisation is told of no event.
			// Source: https://docs.slack.dev/changelog/2026/10/30/slack-cli
			OrgDeploy:  true,
			SocketMode: url == "",
			// A token that changes by itself would have to be kept in a second place.
			// Once on, this cannot be switched off.
			TokenRotation: false,
		},
		Features: manifestFeatures{
			Features: slackgo.Features{
				// The Messages tab shows what the coach sends. Nothing can be typed
				// there, as the coach could not read it.
				AppHome: slackgo.AppHome{HomeTabEnabled: true, MessagesTabEnabled: true, MessagesTabReadOnlyEnabled: true},
				BotUser: slackgo.BotUser{DisplayName: "rapport", AlwaysOnline: true},
				Shortcuts: []slackgo.Shortcut{{
					Name: "Journal", Type: slackgo.GlobalShortcut, CallbackID: "journal", Description: "Write a line for yourself",
				}},
			},
			// Unescaped: what is typed stays as it was typed, and names nobody.
			SlashCommands: []manifestCommand{{ManifestSlashCommand: slackgo.ManifestSlashCommand{
				Command: "/rapport", Url: url, UsageHint: "[a step, or what is on your mind]",
				Description: "A small thing to try, or words for right now",
			}}},
		},
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		panic(err) // cannot be: plain data
	}
	return b.Bytes()
}
