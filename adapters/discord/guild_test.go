package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"

	"rapport/adapters/discord/gateway"
	"rapport/coach"
)

// A register writes down what it is told of servers.
type register struct {
	mu     sync.Mutex
	lines  []string
	broken int           // how many calls fail
	held   chan struct{} // a call waits for that, unless nil
}

func (r *register) write(line string) error {
	if r.held != nil {
		<-r.held
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken > 0 {
		r.broken--
		return errors.New("broken")
	}
	r.lines = append(r.lines, line)
	return nil
}

func (r *register) read() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.lines...)
}

func (r *register) LeaveTeam(_ context.Context, team coach.Team) error {
	return r.write("left " + team.ID)
}

// told is a stage whose servers r is told of, until end.
func (r *register) told(t *testing.T) (s *stage, end func()) {
	s = newStage(t, func(o *Options) {
		o.Members = r
		o.Joined = func(_ context.Context, team coach.Team, owner coach.Person, channels []string) error {
			if team.Platform != platform || owner.Platform != platform {
				t.Errorf("told of %v by %v", team, owner)
			}
			return r.write(fmt.Sprint("joined ", team.ID, " of ", owner.User, channels))
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		_ = s.guilds.run(ctx)
		close(ended)
	}()
	end = sync.OnceFunc(func() {
		cancel()
		<-ended
	})
	t.Cleanup(end)
	return s, end
}

func (s *stage) event(kind, data string) {
	s.take(s.guilds, gateway.Event{Type: kind, Data: json.RawMessage(data)})
}

func TestGuilds(t *testing.T) {
	r := new(register)
	s, end := r.told(t)
	s.event("GUILD_CREATE", `{"id":"1","owner_id":"7","channels":[{"id":"11","type":0},{"id":"12","type":2}],"members":[{"user":{"id":"9"}}]}`)
	s.event("GUILD_CREATE", `{"id":"2","unavailable":true}`)
	s.event("GUILD_CREATE", `{"id":"1","owner_id":"7","channels":[]}`) // as after a new session
	s.event("GUILD_DELETE", `{"id":"1","unavailable":true}`)           // Discord has trouble
	s.event("GUILD_CREATE", `{"id":"1","owner_id":"7","channels":[]}`)
	s.event("GUILD_CREATE", `{"id":"2","owner_id":"8","channels":[]}`)
	s.event("GUILD_DELETE", `{"id":"1"}`) // removed
	s.event("GUILD_CREATE", `{"id":"1","owner_id":"7","channels":[]}`)
	s.event("GUILD_CREATE", `{"id":5}`)
	s.event("GUILD_DELETE", `nothing`)
	s.event("MESSAGE_CREATE", `{"content":"heliotrope"}`)
	want := []string{"joined 1 of 7[11 12]", "joined 2 of 8[]", "left 1", "joined 1 of 7[]"}
	wait(t, "all is told", func() bool { return len(r.read()) >= len(want) })
	end()
	if got := r.read(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if n := len(s.notices("unreadable")); n != 2 {
		t.Errorf("%d unreadable; want 2", n)
	}
}

// TestPresent: which servers would be heard of follows from their ids.
func TestPresent(t *testing.T) {
	s, _ := new(register).told(t)
	type call struct {
		teams []coach.Team
		ours  func(coach.Team) bool
	}
	calls := make(chan call, 2)
	s.Present = func(_ context.Context, teams []coach.Team, ours func(coach.Team) bool) error {
		calls <- call{teams, ours}
		return nil
	}
	team := func(n int) coach.Team { return coach.Team{Platform: platform, ID: fmt.Sprint(n<<22 | 5)} }
	s.event("READY", fmt.Sprintf(`{"session_id":"x","shard":[1,3],"guilds":[{"id":"%s","unavailable":true},{"id":"%s"}]}`, team(1).ID, team(4).ID))
	c := <-calls
	if want := []coach.Team{team(1), team(4)}; !reflect.DeepEqual(c.teams, want) {
		t.Errorf("got %v, want %v", c.teams, want)
	}
	for n := range 9 {
		if got := c.ours(team(n)); got != (n%3 == 1) {
			t.Errorf("team %d of shard 1 of 3: got %t", n, got)
		}
	}
	if c.ours(coach.Team{Platform: "elsewhere", ID: team(1).ID}) || c.ours(coach.Team{Platform: platform, ID: "x"}) {
		t.Error("what is no server is ours")
	}
	s.event("READY", `{"guilds":[]}`)
	if c := <-calls; len(c.teams) > 0 || !c.ours(team(7)) {
		t.Errorf("one shard: got %v, and not all are ours", c.teams)
	}
}

func TestGuildsInsist(t *testing.T) {
	r := &register{broken: 2}
	s, _ := r.told(t)
	s.event("GUILD_DELETE", `{"id":"1"}`)
	wait(t, "the third try", func() bool { return len(r.read()) == 1 })
	r.mu.Lock()
	r.broken = tellTries
	r.mu.Unlock()
	s.event("GUILD_DELETE", `{"id":"2"}`)
	wait(t, "a notice", func() bool { return len(s.notices("leave team failed")) == 1 })
}

// TestGuildsLastWords: a removal that was told of is not lost when Run ends.
func TestGuildsLastWords(t *testing.T) {
	r := new(register)
	s := newStage(t, func(o *Options) { o.Members = r })
	s.event("GUILD_DELETE", `{"id":"1"}`)
	ctx, end := context.WithCancel(t.Context())
	end()
	_ = s.guilds.run(ctx)
	if got := r.read(); len(got) != 1 || got[0] != "left 1" {
		t.Errorf("got %q", got)
	}
}

// TestGuildsHoldNobodyUp: events are taken while somebody is being told.
func TestGuildsHoldNobodyUp(t *testing.T) {
	r := &register{held: make(chan struct{})}
	s, _ := r.told(t)
	for i := range 3000 {
		s.event("GUILD_CREATE", fmt.Sprintf(`{"id":"%d","owner_id":"7"}`, i+1))
	}
	s.hear(raw(t, s.does(command, typedCommand("rapport", ""))))
	s.nth(1)
	close(r.held)
	wait(t, "all are told", func() bool { return len(r.read()) == 3000 })
}
