package slack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"rapport/coach"
)

var _ coach.Checker = (*Adapter)(nil)

// Names of what is checked.
const (
	nameToken    = "slack: bot token"
	nameScopes   = "slack: scopes"
	nameClock    = "slack: clock"
	nameDirect   = "slack: direct messages"
	nameAppToken = "slack: app token"
	nameSockets  = "slack: connections"
	nameSecret   = "slack: signing secret"
	nameArrive   = "slack: requests"
	nameChannel  = "slack: channel "
)

// tryAgain is what to do where the network is the likely cause.
const tryAgain = "check the network, the proxy and slack.api_url, and run this again"

// Check implements [coach.Checker]. It posts nothing. In Socket Mode it is one
// more connection for a moment; what Slack sends down that one meanwhile is
// lost to whoever pressed, so it is closed as soon as Slack has said hello.
func (a *Adapter) Check(ctx context.Context) []coach.Finding {
	findings, ok := a.checkToken(ctx)
	switch {
	case a.AppToken != "":
		findings = append(findings, a.checkSockets(ctx)...)
	case a.SigningSecret != "":
		findings = append(findings, checkSecret(a.SigningSecret)...)
	default:
		findings = append(findings, coach.Finding{Name: nameAppToken, Level: coach.Fail,
			Why: "there is neither an app token nor a signing secret, so Slack cannot tell Rapport anything",
			Fix: "set slack.app_token: api.slack.com/apps > Basic Information > App-Level Tokens, with the scope connections:write"})
	}
	if ok {
		findings = append(findings, a.checkDirect(ctx))
	}
	return findings
}

// CheckChannels says whether the app can post in each of the channels, by id.
// Nobody sees anything of it.
func (a *Adapter) CheckChannels(ctx context.Context, ids []string) []coach.Finding {
	var findings []coach.Finding
	for _, id := range ids {
		f := coach.Finding{Name: nameChannel + id, Level: coach.OK, Why: "Rapport can post there"}
		if err := a.probe(ctx, id); err != nil {
			f = finding(f.Name, err, botToken, "/invite @Rapport in the channel, or choose another in slack.nudge_channels")
		}
		findings = append(findings, f)
	}
	return findings
}

// Reach says why nothing can be posted in a channel: an error that wraps a
// [coach.SendError] with the fate Closed. It is nil where the app can post and
// also where Slack does not say, as a place that may be right is not to be
// refused. Nobody sees anything of it.
func (a *Adapter) Reach(ctx context.Context, to coach.Address) error {
	if err := a.serves(ctx, to); err != nil {
		return &coach.SendError{Fate: coach.Never, Err: err}
	}
	if to.Kind != coach.InChannel {
		return nil
	}
	if err := a.probe(ctx, to.Channel); err != nil {
		if e, _ := sendError(err, false, false); e.Fate == coach.Closed {
			if e.Why == coach.WhyNotIn {
				e.Fix = "Type /invite @Rapport there"
			}
			return fmt.Errorf("chat.postEphemeral: %w", e)
		}
	}
	return nil
}

// probe tries a channel with a message that only the app itself is shown. To
// ask for the channel's members would need a scope that reads. Slack's answer
// user_not_in_channel is about the one who is shown it, and nobody documents
// what it means of an app: it is no proof that the app cannot post.
func (a *Adapter) probe(ctx context.Context, channel string) error {
	self, err := a.self(ctx)
	if err != nil {
		return err
	}
	_, err = a.api.PostEphemeralContext(ctx, channel, self.Bot, slackgo.MsgOptionText("Rapport can post here.", false))
	return err
}

// checkToken checks the bot token and what comes with the answer to it. ok
// reports whether the token works.
func (a *Adapter) checkToken(ctx context.Context) (findings []coach.Finding, ok bool) {
	begun := time.Now()
	r, err := a.api.AuthTestContext(ctx)
	took := time.Since(begun)
	if err != nil {
		f := finding(nameToken, err, botToken, tryAgain)
		f.Level = coach.Fail // nothing works without it
		return []coach.Finding{f}, false
	}
	return []coach.Finding{
		{Name: nameToken, Level: coach.OK, Why: fmt.Sprintf("works in the workspace %q", printable(r.Team))},
		checkScopes(r.Header.Values("X-OAuth-Scopes")),
		checkClock(r.Header.Get("Date"), begun.Add(took/2)),
	}, true
}

