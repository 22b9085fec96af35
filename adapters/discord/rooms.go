package discord

import (
	"context"

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

// room is the channel of somebody's direct messages, if it is known.
func (a *Adapter) room(ctx context.Context, who coach.Person) (id string, ok bool) {
	if id, ok = a.rooms.Get(who.User); ok || a.Rooms == nil {
		return id, ok
	}
	if id, ok = a.Rooms.Room(ctx, who); !ok || id == "" {
		return "", false
	}
	a.rooms.Put(who.User, id)
	return id, true
}

// keepRoom remembers the channel of somebody's direct messages; "" forgets it.
func (a *Adapter) keepRoom(ctx context.Context, who coach.Person, id string) {
	if id == "" {
		a.rooms.Forget(who.User)
	} else {
		a.rooms.Put(who.User, id)
	}
	if a.Rooms != nil {
		a.Rooms.Keep(context.WithoutCancel(ctx), who, id)
	}
}
