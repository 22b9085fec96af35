package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"runtime"

	"github.com/gorilla/websocket"

	"rapport/adapters/discord/peek"
)

// What a frame is about.
const (
	opDispatch  = 0
	opHeartbeat = 1
	opIdentify  = 2
	opResume    = 6
	opReconnect = 7
	opInvalid   = 9
	opHello     = 10
	opAck       = 11
)

const (
	maxFrame = 32 << 20 // bytes; a server with everything that a server may have is well below
	keepRoom = 1 << 20  // no more is kept for the next frame
)

// A frame is one message of the gateway.
type frame struct {
	Op   int             `json:"op"`
	Data json.RawMessage `json:"d"`
	Seq  *int64          `json:"s"`
	Type string          `json:"t"`
}

// Why a frame cannot be read, apart from what json says.
var (
	errLong   = errors.New("a frame is longer than any should be")
	errBinary = errors.New("a frame is not text")
)

// A reader reads frames, into the same room again and again.
type reader struct {
	conn  *websocket.Conn
	room  bytes.Buffer
	frame frame
}

// next waits for a frame, which is valid until the next. skip tells why one
// cannot be read; the ones after it can. err ends the connection.
func (r *reader) next() (f *frame, skip, err error) {
	kind, in, err := r.conn.NextReader()
	if err != nil {
		return nil, nil, err
	}
	if r.room.Cap() > keepRoom {
		r.room, r.frame = bytes.Buffer{}, frame{}
	}
	r.room.Reset()
	n, err := r.room.ReadFrom(io.LimitReader(in, maxFrame+1))
	switch {
	case err != nil:
		return nil, nil, err
	case n > maxFrame:
		return nil, errLong, nil // the next call skips what is left of it
	case kind != websocket.TextMessage:
		return nil, errBinary, nil
	}
	r.frame = frame{Op: -1}
	if r.frame.peek(r.room.Bytes()) {
		return &r.frame, nil, nil
	}
	r.frame = frame{Op: -1}
	if err := json.Unmarshal(r.room.Bytes(), &r.frame); err != nil {
		return nil, err, nil
	}
	return &r.frame, nil, nil
}

// peek takes the frame that raw is, of which Data is a part then. What Data
// holds is not looked into. It reports false where raw is written in an unusual
// way.
func (f *frame) peek(raw []byte) bool {
	return peek.Object(raw, func(key, value []byte) (ok bool) {
		switch string(key) {
		case "op":
			var n int64
			n, ok = peek.Number(value)
			f.Op = int(n)
		case "s":
			if peek.Null(value) {
				return true
			}
			var n int64
			n, ok = peek.Number(value)
			f.Seq = &n
		case "t":
			if peek.Null(value) {
				return true
			}
			f.Type, ok = peek.Text(value)
		case "d":
			f.Data, ok = value, true
		default:
			ok = true
		}
		return ok
	})
}

// What we say.
type (
	outgoing struct {
		Op   int `json:"op"`
		Data any `json:"d"`
	}
	identify struct {
		Token      string            `json:"token"`
		Intents    int               `json:"intents"`
		Shard      [2]int            `json:"shard"`
		Properties map[string]string `json:"properties"`
	}
	resume struct {
		Token   string `json:"token"`
		Session string `json:"session_id"`
		Seq     int64  `json:"seq"`
	}
)

// What we read besides events.
type (
	hello struct {
		Interval int64 `json:"heartbeat_interval"` // ms
	}
	ready struct {
		Session string `json:"session_id"`
		Address string `json:"resume_gateway_url"`
	}
)

func properties() map[string]string {
	return map[string]string{"os": runtime.GOOS, "browser": "rapport", "device": "rapport"}
}
