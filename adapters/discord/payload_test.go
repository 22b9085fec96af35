package discord

import (
	"encoding/json"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"rapport/coach"
)

// snowflake is an id that was made at that time.
func snowflake(at time.Time, serial int) string {
	return strconv.FormatInt((at.UnixMilli()-discordEpoch)<<22|int64(serial&0xfff), 10)
}

// does is an interaction of Anna's in a server of ours.
func (s *stage) does(kind kind, data any, change ...func(map[string]any)) map[string]any {
	s.serial++
	in := map[string]any{
		"id": snowflake(time.Now(), s.serial), "application_id": ourApp, "type": int(kind), "token": "interaction-token", "data": data,
		"guild_id": guildID, "channel_id": channelID, "context": 0, "locale": "de", "guild_locale": "fr",
		"member":                         map[string]any{"user": map[string]any{"id": annaID}, "permissions": "0"},
		"authorizing_integration_owners": map[string]any{"0": guildID},
	}
	for _, f := range change {
		f(in)
	}
	return in
}

func with(key string, value any) func(map[string]any) {
	return func(in map[string]any) { in[key] = value }
}

func without(keys ...string) func(map[string]any) {
	return func(in map[string]any) {
		maps.DeleteFunc(in, func(k string, _ any) bool {
			for _, key := range keys {
				if k == key {
					return true
				}
			}
			return false
		})
	}
}

// ofMessage is a control of a message with those flags.
func ofMessage(flags int) func(map[string]any) {
	return with("message", map[string]any{"id": "1", "flags": flags})
}

func raw(t *testing.T, in map[string]any) []byte {
	t.Helper()
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// typedCommand is the data of a command.
func typedCommand(name, text string) map[string]any {
	d := map[string]any{"name": name, "type": 1}
	if text != "" {
		d["options"] = []any{map[string]any{"name": "what", "type": 3, "value": text, "focused": true}}
	}
	return d
}

// control is the data of a press.
func control(a coach.Action) map[string]any {
	id, err := a.Encode()
	if err != nil {
		panic(err)
	}
	return map[string]any{"custom_id": id, "component_type": 2}
}

// sentForm is the data of a form with one answer.
func sentForm(a coach.Action, name, words string) map[string]any {
	d := control(a)
	d["components"] = []any{map[string]any{"type": 18, "component": map[string]any{"type": 4, "custom_id": name, "value": words}}}
	return d
}

// message is one of a line.
func message(line string) coach.Message {
	return coach.Message{Sections: []coach.Section{{Text: coach.P(line)}}}
}

// texts are all words in the components of a call's body.
func texts(v any) string {
	var b strings.Builder
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, k := range []string{"content", "label"} {
				if s, ok := v[k].(string); ok {
					b.WriteString(s + "\n")
				}
			}
			walk(v["components"])
		case []any:
			for _, c := range v {
				walk(c)
			}
		}
	}
	walk(v)
	return b.String()
}

// data is that of a callback.
func (c call) data() map[string]any {
	d, _ := c.body["data"].(map[string]any)
	return d
}

func (c call) kind() int {
	n, _ := c.body["type"].(float64)
	return int(n)
}

func flags(d map[string]any) int {
	n, _ := d["flags"].(float64)
	return int(n)
}