// printable is a name that Slack gave, for a terminal.
func printable(s string) string {
	r := []rune(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) && !unicode.Is(unicode.Bidi_Control, r) {
			return r
		}
		return -1
	}, s))
	return string(r[:min(len(r), 80)])
}

// checkScopes compares what the token may do, from a header of Slack's, with
// what the coach needs and wants at most.
func checkScopes(header []string) coach.Finding {
	var got []string
	for s := range strings.SplitSeq(words(strings.Join(header, ",")), ", ") {
		if s != "" {
			got = append(got, s)
		}
	}
	var missing, surplus []string
	for _, s := range botScopes {
		if !slices.Contains(got, s) {
			missing = append(missing, s)
		}
	}
	for _, s := range got {
		if !slices.Contains(botScopes[:], s) && s != filesScope {
			surplus = append(surplus, s)
		}
	}
	const page = " at api.slack.com/apps > OAuth & Permissions, and install the app again"
	f := coach.Finding{Name: nameScopes, Level: coach.OK, Why: "as many as needed and no more"}
	switch {
	case len(got) == 0:
		return coach.Finding{Name: nameScopes, Level: coach.Warn, Why: "Slack did not say which scopes the token has",
			Fix: "compare them with the manifest at api.slack.com/apps > OAuth & Permissions"}
	case len(missing) > 0:
		f = coach.Finding{Name: nameScopes, Level: coach.Fail, Why: "missing: " + strings.Join(missing, ", "), Fix: "add " + strings.Join(missing, ", ") + page}
	case len(surplus) > 0:
		f = coach.Finding{Name: nameScopes, Level: coach.Warn, Why: "not needed: " + strings.Join(surplus, ", "), Fix: "remove " + strings.Join(surplus, ", ") + page}
	}
	if len(missing) > 0 && len(surplus) > 0 {
		f.Why += "; not needed: " + strings.Join(surplus, ", ")
	}
	return f
}

// How far the clock may be from Slack's. Requests that Slack signed are refused
// when they seem five minutes old.
const (
	skewWarn = time.Minute
	skewFail = 4 * time.Minute
)

// checkClock compares the machine's clock, which showed now, with the Date of
// an answer, which leaves out what is less than a second.
func checkClock(date string, now time.Time) coach.Finding {
	theirs, err := http.ParseTime(date)
	if err != nil {
		return coach.Finding{Name: nameClock, Level: coach.Warn, Why: "Slack did not say what time it is", Fix: "compare this machine's clock with another"}
	}
	skew := now.Sub(theirs.Add(time.Second / 2))
	f := coach.Finding{Name: nameClock, Level: coach.OK, Why: "agrees with Slack's"}
	if skew.Abs() > skewWarn {
		where := "ahead of"
		if skew < 0 {
			where = "behind"
		}
		f = coach.Finding{Name: nameClock, Level: coach.Warn,
			Why: fmt.Sprintf("this machine's clock is %v %s Slack's; from 5 minutes on Slack's signatures are refused", skew.Abs().Round(time.Second), where),
			Fix: "set the clock, and let it be kept right: timedatectl set-ntp true"}
	}
	if skew.Abs() > skewFail {
		f.Level = coach.Fail
	}
	return f
}

