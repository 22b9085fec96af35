package discord

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"testing"
	"time"

	"rapport/coach"
)

// FuzzSignature holds that a request passes only with a fresh stamp and a
// signature of exactly that stamp and body.
func FuzzSignature(f *testing.F) {
	clock := time.Unix(1_790_000_000, 0)
	now := strconv.FormatInt(clock.Unix(), 10)
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	sign := func(stamp, body string) string { return hex.EncodeToString(ed25519.Sign(key, []byte(stamp+body))) }
	for _, s := range []struct{ stamp, signature, body string }{
		{now, sign(now, "{}"), "{}"}, {now, "00", "{}"}, {"", "", ""}, {"-1", "zz", "{}"},
		{now[:9], sign(now, "{}"), now[9:] + "{}"}, {"9223372036854775807", sign("9223372036854775807", ""), ""},
	} {
		f.Add(s.stamp, s.signature, s.body)
	}
	w := &web{desk: &desk{Adapter: New(Options{}), now: func() time.Time { return clock }}, key: key.Public().(ed25519.PublicKey)}
	f.Fuzz(func(t *testing.T, stamp, signature, body string) {
		try := func(signature string) error {
			return w.verify(http.Header{"X-Signature-Timestamp": {stamp}, "X-Signature-Ed25519": {signature}}, []byte(body))
		}
		seconds, err := strconv.ParseInt(stamp, 10, 64)
		fresh := err == nil && seconds >= clock.Unix()-300 && seconds <= clock.Unix()+300
		right := sign(stamp, body)
		if err := try(right); (err == nil) != fresh {
			t.Errorf("signed, stamp %q: got %v, fresh %v", stamp, err, fresh)
		}
		if given, _ := hex.DecodeString(signature); try(signature) == nil && (!fresh || hex.EncodeToString(given) != right) {
			t.Errorf("stamp %q and signature %q pass", stamp, signature)
		}
		if try(sign(stamp, body+"x")) == nil {
			t.Errorf("the signature of another body passes with stamp %q", stamp)
		}
	})
}

// FuzzControls bends what a control carries, its custom_id, its values and the
// inputs of a form. Who did it, where, and with what rights stays what Discord
// says beside it.
func FuzzControls(f *testing.F) {
	for _, s := range []string{"1note:7:yes", "1draft:5", "1setup:start", "1moved", "2x", "", "1did:try/2026-11-23/a:well", `1x","member":{"user":{"id":"2"}},"y":"`, "discord//2", "\xff"} {
		f.Add(s, "1data:download", "2", true)
		f.Add("1pick", s, s, false)
	}
	f.Fuzz(func(t *testing.T, id, value, words string, form bool) {
		data := map[string]any{"custom_id": id, "component_type": 3, "values": []string{value}, "user": map[string]any{"id": words}, "guild_id": words}
		does := press
		if form {
			does = submitted
			data["components"] = []any{map[string]any{"type": 18, "component": map[string]any{"type": 4, "custom_id": value, "value": words}}}
		}
		raw, err := json.Marshal(map[string]any{
			"id": "1", "type": does, "guild_id": "100", "channel_id": "7", "data": data,
			"member":                         map[string]any{"user": map[string]any{"id": "8"}, "permissions": "2048"},
			"authorizing_integration_owners": map[string]string{"0": "100"},
		})
		if err != nil {
			t.Skip(err)
		}
		in, err := readInteraction(raw)
		if err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		r, err := in.reading()
		if err != nil {
			return
		}
		team := coach.Team{Platform: platform, ID: "100"}
		got := coach.Request{ID: r.ID, From: r.From, Team: r.Team, At: r.At, Admin: r.Admin, Guest: r.Guest}
		if want := (coach.Request{ID: "discord:1", From: coach.Person{Platform: platform, User: "8"}, Team: team, At: coach.ChannelOf(team, "7")}); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", raw, got, want)
		}
	})
}

// FuzzGuild reads what the gateway tells of servers.
func FuzzGuild(f *testing.F) {
	for _, s := range []string{
		`{"shard":[0,2],"guilds":[{"id":"175928847299117063","unavailable":true}]}`, `{"shard":[1,0],"guilds":[{}]}`, `{"guilds":null}`,
		`{"id":"1","owner_id":"2","channels":[{"id":"3"},{}]}`, `{"id":"1","unavailable":true}`, `{"id":7}`, `[]`, "\xff",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		g := &guilds{desk: &desk{Adapter: New(Options{})}, joined: map[string]bool{}, bell: make(chan struct{}, 1)}
		g.ready(raw)
		g.created(raw)
		g.deleted(raw)
		if len(g.joined) > 0 {
			t.Errorf("%q: a server is known that the app was removed from: %v", raw, g.joined)
		}
	})
}
