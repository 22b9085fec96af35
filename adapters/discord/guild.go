package discord

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"time"

	"rapport/coach"
)

const (
	tellTries = 4 // of what takes the database
	tellPause = 250 * time.Millisecond
)

// guilds tells of the servers that the app is in, and of those it was removed
// from, in the order in which Discord does, and without keeping the gateway
// waiting.
type guilds struct {
	*desk
	mu     sync.Mutex
	joined map[string]bool // told of in this run
	queue  []func(context.Context)
	bell   chan struct{} // holds one while there may be something in the queue
}

// ready takes which servers the app is in, as far as one session hears of them.
func (g *guilds) ready(raw []byte) {
	var said struct {
		Shard  [2]uint64 `json:"shard"` // which, of how many; missing where there is one
		Guilds []struct {
			ID string `json:"id"`
		} `json:"guilds"`
	}
	if json.Unmarshal(raw, &said) != nil {
		g.Notify(Notice{What: "unreadable", Err: errGuild})
		return
	}
	if g.Present == nil {
		return
	}
	teams := make([]coach.Team, 0, len(said.Guilds))
	for _, guild := range said.Guilds {
		teams = append(teams, coach.Team{Platform: platform, ID: guild.ID})
	}
	shard, shards := said.Shard[0], max(said.Shard[1], 1)
	ours := func(t coach.Team) bool {
		id, err := strconv.ParseUint(t.ID, 10, 64)
		return err == nil && t.Platform == platform && id>>22%shards == shard // https://discord.com/developers/docs/events/gateway#sharding
	}
	g.enqueue("present failed", func(ctx context.Context) error { return g.Present(ctx, teams, ours) })
}

// created takes a server: one that the app was in already, or was added to.
func (g *guilds) created(raw []byte) {
	var said struct {
		ID          string `json:"id"`
		Owner       string `json:"owner_id"`
		Unavailable bool   `json:"unavailable"`
		Channels    []struct {
			ID string `json:"id"`
		} `json:"channels"`
	}
	if json.Unmarshal(raw, &said) != nil || said.ID == "" {
		g.Notify(Notice{What: "unreadable", Err: errGuild})
		return
	}
	g.mu.Lock()
	known := g.joined[said.ID]
	if !said.Unavailable {
		g.joined[said.ID] = true
	}
	g.mu.Unlock()
	if known || said.Unavailable || g.Joined == nil {
		return
	}
	team, owner := coach.Team{Platform: platform, ID: said.ID}, coach.Person{Platform: platform, User: said.Owner}
	channels := make([]string, 0, len(said.Channels))
	for _, c := range said.Channels {
		channels = append(channels, c.ID)
	}
	g.enqueue("joined failed", func(ctx context.Context) error { return g.Joined(ctx, team, owner, channels) })
}

// deleted takes that the app was removed from a server. One that Discord itself
// has trouble with is called unavailable, and comes back.
func (g *guilds) deleted(raw []byte) {
	var said struct {
		ID          string `json:"id"`
		Unavailable bool   `json:"unavailable"`
	}
	if json.Unmarshal(raw, &said) != nil || said.ID == "" {
		g.Notify(Notice{What: "unreadable", Err: errGuild})
		return
	}
	if said.Unavailable {
		return
	}
	g.mu.Lock()
	delete(g.joined, said.ID)
	g.mu.Unlock()
	if g.Members == nil {
		return
	}
	team := coach.Team{Platform: platform, ID: said.ID}
	g.enqueue("leave team failed", func(ctx context.Context) error { return g.Members.LeaveTeam(ctx, team) })
}

// enqueue puts do into the queue. What fails is tried again: Discord does not say
// it twice.
func (g *guilds) enqueue(what string, do func(context.Context) error) {
	g.mu.Lock()
	g.queue = append(g.queue, func(ctx context.Context) {
		wait := tellPause
		for try := 1; ; try++ {
			err := do(ctx)
			if err == nil {
				return
			}
			if try == tellTries || !sleep(ctx, wait) {
				g.Notify(Notice{What: what, Err: err})
				return
			}
			wait *= 2
		}
	})
	g.mu.Unlock()
	select {
	case g.bell <- struct{}{}:
	default:
	}
}

// run does what is in the queue until ctx is done, and then, for a moment, what
// is left of it.
func (g *guilds) run(ctx context.Context) error {
	for ctx.Err() == nil {
		select {
		case <-g.bell:
			g.clear(g.work)
		case <-ctx.Done():
		}
	}
	last, cancel := context.WithTimeout(g.work, partTime)
	defer cancel()
	g.clear(last)
	return nil
}

// clear does what is in the queue.
func (g *guilds) clear(ctx context.Context) {
	for {
		g.mu.Lock()
		queue := g.queue
		g.queue = nil
		g.mu.Unlock()
		if len(queue) == 0 {
			return
		}
		for _, do := range queue {
			g.guarded(func() { do(ctx) })
		}
	}
}

var errGuild = errors.New("a server that cannot be read")
