package discord

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"sync"
	"testing"
)

// A diary is a Memory.
type diary struct {
	mu     sync.Mutex
	kept   map[string]string
	broken bool
}

func (d *diary) Recall(_ context.Context, key string) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken {
		return "", errors.New("broken")
	}
	return d.kept[key], nil
}

func (d *diary) Remember(_ context.Context, key, value string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken {
		return errors.New("broken")
	}
	d.kept[key] = value
	return nil
}

func TestRegister(t *testing.T) {
	m := &diary{kept: map[string]string{}}
	s := newStage(t, func(o *Options) { o.Memory = m })
	s.register(t.Context(), ourApp)
	if c := s.nth(1); c.method != http.MethodPut || c.path != "/applications/"+ourApp+"/commands" || c.auth != "Bot "+testToken {
		t.Errorf("got %+v", c)
	}
	s.register(t.Context(), ourApp) // as after a restart
	if n := len(s.made()); n != 1 {
		t.Errorf("%d calls; want none by a restart", n)
	}
	s.DevGuild = guildID
	s.register(t.Context(), ourApp)
	if c := s.nth(2); c.path != "/applications/"+ourApp+"/guilds/"+guildID+"/commands" {
		t.Errorf("got %+v", c)
	}
	s.register(t.Context(), "1")
	if n := len(s.made()); n != 3 {
		t.Errorf("%d calls; want one more for another application", n)
	}
	m.kept[memoryKey] = "of another release"
	s.register(t.Context(), "1")
	if n := len(s.made()); n != 4 {
		t.Errorf("%d calls; want one more for other commands", n)
	}
	m.broken = true
	s.register(t.Context(), "1")
	if n := len(s.made()); n != 5 || len(s.notices("memory failed")) != 2 {
		t.Errorf("%d calls, %v; want one more where nothing is known", n, s.notices(""))
	}
}

// TestRegisterInsists while the coach already runs.
func TestRegisterInsists(t *testing.T) {
	s := newStage(t)
	s.refuse = func(_ call, n int) (int, string) {
		if n == 1 {
			return http.StatusBadGateway, ""
		}
		return 0, ""
	}
	s.register(t.Context(), ourApp)
	if n := len(s.made()); n != 2 || len(s.notices("commands not registered")) != 1 || len(s.notices("commands registered")) != 1 {
		t.Errorf("%d calls, notices %v", n, s.notices(""))
	}
	s.refuse = func(call, int) (int, string) { return http.StatusForbidden, "" }
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		s.register(ctx, ourApp)
		close(ended)
	}()
	s.nth(3)
	end()
	<-ended
}

// TestCommands holds what is registered to Discord's rules.
func TestCommands(t *testing.T) {
	raw, err := json.Marshal(commands())
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"name":"rapport","description":"this week's small thing to do","type":1,` +
		`"options":[{"type":3,"name":"what","description":"a step, or what is on your mind","autocomplete":true}],` +
		`"default_member_permissions":null,"contexts":[0,1,2],"integration_types":[0,1]},` +
		`{"name":"rapport-admin","description":"for admins: channel, day, hour, stop","type":1,` +
		`"options":[{"type":3,"name":"what","description":"a step, or what is on your mind","autocomplete":true}],` +
		`"default_member_permissions":"32","contexts":[0],"integration_types":[0]}]`
	if string(raw) != want {
		t.Errorf("got  %s\nwant %s", raw, want)
	}
	name := regexp.MustCompile(`^[-_'\p{L}\p{N}]{1,32}$`)
	for _, c := range commands() {
		if !name.MatchString(c.Name) || !name.MatchString(c.Options[0].Name) {
			t.Errorf("%q, %q: not the name of a command", c.Name, c.Options[0].Name)
		}
		if len(c.Description) > 100 || len(c.Options[0].Description) > 100 {
			t.Errorf("%q: a description is too long", c.Name)
		}
	}
}

func TestLocalized(t *testing.T) {
	translate := func(lang, sentence string) (string, error) {
		if lang == "ja" {
			return "", errors.New("no such language")
		}
		if lang == "nl" {
			return sentence, nil
		}
		return lang + " " + sentence, nil
	}
	got := inLanguages([]string{"en", "de", "es", "pt", "ja", "nl"}, translate, "step", line)
	want := map[string]string{"de": "de step", "es-ES": "es step", "es-419": "es step", "pt-BR": "pt step"}
	if len(got) != len(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for name, words := range want {
		if got[name] != words {
			t.Errorf("%s: got %q, want %q", name, got[name], words)
		}
	}
	if got := inLanguages([]string{"en", "de"}, translate, "step", nameable); len(got) > 0 {
		t.Errorf("got %v; want nothing that is no name", got)
	}
	if got := inLanguages([]string{"en"}, translate, "step", line); got != nil {
		t.Errorf("got %v; want none for English", got)
	}
}
