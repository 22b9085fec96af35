package discord

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"rapport/adapters/discord/rest"
	"rapport/adapters/surface"
	"rapport/coach"
)

// A meaning is what one of Discord's error codes says of a message, which was
// not taken.
type meaning struct {
	fate coach.Fate
	why  string // for the admin
	ends bool   // nothing more can be sent before somebody has put it right
}

const (
	whyWait  = "Discord asks to wait"
	tooLarge = "the message is too large"
	badFile  = "Discord does not take the picture"
)

// meanings are Discord's error codes, besides those of channels and people.
// Source: https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
var meanings = map[int]meaning{
	// A token that does not work is put right by somebody, and then everything
	// planned goes out: no row may be lost to it.
	40001: {coach.Later, "Discord does not accept the token", true},
	50014: {coach.Later, "Discord does not accept the token", true},

	// These end by themselves, or people let it go on.
	20016: {fate: coach.Later, why: "slow mode is on in the channel"},
	20028: {fate: coach.Later, why: "too much is written in the channel"},
	20029: {fate: coach.Later, why: "too much is written in the server"},
	// Not in the list: https://github.com/discord/discord-api-docs/issues/2669
	20026:  {fate: coach.Later, why: "Discord has quarantined the app: appeal at dis.gd/app-quarantine"},
	40002:  {fate: coach.Later, why: "Discord wants the owner's account verified"},
	40003:  {fate: coach.Later, why: "Discord lets no more direct messages be opened for now"},
	40004:  {fate: coach.Later, why: "sending is switched off at Discord for now"},
	40006:  {fate: coach.Later, why: "Discord has switched this off for now"},
	40062:  {fate: coach.Later, why: whyWait},
	40333:  {fate: coach.Later, why: "Cloudflare, before Discord, blocks this address: see whether others call from it"},
	130000: {fate: coach.Later, why: "Discord has too much to do"},

	// Our fault, or a matter of what the message says: the same again would be
	// refused again.
	20009:  {fate: coach.Never, why: "a filter of Discord's keeps the message out"},
	40005:  {fate: coach.Never, why: tooLarge},
	50006:  {fate: coach.Never, why: "the message is empty"},
	50035:  {fate: coach.Never},
	50041:  {fate: coach.Never, why: "install a newer version of Rapport"},
	50045:  {fate: coach.Never, why: tooLarge},
	50046:  {fate: coach.Never, why: badFile},
	50068:  {fate: coach.Never},
	50109:  {fate: coach.Never},
	50110:  {fate: coach.Never, why: badFile},
	50123:  {fate: coach.Never, why: badFile},
	50146:  {fate: coach.Never, why: badFile},
	200000: {fate: coach.Never, why: "the server's AutoMod keeps the message out: make an exception for Rapport's role in Server Settings > AutoMod"},
	240000: {fate: coach.Never, why: "a filter of Discord's keeps the message out"},
	400001: {fate: coach.Never, why: "files are limited in the server"},
}

// Codes that depend on where a message goes.
const (
	unknownChannel    = 10003
	missingPermission = 50013
	openedTooFast     = 40003
	quarantined       = 20026
)

const (
	noPlace   = "nothing can be posted in a place of that kind"
	closedOff = "direct messages with the person are closed"
)

// closedChannels are the codes of channels that nothing can be posted in, with
// the reason.
var closedChannels = map[int]string{
	unknownChannel:    "the channel is gone",
	10004:             "the server is gone, or I am no longer in it",
	50001:             "I may not see the channel, View Channel is missing",
	missingPermission: "I may not post in the channel, Send Messages is missing",
	40058:             noPlace, // a forum
	50008:             noPlace,
	50024:             noPlace,
	50009:             "the server's verification level keeps me out",
	50083:             "the thread is archived",
	160005:            "the thread is locked",
}

// closedPeople are the codes of people who cannot be written to. Which of them
// closed their direct messages to the app only, Discord does not tell.
var closedPeople = map[int]string{
	10013: "the person is gone",
	50007: closedOff,
	50033: "the person is gone",
	50278: "the person shares no server with me any more", // not in the list, seen in answers
}

// A place is what a message goes to, as far as codes depend on it.
type place struct {
	direct  bool
	picture bool // one goes along
}

// meaningOf returns what code says of a message to p.
func meaningOf(code int, p place) meaning {
	if m, ok := meanings[code]; ok {
		return m
	}
	if why, ok := closedPeople[code]; ok {
		return meaning{fate: coach.Closed, why: why}
	}
	why, ok := closedChannels[code]
	switch {
	case ok && p.direct:
		return meaning{fate: coach.Closed, why: closedOff}
	case code == missingPermission && p.picture:
		return meaning{fate: coach.Closed, why: "I may not post in the channel, Send Messages or Attach Files is missing"}
	case ok:
		return meaning{fate: coach.Closed, why: why}
	}
	// An answer that says no, for a reason that is not known: nothing was sent,
	// and nothing planned is lost by trying for a while.
	return meaning{fate: coach.Later}
}

// sendError says what becomes of a message to p by how a call ended.
func sendError(err error, p place) (e *coach.SendError, m meaning) {
	r, ok := errors.AsType[*rest.Error](err)
	switch {
	case !ok: // nothing is known of it
		return &coach.SendError{Fate: coach.InDoubt, Err: surface.Bare(err)}, m
	case r.Status == 0:
		m = unanswered(r)
	case r.Status >= 500: // it may come after the message was posted
		m.fate = coach.InDoubt
	case r.Status == http.StatusTooManyRequests:
		m = meaning{fate: coach.Later, why: whyWait}
		if known, ok := meanings[r.Code]; ok && known.fate == coach.Later {
			m.why = known.why
		}
	case r.Code != 0:
		m = meaningOf(r.Code, p)
	default:
		m = meaningOfStatus(r)
	}
	return &coach.SendError{Fate: m.fate, Why: m.why, After: r.After, Err: r}, m
}

// unanswered is for a call without an answer, or with one that cannot be read.
func unanswered(r *rest.Error) meaning {
	switch {
	case r.Left:
		return meaning{fate: coach.InDoubt}
	case errors.Is(r, context.Canceled):
		return meaning{fate: coach.Later}
	}
	return meaning{fate: coach.Later, why: "Discord cannot be reached"}
}

// meaningOfStatus is for an answer without a code of Discord's. Most come from
// what stands between, such as a proxy, and then Discord never saw the message.
func meaningOfStatus(r *rest.Error) meaning {
	switch {
	case r.Status == http.StatusRequestEntityTooLarge:
		return meaning{fate: coach.Never, why: tooLarge}
	case !r.Told:
		return meaning{fate: coach.Later, why: fmt.Sprintf("something on the way to Discord answered %d: check the proxy and discord.api_url", r.Status)}
	case r.Status == http.StatusUnauthorized:
		return meaning{fate: coach.Later, why: "Discord does not accept the token", ends: true}
	case r.Status == http.StatusBadRequest: // "such as a malformed request body"
		return meaning{fate: coach.Never}
	case r.Status == http.StatusNotFound || r.Status == http.StatusMethodNotAllowed:
		return meaning{fate: coach.Later, why: "Discord does not know the call: check discord.api_url"}
	}
	return meaning{fate: coach.Later}
}
