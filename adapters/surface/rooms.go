package surface

import "sync"

// maxRooms is how many conversations are remembered: enough for a large
// installation, and about a megabyte.
const maxRooms = 8192

// Rooms remembers which conversation is whose direct messages. The zero Rooms
// is empty. It is safe for concurrent use.
type Rooms struct {
	mu  sync.Mutex
	ids map[string]string // by user id
}

// Get returns the id of a user's conversation, if it is remembered.
func (r *Rooms) Get(user string) (id string, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	id, ok = r.ids[user]
	return id, ok
}

// Put remembers it, in the place of any other where there are too many: to open
// one again costs one call.
func (r *Rooms) Put(user, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ids == nil {
		r.ids = make(map[string]string)
	}
	if _, ok := r.ids[user]; !ok && len(r.ids) >= maxRooms {
		for other := range r.ids {
			delete(r.ids, other)
			break
		}
	}
	r.ids[user] = id
}

// Forget forgets it.
func (r *Rooms) Forget(user string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.ids, user)
}
