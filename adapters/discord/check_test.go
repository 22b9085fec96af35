package discord

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"rapport/coach"
)

// A state is what a Discord says of an app, by path.
type state map[string]any

func sound() state {
	return state{
		"/users/@me":                            map[string]any{"id": ourApp, "username": "Rapport"},
		"/applications/@me":                     map[string]any{"id": ourApp, "name": "Rapport", "verify_key": "aa", "flags": 1 << 23, "interactions_endpoint_url": nil},
		"/applications/" + ourApp + "/commands": commands(),
		"/users/@me/guilds":                     []any{map[string]any{"id": "1"}, map[string]any{"id": "2"}},
		"/gateway/bot":                          map[string]any{"url": "wss://x", "shards": 1, "session_start_limit": map[string]any{"total": 1000, "remaining": 900, "reset_after": 7200000, "max_concurrency": 1}},
	}
}

// says answers all calls as st says.
func (s *stage) says(st state) {
	s.refuse = func(c call, _ int) (int, string) {
		if c.auth != "Bot "+testToken {
			s.t.Errorf("%s without the token", c.path)
		}
		v, ok := st[c.path]
		if !ok {
			return http.StatusNotFound, `{"message":"Unknown","code":10003}`
		}
		if status, ok := v.(int); ok {
			return status, `{"message":"no","code":50001}`
		}
		b, err := json.Marshal(v)
		if err != nil {
			s.t.Error(err)
		}
		return http.StatusOK, string(b)
	}
}

// levels are how findings ended that are not OK.
func levels(t *testing.T, found []coach.Finding) string {
	t.Helper()
	var out []string
	for _, f := range found {
		if (f.Level == coach.OK) != (f.Fix == "") || f.Why == "" {
			t.Errorf("%q: %s, %q, fix %q", f.Name, f.Level, f.Why, f.Fix)
		}
		if text := strings.ReplaceAll(f.Why+f.Fix, InviteURL(ourApp), ""); strings.Contains(text, testToken) || strings.Contains(text, "://") {
			t.Errorf("%q tells a secret: %q", f.Name, text)
		}
		if f.Level != coach.OK {
			out = append(out, fmt.Sprintf("%s %s", f.Level, strings.TrimPrefix(f.Name, "discord: ")))
		}
	}
	return strings.Join(out, ", ")
}

