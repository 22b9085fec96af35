package rest

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// meaning is what one of Discord's codes says, in a few words of our own; ""
// for those that no call of ours is answered with.
func meaning(code int) string { return meanings[code] }

var meanings = map[int]string{
	10002:  "unknown application",
	10003:  "unknown channel",
	10004:  "unknown server",
	10007:  "unknown member",
	10008:  "unknown message",
	10013:  "unknown user",
	10015:  "unknown webhook",
	10062:  "unknown interaction: it was answered too late",
	10063:  "unknown command",
	20012:  "not allowed for this application",
	20016:  "slow mode",
	20026:  "the app is quarantined",
	20028:  "the channel is written to too often",
	20029:  "the server is written to too often",
	30032:  "too many commands",
	30034:  "too many commands made today",
	40001:  "the token is not accepted",
	40002:  "the account is to be verified",
	40003:  "direct messages opened too fast",
	40004:  "sending is off for a while",
	40005:  "too large",
	40006:  "switched off for a while",
	40058:  "a forum takes no messages",
	40060:  "the interaction was answered already",
	40062:  "too many calls",
	40094:  "too many follow-up messages",
	40333:  "Cloudflare blocks the call",
	50001:  "missing access",
	50003:  "not in direct messages",
	50006:  "an empty message",
	50007:  "the person takes no direct messages",
	50008:  "not a text channel",
	50009:  "the server's verification level is too high",
	50013:  "missing permissions",
	50014:  "the token is not accepted",
	50024:  "not in a channel of this kind",
	50027:  "the webhook's token is not accepted",
	50033:  "nobody to write to",
	50035:  "a wrong body",
	50041:  "wrong version of the API",
	50045:  "the file is too large",
	50046:  "a wrong file",
	50083:  "the thread is archived",
	50109:  "a body that is not JSON",
	50278:  "no server in common",
	130000: "too much to do",
	160005: "the thread is locked",
	200000: "blocked by AutoMod",
	240000: "blocked by the filter of harmful links",
	400001: "files are limited in this server",
}

// Names of fields and places in lists, and the codes of what is wrong there.
var (
	step   = regexp.MustCompile(`^(?:[a-z_]{1,30}|[0-9]{1,3})$`)
	reason = regexp.MustCompile(`^[A-Z_]{1,60}$`)
)

const (
	maxPlaces = 5
	maxDepth  = 10
)

// whereIn returns the places in a body that Discord found wrong, with its codes
// for what is wrong. Its words for it can repeat what was sent.
func whereIn(errors json.RawMessage) string {
	var places []string
	find(errors, nil, &places)
	return strings.Join(places, ", ")
}

// find looks for places below at.
func find(errors json.RawMessage, at []string, places *[]string) {
	if len(at) > maxDepth || len(*places) >= maxPlaces {
		return
	}
	in := json.NewDecoder(bytes.NewReader(errors))
	if t, err := in.Token(); err != nil || t != json.Delim('{') {
		return
	}
	for in.More() {
		key, err := in.Token()
		var below json.RawMessage
		if err != nil || in.Decode(&below) != nil || len(*places) >= maxPlaces {
			return
		}
		name, _ := key.(string)
		if name == "_errors" {
			*places = append(*places, strings.Join(at, "/")+reasonOf(below))
		} else if step.MatchString(name) {
			find(below, append(at[:len(at):len(at)], name), places)
		}
	}
}

// reasonOf is what is wrong at a place, such as " BASE_TYPE_MAX_LENGTH".
func reasonOf(list json.RawMessage) string {
	var said []struct {
		Code string `json:"code"`
	}
	if json.Unmarshal(list, &said) != nil || len(said) == 0 || !reason.MatchString(said[0].Code) {
		return ""
	}
	return " " + said[0].Code
}
