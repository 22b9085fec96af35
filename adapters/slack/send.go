package slack

import (
	"context"
	"errors"
	"fmt"

	slackgo "github.com/slack-go/slack"

	"rapport/adapters/slack/blockkit"
	"rapport/coach"
)

// Send posts m in a channel or in somebody's direct messages. ref is the
// conversation and the message's name in it. Slack cannot tell a repetition,
// so that key is not used: what is in doubt may be shown twice if it is sent
// again. Every error wraps a [coach.SendError] and holds no words, no token and
// no name of anybody.
func (a *Adapter) Send(ctx context.Context, to coach.Address, key string, m coach.Message) (ref string, err error) {
	if err := a.stopped(); err != nil {
		return "", &coach.SendError{Fate: coach.Later, Why: err.Error(), Err: err}
	}
	if err := a.serves(ctx, to); err != nil {
		return "", &coach.SendError{Fate: coach.Never, Err: err}
	}
	message := slackgo.MsgOptionCompose(
		slackgo.MsgOptionText(blockkit.Notice(m), false), // escaped already
		slackgo.MsgOptionBlocks(blockkit.Message(m)...),
		slackgo.MsgOptionDisableLinkUnfurl(),
		slackgo.MsgOptionDisableMediaUnfurl(),
	)
	if to.Kind == coach.InChannel {
		return a.post(ctx, to.Channel, message, false)
	}
	return a.tell(ctx, to.Person.User, message)
}

// serves says why to is no place of this installation, nil if it may be one.
func (a *Adapter) serves(ctx context.Context, to coach.Address) error {
	var realm string
	switch {
	case to.Platform != platform:
		return errors.New("address of another platform")
	case to.Kind == coach.InChannel && to.Team.Platform == platform && to.Channel != "":
		realm = to.Team.ID
	case to.Kind == coach.Direct && to.Person.Platform == platform && to.Person.User != "":
		realm = to.Person.Realm
	default:
		return errors.New("no address of a channel or a person")
	}
	self, err := a.self(ctx)
	if err != nil {
		return nil // the post itself will tell
	}
	// People are known by their organisation, or by their workspace, as those of
	// a workspace that joined one later are. Installed org-wide, the app posts in
	// any workspace, and only Slack knows which those are.
	if realm != "" && (realm == self.Team || realm == self.Enterprise) || to.Kind == coach.InChannel && self.Team == "" {
		return nil
	}
	return errors.New("address of another workspace")
}

// self is the installation that the bot token belongs to. Slack is asked until
// it has said so once.
func (a *Adapter) self(ctx context.Context) (installation, error) {
	if known := a.known.Load(); known != nil {
		return *known, nil
	}
	who, err := a.api.AuthTestContext(ctx)
	if err != nil {
		return installation{}, err
	}
	self := installed(who)
	a.known.Store(&self)
	return self, nil
}

// tell posts in the direct messages of a user. A conversation that Slack no
// longer knows, as after the app was installed anew, is opened once more.
func (a *Adapter) tell(ctx context.Context, user string, message slackgo.MsgOption) (ref string, err error) {
	room, known := a.rooms.Get(user)
	if known {
		ref, err = a.post(ctx, room, message, true)
		if fate, _ := coach.FateOf(err); err == nil || fate != coach.Closed {
			return ref, err
		}
		a.rooms.Forget(user)
	}
	if room, err = a.open(ctx, user); err != nil {
		return "", err
	}
	ref, err = a.post(ctx, room, message, true)
	if fate, _ := coach.FateOf(err); err != nil && fate == coach.Closed {
		a.rooms.Forget(user)
	}
	return ref, err
}

// open returns the conversation with a user. Nobody notices that it is opened,
// so that it may happen twice and is never in doubt.
func (a *Adapter) open(ctx context.Context, user string) (room string, err error) {
	c, _, _, err := a.api.OpenConversationContext(ctx, &slackgo.OpenConversationParameters{Users: []string{user}})
	if err != nil {
		return "", fmt.Errorf("conversations.open: %w", a.failed(err, false, true))
	}
	if c == nil || c.ID == "" {
		return "", fmt.Errorf("conversations.open: %w", &coach.SendError{Fate: coach.Later, Err: errUnclear})
	}
	a.rooms.Put(user, c.ID)
	return c.ID, nil
}

var errUnclear = errors.New("slack: an answer that says neither yes nor no")

// post posts in a conversation.
func (a *Adapter) post(ctx context.Context, conversation string, message slackgo.MsgOption, direct bool) (ref string, err error) {
	ctx, left := traced(ctx)
	conversation, ts, err := a.api.PostMessageContext(ctx, conversation, message)
	if err != nil {
		return "", fmt.Errorf("chat.postMessage: %w", a.failed(err, left.Load(), direct))
	}
	if ts == "" { // slack-go takes an answer without an error for a yes
		return "", fmt.Errorf("chat.postMessage: %w", &coach.SendError{Fate: coach.InDoubt, Err: errUnclear})
	}
	return conversation + "/" + ts, nil
}

// failed says what becomes of a message, and ends everything where nothing more
// can be sent.
func (a *Adapter) failed(err error, left, direct bool) error {
	e, m := sendError(err, left, direct)
	if m.ends {
		why := fatal(err, botToken)
		if why == nil {
			why = fmt.Errorf("%w: %s", e.Err, m.why)
		}
		a.stop(why)
	}
	return e
}