func TestCheck(t *testing.T) {
	change := func(path, key string, value any) func(state, *Options) {
		return func(s state, _ *Options) { s[path].(map[string]any)[key] = value }
	}
	overHTTP := func(key string, endpoint any) func(state, *Options) {
		return func(s state, o *Options) {
			o.PublicKey = key
			s["/applications/@me"].(map[string]any)["interactions_endpoint_url"] = endpoint
		}
	}
	limit := func(remaining int) func(state, *Options) {
		return change("/gateway/bot", "session_start_limit", map[string]any{"total": 1000, "remaining": remaining, "reset_after": 7200000})
	}
	registeredAs := func(f func([]registered) []registered) func(state, *Options) {
		return func(s state, _ *Options) { s["/applications/"+ourApp+"/commands"] = f(commands()) }
	}
	for name, tc := range map[string]struct {
		change func(state, *Options)
		want   string
	}{
		"sound":                  {func(state, *Options) {}, ""},
		"no application id":      {func(_ state, o *Options) { o.ApplicationID = "" }, ""},
		"token refused":          {func(s state, _ *Options) { s["/users/@me"] = 401 }, "fail bot token"},
		"Discord is down":        {func(s state, _ *Options) { s["/users/@me"] = 503 }, "fail bot token"},
		"another application":    {func(_ state, o *Options) { o.ApplicationID = "1" }, "fail application"},
		"no word of it":          {func(s state, _ *Options) { s["/applications/@me"] = 500 }, "warn application"},
		"messages can be read":   {change("/applications/@me", "flags", 1<<19), "warn intents"},
		"members can be read":    {change("/applications/@me", "flags", 1<<14|1<<13), "warn intents"},
		"an endpoint in the way": {change("/applications/@me", "interactions_endpoint_url", "https://x"), "fail interactions"},
		"over HTTP":              {overHTTP("AA", "https://x"), ""},
		"another key":            {overHTTP("bb", "https://x"), "fail public key"},
		"no endpoint":            {overHTTP("aa", nil), "fail interactions"},
		"no commands":            {registeredAs(func([]registered) []registered { return nil }), "warn commands"},
		"a command less":         {registeredAs(func(c []registered) []registered { return c[:1] }), "warn commands"},
		"a command more":         {registeredAs(func(c []registered) []registered { return append(c, registered{Name: "other"}) }), "warn commands"},
		"other words":            {registeredAs(func(c []registered) []registered { c[0].Description = "x"; return c }), "warn commands"},
		"other rights":           {registeredAs(func(c []registered) []registered { c[1].Rights = nil; return c }), "warn commands"},
		"other order":            {registeredAs(func(c []registered) []registered { c[0].Contexts = []int{2, 1, 0}; c[0], c[1] = c[1], c[0]; return c }), ""},
		"in no server":           {func(s state, _ *Options) { s["/users/@me/guilds"] = []any{} }, "warn servers"},
		"no word of servers":     {func(s state, _ *Options) { s["/users/@me/guilds"] = 500 }, "warn servers"},
		"few starts":             {limit(49), "warn session starts"},
		"enough starts":          {limit(50), ""},
		"shards advised":         {func(s state, o *Options) { o.Shards = "0-1/2"; change("/gateway/bot", "shards", 4)(s, o) }, "warn shards"},
		"shards to spare":        {func(_ state, o *Options) { o.Shards = "0/2" }, ""},
		"odd shards":             {func(_ state, o *Options) { o.Shards = "2/2" }, "fail shards"},
		"no gateway":             {func(s state, _ *Options) { s["/gateway/bot"] = 500 }, "warn session starts"},
	} {
		t.Run(name, func(t *testing.T) {
			st := sound()
			s := newStage(t, func(o *Options) { tc.change(st, o) })
			s.says(st)
			found := s.Check(t.Context())
			if got := levels(t, found); got != tc.want {
				t.Errorf("got %q, want %q: %+v", got, tc.want, found)
			}
			for _, c := range s.made() {
				if c.method != http.MethodGet {
					t.Errorf("%s %s: a check changes nothing", c.method, c.path)
				}
			}
		})
	}
}