// checkSockets opens a connection and lets Slack say how many there are.
func (a *Adapter) checkSockets(ctx context.Context) []coach.Finding {
	n, err := a.hello(ctx)
	if err != nil {
		return []coach.Finding{finding(nameAppToken, err, appToken, tryAgain)}
	}
	f := coach.Finding{Name: nameSockets, Level: coach.OK}
	switch others := n - 1; {
	case n == 0:
		f = coach.Finding{Name: nameSockets, Level: coach.Warn, Why: "Slack did not say how many connections there are",
			Fix: "make sure that no other copy of Rapport runs on this app's tokens"}
	case others == 0:
		f.Why = "no copy of Rapport is connected at the moment"
	case others <= a.Connections:
		f.Why = fmt.Sprintf("%d besides this check: one copy of Rapport has up to %d", others, a.Connections)
	default:
		f.Level = coach.Warn
		f.Why = fmt.Sprintf("%d besides this check, and one copy of Rapport has %d: another copy runs on the same app token and takes some of what people do", others, a.Connections)
		f.Fix = "stop the other copy, or give it an app of its own; then wait a minute and run this again"
	}
	return []coach.Finding{{Name: nameAppToken, Level: coach.OK, Why: "opens connections"}, f}
}

// hello connects, and disconnects when Slack said how many connections there
// are now.
func (a *Adapter) hello(ctx context.Context) (connections int, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	ws, err := a.connect(ctx)
	if err != nil {
		return 0, err
	}
	defer ws.Close()
	defer context.AfterFunc(ctx, func() { ws.Close() })()
	for {
		var r socketmode.Request
		if err := ws.ReadJSON(&r); err != nil {
			return 0, cmp.Or(ctx.Err(), err)
		}
		if r.Type == socketmode.RequestTypeHello {
			hangUp(ws)
			return r.NumConnections, nil
		}
	}
}

var secretWords = regexp.MustCompile(`^[0-9a-f]{32}$`)

// checkSecret is all that can be checked of HTTP mode from here.
func checkSecret(secret string) []coach.Finding {
	f := coach.Finding{Name: nameSecret, Level: coach.OK, Why: "looks like one; whether it is this app's shows when Slack calls"}
	if !secretWords.MatchString(secret) {
		f = coach.Finding{Name: nameSecret, Level: coach.Warn, Why: "does not look like one: 32 digits and letters from a to f",
			Fix: "copy it from api.slack.com/apps > Basic Information > Signing Secret into slack.signing_secret"}
	}
	return []coach.Finding{f, {Name: nameArrive, Level: coach.Warn,
		Why: "whether Slack's requests reach slack.listen through your proxy cannot be known from here",
		Fix: "while Rapport runs, press Retry beside the Request URL at api.slack.com/apps > Event Subscriptions"}}
}

// checkDirect opens direct messages with an admin, who notices nothing.
func (a *Adapter) checkDirect(ctx context.Context) coach.Finding {
	if len(a.Admins) == 0 {
		return coach.Finding{Name: nameDirect, Level: coach.Warn, Why: "not tried: slack.admins names nobody to try it with",
			Fix: "put your user id into slack.admins: your profile > the three dots > Copy member ID"}
	}
	c, _, _, err := a.api.OpenConversationContext(ctx, &slackgo.OpenConversationParameters{Users: a.Admins[:1]})
	if err == nil && (c == nil || c.ID == "") {
		err = errUnclear
	}
	if err != nil {
		return finding(nameDirect, err, botToken, "check that the first of slack.admins is the user id of a member: their profile > the three dots > Copy member ID")
	}
	return coach.Finding{Name: nameDirect, Level: coach.OK, Why: "can be opened"}
}

// finding says what an error means for whoever runs the coach: a warning where
// it leaves open how things are. fix is what to do if the error itself does not
// say.
func finding(name string, err error, t token, fix string) coach.Finding {
	if text := fatal(err, t); text != nil {
		why, fix, _ := strings.Cut(text.Error(), ": ")
		return coach.Finding{Name: name, Level: coach.Fail, Why: why, Fix: fix}
	}
	if _, answered := errors.AsType[slackgo.SlackErrorResponse](err); !answered {
		fix = tryAgain
	}
	e, m := sendError(err, false, name == nameDirect)
	f := coach.Finding{Name: name, Level: coach.Fail, Why: e.Err.Error(), Fix: cmp.Or(m.fix, fix)}
	if e.Why != "" {
		f.Why = fmt.Sprintf("%s (%v)", e.Why, e.Err)
	}
	if e.Fate == coach.Later {
		f.Level, f.Why = coach.Warn, "could not be found out: "+f.Why
	}
	return f
}
