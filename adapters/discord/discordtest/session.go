package discordtest

import (
	"encoding/json"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A session is what a connection may resume.
type session struct {
	id     string
	shard  [2]int
	seq    int
	events []dispatched // for those who resume: all since READY but the first
	lost   int          // of those, how many are forgotten
	conn   *Conn        // nil while it is away
	left   moment       // when the connection ended
}

// dispatched is one event of a session.
type dispatched struct {
	frame map[string]any
	at    moment
}

// take does what a frame asks, and returns the code to close with; 0 = none.
// d.mu is held.
func (c *Conn) take(f frame) int {
	switch f.Op {
	case opHeartbeat:
		return c.beat(f.D)
	case opIdentify:
		if c.session != nil {
			return 4005
		}
		return c.identify(f.D)
	case opResume:
		if c.session != nil {
			return 4005
		}
		return c.resume(f.D)
	case 3, 4, 8, 31, 43:
		c.d.violate("gateway", sprint("sends opcode %d, which this app should not need", f.Op))
		if c.session == nil {
			return 4003
		}
		return 0
	}
	c.d.violate("gateway", sprint("sends the unknown opcode %d", f.Op))
	return 4001
}

// beat takes a heartbeat. d.mu is held.
func (c *Conn) beat(raw json.RawMessage) int {
	d := c.d
	seq := -1
	var n *int
	if err := json.Unmarshal(raw, &n); err != nil {
		d.violate("gateway", "a heartbeat holds no number")
		return 4002
	}
	if n != nil {
		seq = *n
	}
	if c.session != nil && seq > c.session.seq {
		d.violate("gateway", sprint("a heartbeat of sequence %d, latest is %d", seq, c.session.seq))
	}
	c.lastBeat = d.moment()
	d.wire.heartbeats = append(d.wire.heartbeats, Heartbeat{Conn: c.Number, Seq: seq, At: time.Now(), Age: time.Since(c.at)})
	c.later(map[string]any{"op": opAck, "d": nil, "t": nil, "s": nil})
	return 0
}

// later writes while d.mu is held.
func (c *Conn) later(v any) {
	if c.quiet || c.ended {
		return
	}
	raw, err := json.Marshal(v)
	if err != nil {
		c.d.t.Errorf("discordtest: %v", err)
		return
	}
	c.put(1, raw)
}

// Intents.
const (
	intentGuilds = 1
	privileged   = 1<<1 | 1<<8 | 1<<15
	known        = 1<<0 | 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5 | 1<<6 | 1<<7 | 1<<8 | 1<<9 | 1<<10 | 1<<11 | 1<<12 | 1<<13 | 1<<14 | 1<<15 | 1<<16 | 1<<20 | 1<<21 | 1<<24 | 1<<25
)

// identify starts a session. d.mu is held.
func (c *Conn) identify(raw json.RawMessage) int {
	d := c.d
	var in struct {
		Token      string         `json:"token"`
		Intents    *int           `json:"intents"`
		Shard      []int          `json:"shard"`
		Properties map[string]any `json:"properties"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		d.violate("gateway", "IDENTIFY cannot be read")
		return 4002
	}
	one := Identify{Conn: c.Number, Shard: [2]int{0, 1}, At: time.Now(), Refused: true, at: d.moment()}
	defer func() { d.wire.identifies = append(d.wire.identifies, one) }()
	if len(in.Shard) == 2 {
		one.Shard = [2]int{in.Shard[0], in.Shard[1]}
	}
	if in.Intents != nil {
		one.Intents = *in.Intents
	}
	if c.Resumes && !c.tried {
		d.violate("gateway", "IDENTIFY at the address that is for resuming")
	}
	if code := d.refuseIdentify(in.Token, one, in.Intents == nil, in.Properties); code != 0 {
		return code
	}
	if d.crowded(one) {
		c.tried = true
		c.later(map[string]any{"op": opInvalid, "d": false, "t": nil, "s": nil})
		return 0
	}
	one.Refused = false
	c.begin(one.Shard)
	return 0
}

// refuseIdentify returns the code to close with; 0 = none. d.mu is held.
func (d *Discord) refuseIdentify(token string, one Identify, bare bool, properties map[string]any) int {
	for _, key := range []string{"os", "browser", "device"} {
		if _, ok := properties[key].(string); !ok {
			d.violate("gateway", "IDENTIFY lacks the property "+key)
		}
	}
	shards := one.Shard[1]
	if left, _ := d.identifiesLeft(); left == 0 {
		d.revoked = true
		d.violate("gateway", sprint("more than %d IDENTIFYs in a day: the token is reset", d.set.Identifies))
	}
	switch {
	case strings.TrimPrefix(token, "Bot ") != d.set.Token || d.revoked:
		return 4004
	case one.Shard[0] < 0 || shards < 1 || one.Shard[0] >= shards:
		return 4010
	case d.set.MustShard && shards < d.set.Shards:
		return 4011
	case bare, bits.Len(uint(one.Intents&^known)) > 0:
		return 4013
	case one.Intents&privileged != 0:
		return 4014
	case one.Intents != intentGuilds:
		d.violate("gateway", sprint("intents %d; this app needs %d alone", one.Intents, intentGuilds))
	}
	return 0
}

// identifiesLeft is how many IDENTIFYs are left today, and when there are more.
// d.mu is held.
func (d *Discord) identifiesLeft() (int, time.Duration) {
	n, resets := 0, 24*time.Hour
	for _, one := range d.wire.identifies {
		if age := d.age(one.at); age < 24*time.Hour {
			n++
			resets = min(resets, 24*time.Hour-age)
		}
	}
	return max(0, d.set.Identifies-n), resets
}

// crowded tells whether another shard of the same bucket started within the last
// 5 s. d.mu is held.
func (d *Discord) crowded(one Identify) bool {
	key := one.Shard[0] % d.set.MaxConcurrency
	for _, other := range slices.Backward(d.wire.identifies) {
		if other.Refused || other.Shard[0]%d.set.MaxConcurrency != key {
			continue
		}
		if age := d.age(other.at); age < d.set.IdentifyEvery {
			d.violate("gateway", sprint("IDENTIFY %v after the one before, want %v", age.Round(time.Millisecond), d.set.IdentifyEvery))
			return true
		}
		return false
	}
	return false
}

// begin makes a session and tells of it. d.mu is held.
func (c *Conn) begin(shard [2]int) {
	d := c.d
	s := &session{id: hexed(randomBytes(16)), shard: shard, conn: c}
	d.sessions[s.id] = s
	c.session = s
	guilds := []any{}
	for i := range d.set.Guilds {
		if g := &d.set.Guilds[i]; !g.Without && shardOf(g.ID, shard[1]) == shard[0] {
			guilds = append(guilds, map[string]any{"id": g.ID, "unavailable": true})
		}
	}
	d.event(s, "READY", map[string]any{
		"v": 10, "user": d.botJSON(), "guilds": guilds, "session_id": s.id, "session_type": "normal", "resume_gateway_url": d.ResumeURL(),
		"shard": []int{shard[0], shard[1]}, "application": map[string]any{"id": App, "flags": 0}, "private_channels": []any{},
		"relationships": []any{}, "presences": []any{}, "guild_join_requests": []any{}, "user_settings": map[string]any{}, "_trace": []string{"discordtest"},
	})
	for i := range d.set.Guilds {
		if g := &d.set.Guilds[i]; !g.Without && !g.Down && shardOf(g.ID, shard[1]) == shard[0] {
			d.event(s, "GUILD_CREATE", d.guildJSON(g))
		}
	}
	c.hush()
}

// hush makes the connection silent where the test wants it. d.mu is held.
func (c *Conn) hush() {
	if c.d.silent > 0 {
		c.d.silent--
		c.quiet = true
	}
}

// event tells a session of something; while it is away, it is kept for when it
// is resumed. d.mu is held.
func (d *Discord) event(s *session, name string, data any) {
	s.seq++
	e := map[string]any{"op": opDispatch, "t": name, "s": s.seq, "d": data}
	s.events = append(s.events, dispatched{e, d.moment()})
	if s.conn != nil {
		s.conn.later(e)
	}
}

// resume lets a session go on. d.mu is held.
func (c *Conn) resume(raw json.RawMessage) int {
	d := c.d
	var in struct {
		Token   string `json:"token"`
		Session string `json:"session_id"`
		Seq     int    `json:"seq"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		d.violate("gateway", "RESUME cannot be read")
		return 4002
	}
	one := Resume{Conn: c.Number, Seq: in.Seq, At: time.Now()}
	defer func() { d.wire.resumes = append(d.wire.resumes, one) }()
	c.tried = true
	if !c.Resumes {
		d.violate("gateway", "RESUME at the address for new sessions; READY told another")
	}
	if strings.TrimPrefix(in.Token, "Bot ") != d.set.Token || d.revoked {
		return 4004
	}
	s := d.sessions[in.Session]
	if s == nil || s.conn == nil && d.age(s.left) > d.set.SessionLife || in.Seq < s.lost {
		delete(d.sessions, in.Session)
		c.later(map[string]any{"op": opInvalid, "d": false, "t": nil, "s": nil})
		return 0
	}
	if in.Seq > s.seq {
		d.violate("gateway", sprint("RESUME of sequence %d, latest is %d", in.Seq, s.seq))
		return 4007
	}
	if old := s.conn; old != nil {
		old.session = nil
		d.tasks.Go(func() { old.Close(4000) })
	}
	s.conn, c.session = c, s
	for _, e := range s.events[in.Seq-s.lost:] {
		c.later(e.frame)
		one.Missed++
	}
	one.Worked = true
	d.event(s, "RESUMED", map[string]any{"_trace": []string{"discordtest"}})
	c.hush()
	return 0
}

// shardOf is the shard of a server, of so many; direct messages have the first.
func shardOf(guild string, shards int) int {
	n, err := strconv.ParseUint(guild, 10, 64)
	if err != nil || shards < 1 {
		return 0
	}
	return int((n >> 22) % uint64(shards))
}

// dispatch tells the sessions of a server of something: those of the shard that
// it belongs to. d.mu is held.
func (d *Discord) dispatch(guild, name string, data any) {
	for _, s := range d.sessions {
		if s.conn == nil && d.age(s.left) > d.set.SessionLife {
			delete(d.sessions, s.id)
			continue
		}
		if shardOf(guild, s.shard[1]) == s.shard[0] {
			d.event(s, name, data)
		}
	}
}