// TestReach works out what may be done in a channel as Discord does.
func TestReach(t *testing.T) {
	const path, role1, role2, role3 = "/channels/" + channelID, "21", "22", "23"
	overwrite := func(kind int, id string, allow, deny int) map[string]any {
		return map[string]any{"type": kind, "id": id, "allow": fmt.Sprint(allow), "deny": fmt.Sprint(deny)}
	}
	here := func(kind int, overwrites ...map[string]any) map[string]any {
		return map[string]any{"id": channelID, "type": kind, "guild_id": guildID, "permission_overwrites": overwrites}
	}
	const see, send = viewChannel, sendMessages
	for name, tc := range map[string]struct {
		channel  any
		everyone int
		ours     int // of role1, which is ours
		want     string
	}{
		"open to all":                         {here(0), see | send, 0, ""},
		"open by our role":                    {here(0), 0, see | send, ""},
		"administrator":                       {here(0, overwrite(1, ourApp, 0, see)), 0, administrator, ""},
		"announcements":                       {here(5), see | send, 0, ""},
		"nobody sees":                         {here(0), send, 0, "my role lacks View Channel"},
		"nobody writes":                       {here(0), see, 0, "my role lacks Send Messages"},
		"shut for all":                        {here(0, overwrite(0, guildID, 0, send)), see | send, 0, "my role lacks Send Messages"},
		"shut for all, open for our role":     {here(0, overwrite(0, guildID, 0, send), overwrite(0, role1, send, 0)), see | send, 0, ""},
		"shut for all, open for another role": {here(0, overwrite(0, guildID, 0, send), overwrite(0, role2, send, 0)), see | send, 0, "my role lacks Send Messages"},
		"shut for our role":                   {here(0, overwrite(0, role1, 0, see)), see | send, 0, "my role lacks View Channel"},
		"shut for our role, open for us":      {here(0, overwrite(0, role1, 0, see), overwrite(1, ourApp, see, 0)), see | send, 0, ""},
		"shut for one role, open for another": {here(0, overwrite(0, role1, 0, send), overwrite(0, role3, send, 0)), see | send, 0, ""},
		"shut for us":                         {here(0, overwrite(1, ourApp, 0, send)), see | send, 0, "my role lacks Send Messages"},
		"shut for another member":             {here(0, overwrite(1, annaID, 0, send)), see | send, 0, ""},
		"a category":                          {here(4), see | send, 0, "messages cannot be posted in a place of that kind"},
		"a forum":                             {here(15), see | send, 0, "messages cannot be posted in a place of that kind"},
		"a thread":                            {here(11), see | send, 0, "my role lacks Send Messages in Threads"},
		"a thread that is open":               {here(11), see | sendInThreads, 0, ""},
		"hidden":                              {403, see | send, 0, coach.WhyNotIn},
		"gone":                                {404, see | send, 0, "there is no such channel any more"},
		"Discord is down":                     {500, see | send, 0, ""},
		"in another server":                   {map[string]any{"type": 0, "guild_id": "5"}, see | send, 0, "it is in another server"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			roles := []any{map[string]any{"id": guildID, "permissions": fmt.Sprint(tc.everyone)}, map[string]any{"id": "5", "permissions": fmt.Sprint(tc.everyone)},
				map[string]any{"id": role1, "permissions": fmt.Sprint(tc.ours)}, map[string]any{"id": role2, "permissions": fmt.Sprint(see | send)}}
			st := state{"/users/@me": map[string]any{"id": ourApp}, path: tc.channel}
			for _, g := range []string{guildID, "5"} {
				st["/guilds/"+g+"/roles"], st["/guilds/"+g+"/members/"+ourApp] = roles, map[string]any{"roles": []string{role1, role3}}
			}
			s.says(st)
			err := s.Reach(t.Context(), coach.ChannelOf(coach.Team{Platform: platform, ID: guildID}, channelID))
			e, _ := errors.AsType[*coach.SendError](err)
			switch {
			case tc.want == "" && err != nil:
				t.Errorf("got %v, want it open or unknown", err)
			case tc.want != "" && (e == nil || e.Fate != coach.Closed || e.Why != tc.want):
				t.Errorf("got %+v, want it closed as %q", e, tc.want)
			case tc.want != "" && (strings.Contains(tc.want, "lacks") || tc.want == coach.WhyNotIn) != (e.Fix != ""):
				t.Errorf("got the fix %q for %q", e.Fix, tc.want)
			}
			found := s.CheckChannels(t.Context(), []string{channelID})
			want := "fail channel " + channelID
			switch {
			case name == "Discord is down":
				want = "warn channel " + channelID
			case tc.want == "", name == "in another server":
				want = ""
			}
			if got := levels(t, found); got != want {
				t.Errorf("got %q, want %q: %+v", got, want, found)
			}
		})
	}
}

func TestReachOddPlaces(t *testing.T) {
	s := newStage(t)
	anna := coach.Person{Platform: platform, User: annaID}
	if err := s.Reach(t.Context(), coach.DirectTo(anna)); err != nil {
		t.Errorf("direct: %v", err)
	}
	elsewhere := coach.ChannelOf(coach.Team{Platform: "elsewhere", ID: "1"}, "2")
	if e, _ := errors.AsType[*coach.SendError](s.Reach(t.Context(), elsewhere)); e == nil || e.Fate != coach.Never {
		t.Errorf("elsewhere: got %v", e)
	}
	odd := coach.ChannelOf(coach.Team{Platform: platform, ID: guildID}, "../users/@me")
	if e, _ := errors.AsType[*coach.SendError](s.Reach(t.Context(), odd)); e == nil || e.Fate != coach.Closed {
		t.Errorf("no id: got %v", e)
	}
	if n := len(s.made()); n > 0 {
		t.Errorf("%d calls about what is no place", n)
	}
}
