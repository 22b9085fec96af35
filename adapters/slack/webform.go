package slack

import (
	"net/url"
	"strings"

	slackgo "github.com/slack-go/slack"
)

// A form is what Slack sends of a gesture.
type form struct {
	slackgo.SlashCommand
	payload    string // of all but commands
	sslCheck   string // Slack looks whether the address answers
	everywhere string // IsEnterpriseInstall, as it is written
}

// parseForm reads a form. The first of several values counts.
func parseForm(body string) (*form, error) {
	f := &form{}
	for body != "" {
		var pair string
		pair, body, _ = strings.Cut(body, "&")
		name, value, _ := strings.Cut(pair, "=")
		into := f.field(name)
		if into == nil || *into != "" {
			continue
		}
		text, err := url.QueryUnescape(value)
		if err != nil {
			return nil, err
		}
		*into = text
	}
	f.IsEnterpriseInstall = f.everywhere == "true"
	return f, nil
}

// field is where the value of that name goes; nil if it is not wanted.
func (f *form) field(name string) *string {
	switch name {
	case "payload":
		return &f.payload
	case "ssl_check":
		return &f.sslCheck
	case "is_enterprise_install":
		return &f.everywhere
	case "token":
		return nil // Slack's old way to show that it is Slack
	case "team_id":
		return &f.TeamID
	case "team_domain":
		return &f.TeamDomain
	case "enterprise_id":
		return &f.EnterpriseID
	case "enterprise_name":
		return &f.EnterpriseName
	case "channel_id":
		return &f.ChannelID
	case "channel_name":
		return &f.ChannelName
	case "user_id":
		return &f.UserID
	case "user_name":
		return &f.UserName
	case "command":
		return &f.Command
	case "text":
		return &f.Text
	case "response_url":
		return &f.ResponseURL
	case "trigger_id":
		return &f.TriggerID
	case "api_app_id":
		return &f.APIAppID
	}
	return nil
}
