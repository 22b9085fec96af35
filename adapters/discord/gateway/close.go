package gateway

import (
	"errors"
	"fmt"

	"github.com/gorilla/websocket"

	"rapport/adapters/surface"
)

const (
	leaving  = websocket.CloseNormalClosure // what we close with when we mean it: the session ends
	resuming = 4200                         // and when the session is to be kept
)

// Why a connection ends, where that is not an error of the network.
var (
	errReconnect = surface.Says("Discord asks to connect again")
	errInvalid   = surface.Says("Discord does not know the session")
	errLater     = surface.Says("Discord wants the session to be resumed")
	errSilent    = surface.TooSlow("a heartbeat was not acknowledged")
	errNoHello   = surface.TooSlow("the gateway said nothing")
	errNotReady  = surface.TooSlow("the gateway did not take us in time")
	errAddress   = surface.Says("the address of the gateway is none")
	errHello     = surface.Says("the gateway wants heartbeats at no time that can be kept")
)

// Discord's close codes that need a decision; after all others the session is
// resumed.
const (
	badToken    = 4004
	badSequence = 4007
	timedOut    = 4009
	badShard    = 4010
	mustShard   = 4011
	badVersion  = 4012
	badIntents  = 4013
	denied      = 4014
)

// gone reports whether a connection that ended with err took its session along.
func gone(err error) bool {
	if errors.Is(err, errInvalid) {
		return true
	}
	if e, ok := errors.AsType[*websocket.CloseError](err); ok {
		switch e.Code {
		case badSequence, timedOut, websocket.CloseNormalClosure, websocket.CloseGoingAway:
			return true
		}
	}
	return false
}

// refusal is what to do about err where trying again cannot help, in words for
// whoever runs the coach; nil where it can.
func refusal(err error) error {
	if errors.Is(err, ErrRefused) {
		return surface.Bare(err)
	}
	e, ok := errors.AsType[*websocket.CloseError](err)
	if !ok {
		return nil
	}
	if text := remedy(e.Code); text != "" {
		return &surface.Fault{Text: fmt.Sprintf(text, e.Code), Cause: &websocket.CloseError{Code: e.Code}}
	}
	return nil
}

// remedy is the text of refusal, with a place for the code; "" where trying
// again may help.
func remedy(code int) string {
	switch code {
	case badToken:
		return "Discord does not know the bot token (%d): make one in the Developer Portal under Bot, Reset Token, and put it into discord.token"
	case badShard:
		return `Discord does not take the number of a shard (%d): put "all" or such as "0-3/16" into discord.shards, with the same total in every process`
	case mustShard:
		return `the bot is in too many servers for so few shards (%d): start the coach again if discord.shards is "all"; else raise its total in every process`
	case badVersion:
		return "Discord no longer speaks the version of its gateway that the coach does (%d): install a newer release of the coach"
	case badIntents:
		return "Discord does not know the intents that the coach asks for (%d): install a newer release of the coach"
	case denied:
		return "Discord does not allow the bot an intent that the coach asks for (%d): switch it on in the Developer Portal under Bot, Privileged Gateway Intents"
	}
	return ""
}
