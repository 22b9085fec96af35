package discordtest

import (
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"strconv"
	"time"
)

// epoch is the first millisecond of snowflakes: 2015 in UTC.
const epoch = 1420070400000

// A moment is when something happened by both clocks: the machine's and that of
// Setup.Now, which may stand still or jump.
type moment struct{ machine, shown time.Time }

// Advance makes Discord's clock run ahead by more: tokens and sessions age, and
// what comes from now on is stamped later.
func (d *Discord) Advance(more time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.skew += more
	d.stir()
}

// now is the time by Discord's clock. d.mu is held.
func (d *Discord) now() time.Time { return d.set.Now().Add(d.skew) }

// moment is this very moment. d.mu is held.
func (d *Discord) moment() moment {
	return moment{machine: time.Now().Add(d.skew), shown: d.now()}
}

// age is how long ago m was, by the clock that ran further. d.mu is held.
func (d *Discord) age(m moment) time.Duration {
	return max(time.Now().Add(d.skew).Sub(m.machine), d.now().Sub(m.shown))
}

// id is a new snowflake, never twice the same, of the clock that is ahead: where
// that of the test stands, what is made now is not old to an app that looks at
// the machine's. d.mu is held.
func (d *Discord) id() string {
	m := d.moment()
	d.last = max(d.last+1, uint64(max(m.machine.UnixMilli(), m.shown.UnixMilli())-epoch)<<22)
	return strconv.FormatUint(d.last, 10)
}

// fixed is a snowflake that is the same in every test: series tells what kind
// of thing it names.
func fixed(series int, name string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return strconv.FormatUint((uint64(series)*1e10+uint64(h.Sum32()))<<22, 10)
}

// Series of names.
const (
	seriesApp     = 14
	seriesUser    = 15
	seriesGuild   = 16
	seriesChannel = 17
	seriesDirect  = 18
	seriesRole    = 19
)

// stamped is a time as Discord writes it.
func stamped(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000+00:00") }

// madeAt is when a snowflake was made; the zero time where it is none.
func madeAt(id string) time.Time {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(int64(n>>22) + epoch)
}

func hexed(b []byte) string { return hex.EncodeToString(b) }

// counted says a number of things.
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
