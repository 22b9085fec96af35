package discord

import (
	"context"
	"sync"

	"rapport/coach"
)

// Rooms remembers over a restart which channel is whose direct messages with
// the app, so that they need not be opened again, which Discord limits.
type Rooms interface {
	// Room returns the channel's id. Whoever cannot tell says that there is none.
	Room(ctx context.Context, who coach.Person) (id string, ok bool)
	// Keep remembers it; "" forgets it.
	Keep(ctx context.Context, who coach.Person, id string)
}

// maxRooms is how many channels are remembered here: enough for a large
// installation, and about a megabyte.
const maxRooms = 8192

// rooms is the part of that which is in memory. The zero rooms is empty.
type rooms struct {
	mu  sync.Mutex
	ids map[string]string // by user id
}

func (r *rooms) get(user string) (id string, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	id, ok = r.ids[user]
	return id, ok
}

func (r *rooms) put(user, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ids == nil {
		r.ids = make(map[string]string)
	}
	for other := range r.ids {
		if len(r.ids) < maxRooms {
			break
		}
		delete(r.ids, other) // any one
	}
	r.ids[user] = id
}

func (r *rooms) forget(user string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.ids, user)
}

// room is the channel of somebody's direct messages, if it is known.
func (a *Adapter) room(ctx context.Context, who coach.Person) (id string, ok bool) {
	if id, ok = a.rooms.get(who.User); ok || a.Rooms == nil {
		return id, ok
	}
	if id, ok = a.Rooms.Room(ctx, who); !ok || id == "" {
		return "", false
	}
	a.rooms.put(who.User, id)
	return id, true
}

// keepRoom remembers the channel of somebody's direct messages; "" forgets it.
func (a *Adapter) keepRoom(ctx context.Context, who coach.Person, id string) {
	if id == "" {
		a.rooms.forget(who.User)
	} else {
		a.rooms.put(who.User, id)
	}
	if a.Rooms != nil {
		a.Rooms.Keep(context.WithoutCancel(ctx), who, id)
	}
}
