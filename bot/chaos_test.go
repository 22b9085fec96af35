package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"
)

// TestChaos has one program serve Slack and Discord at once, with deliveries due
// and people typing commands at both, and kills it over and over: at moments
// that nobody chose and at every named step, amid troubles of the network, the
// database, the disk and the clock. At the end everybody saw each message at
// most once, none is lost but those that are counted as in doubt, and every
// command that was answered as done is kept, once.
//
// With -long there are 2,000 deliveries and 50 kills, without it some dozens
// and ten.
func TestChaos(t *testing.T) {
	if testing.Short() {
		t.Skip("kills the program over and over")
	}
	t.Parallel() // with others that wait for programs
	bin := buildProgram(t, "-tags", "crashpoints")
	if err := openUp(bin); err != nil {
		t.Fatal(err)
	}
	var all ordeals
	t.Run("run", func(t *testing.T) {
		for name, run := range map[string]func(*testing.T, string) *chaos{
			"kills and troubles":  killsAndTroubles,
			"clock jumps, spring": clockJumps(time.Date(2027, 3, 28, 1, 0, 0, 0, time.UTC)),
			"clock jumps, autumn": clockJumps(time.Date(2027, 10, 31, 1, 0, 0, 0, time.UTC)),
			"disk full":           diskFull,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				c := run(t, bin)
				all.add(c.judge(name)...)
			})
		}
		t.Run("migration", func(t *testing.T) { t.Parallel(); migrationKilled(t, bin) })
	})
	t.Logf("\n%s", &all)
}

// An ordeal is a line of the table: what became of a platform's messages and
// commands in one run.
type ordeal struct {
	run, platform                   string
	kills, due, seen, doubled       int
	doubt, lost                     int
	typed, answered, kept           int // commands: kept are those that are, answered or not
	commandsDoubled, commandsMissed int // kept or answered more than once; answered as done and not kept
}

// ordeals is the table that is printed.
type ordeals struct {
	mu   sync.Mutex
	rows []ordeal
}

func (all *ordeals) add(rows ...ordeal) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.rows = append(all.rows, rows...)
}

// String is the table.
func (all *ordeals) String() string {
	slices.SortFunc(all.rows, func(a, b ordeal) int { return strings.Compare(a.run+a.platform, b.run+b.platform) })
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RUN\tPLATFORM\tKILLS\tDELIVERIES\tSEEN\tDOUBLED\tIN DOUBT\tLOST\tCOMMANDS\tANSWERED\tKEPT\tDOUBLED\tLOST\t")
	for _, o := range all.rows {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n", o.run, o.platform, o.kills, o.due, o.seen, o.doubled, o.doubt, o.lost,
			o.typed, o.answered, o.kept, o.commandsDoubled, o.commandsMissed)
	}
	w.Flush()
	return out.String()
}

// killsAndTroubles is the run with the most kills: one life of the program after
// the other, each with a trouble and an end of its own.
func killsAndTroubles(t *testing.T, bin string) *chaos {
	kills, each := 10, 24
	if *long {
		kills, each = 50, 1000
	}
	c := newChaos(t, bin, t.TempDir(), each)
	c.seed(each / 2)
	c.begin()
	ends, troubles, met := c.ends(kills), troubles(), 0
	for i, end := range ends {
		left := len(ends) - i
		c.seed((each - c.seeded) / left)
		if planning(end) { // where there is no time for a trouble
			c.live(end, nil, 0)
			continue
		}
		c.live(end, &troubles[met%len(troubles)], c.unsettled()/(left+1))
		met++
	}
	c.drain()
	c.wantAnswers()
	return c
}

// ends are how so many lives end: at each named point of a delivery and of a
// check-in in turn, and else at any moment.
func (c *chaos) ends(n int) (ends []string) {
	c.Helper()
	points := append(crashPoints(c.T, "schedules"), "before-commit", "after-commit")
	for len(ends) < n {
		ends = append(ends, points...)
		ends = append(ends, "", "")
	}
	return ends[:n]
}

// planning reports whether a point is passed as soon as the program looks at
// what is due, and hardly later.
func planning(point string) bool { return point == "after-choose" || point == "after-advance" }

// live has the program live once, with a trouble or at once, and die: at a point,
// or at any moment where that is "".
func (c *chaos) live(end string, tr *chaosTrouble, posts int) {
	c.Helper()
	wish, marker := filepath.Join(c.dir, "wish"), filepath.Join(c.dir, "marker")
	writeFile(c.T, wish, "")
	os.Remove(marker)
	if tr == nil {
		writeFile(c.T, wish, end)
	} else {
		c.hold(2)
	}
	p := c.start("RAPPORT_CRASH_FILE="+wish, "RAPPORT_CRASH_MARKER="+marker)
	if tr != nil {
		c.awaitConnected(p)
		tr.happen(c, p)
		c.awaitSettled(p, posts)
		writeFile(c.T, wish, end)
		c.release()
	}
	if end == "" {
		time.Sleep(rand.N(50 * time.Millisecond)) // any moment will do
		p.signal(c.T, syscall.SIGKILL)
	}
	p.end(c.T)
	got, err := os.ReadFile(marker)
	if !p.killed() || string(got) != end {
		c.Fatalf("%v, marker %q, %v; want death by SIGKILL at %q, amid %v\n%s", p.ProcessState, got, err, end, tr, p.tail())
	}
	c.bury(p)
	c.calm()
}
