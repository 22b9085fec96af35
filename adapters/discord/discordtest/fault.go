package discordtest

import (
	"net/http"
	"strings"
	"time"
)

// A Fault is what goes wrong with a call. Its parts may be combined.
type Fault struct {
	Status     int           // HTTP status instead of success; nothing is done
	Code       int           // Discord's code, such as 50001, with the status that belongs to it; nothing is done
	RetryAfter time.Duration // alone it means 429
	Scope      string        // of a 429: user (the default), global, shared
	Body       string        // sent instead of the answer; what was asked is done, unless Status or Code is set, too
	Delay      time.Duration // before anything is done
	Late       time.Duration // after it is done, before the answer
	Slow       time.Duration // between two bytes of the answer
	Drop       Drop
	Times      int // how many calls; 0 = 1, negative = until [Discord.Heal]
}

// A Drop is when a connection breaks.
type Drop int

// When a connection breaks.
const (
	Stays     Drop = iota
	Unread         // before the request is read: nothing is done
	Unreplied      // what was asked is done, and the reply is lost
)

// planned is a fault and whom it awaits.
type planned struct {
	method, pattern string
	fault           Fault
}

// Fail makes calls go wrong. pattern is a path below /api/v10, in which {this}
// and * stand for any one part, such as /channels/*/messages; "" is every path,
// as method "" is every method. The websocket of the Gateway is GET /gateway/link
// (Status, Delay, Drop). The oldest fault that fits is used.
func (d *Discord) Fail(method, pattern string, f Fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	d.faults = append(d.faults, planned{method, pattern, f})
}

// Heal ends all faults.
func (d *Discord) Heal() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = nil
}

// fault is what goes wrong with a request.
func (d *Discord) fault(on *route, r *http.Request) Fault {
	path := r.URL.Path
	for _, version := range []string{"/api/v10", "/api/v9"} {
		path = strings.TrimPrefix(path, version)
	}
	return d.faultOf(on.method, path)
}

func (d *Discord) faultOf(method, path string) Fault {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.faults {
		p := &d.faults[i]
		if p.fault.Times == 0 || p.method != "" && p.method != method || !fits(p.pattern, path) {
			continue
		}
		p.fault.Times--
		return p.fault
	}
	return Fault{}
}

// fits tells whether a path is of a pattern.
func fits(pattern, path string) bool {
	if pattern == "" || pattern == path {
		return true
	}
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i, w := range want {
		if w != got[i] && w != "*" && !(strings.HasPrefix(w, "{") && strings.HasSuffix(w, "}")) {
			return false
		}
	}
	return true
}

// refusal is what f answers in Discord's place; nil if it lets it act.
func (f Fault) refusal() *refusal {
	if f.Status == 0 && f.Code == 0 && f.RetryAfter == 0 {
		return nil
	}
	r := &refusal{status: f.Status, after: f.RetryAfter, scope: f.Scope, say: "You are being rate limited."}
	if f.Code != 0 {
		r = no(f.Code)
		r.after, r.scope = f.RetryAfter, f.Scope
		count(&f.Status, r.status)
		r.status = f.Status
	} else if f.Status != 0 && f.Status != http.StatusTooManyRequests {
		r.say = http.StatusText(f.Status)
	}
	if f.RetryAfter > 0 {
		count(&r.status, http.StatusTooManyRequests)
	}
	if r.status == http.StatusTooManyRequests {
		text(&r.scope, "user")
	}
	return r
}
