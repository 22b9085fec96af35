//go:build crashpoints

package schedules_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapport/adapters/sqlite"
	"rapport/coach"
	"rapport/coach/coachtest"
	"rapport/schedules"
)

// Run it with: go test -tags crashpoints -run Crash ./schedules

const channels = 12 // each with one post that is due

// A log is a receiver that outlives the sender: a file with a line for each
// message it showed.
type log struct {
	path  string
	knows bool // keys, so that it shows nothing twice
}

func (l log) Send(_ context.Context, _ coach.Address, key string, _ coach.Message) (string, error) {
	shown, err := os.ReadFile(l.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if l.knows && strings.Contains(string(shown), key+"\n") {
		return key, nil
	}
	f, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	defer f.Close()
	_, err = f.WriteString(key + "\n")
	return key, err
}

func openIn(t *testing.T, dir string, now string) *sqlite.DB {
	t.Helper()
	return open(t, filepath.Join(dir, "rapport.db"), new(coachtest.MemKeys), func() time.Time { return at(now) })
}

// TestCrashChild is the process that is killed.
func TestCrashChild(t *testing.T) {
	dir := os.Getenv("SCHEDULES_DIR")
	if dir == "" {
		t.Skip("runs as a child of TestCrash")
	}
	const now = "2026-05-18T09:00:30Z"
	db := openIn(t, dir, now)
	defer db.Close()
	r := wire(db, voice{})
	resend := os.Getenv("SCHEDULES_RESEND") != ""
	r.hand.Set(at(now))
	r.run.Courier.Owner = fmt.Sprint("process ", os.Getpid())
	r.run.Courier.Lanes = 1 // one at a time, so that there is something left for the next crash
	r.run.Courier.Lease = 2 * time.Second
	r.run.Courier.Pace = map[coach.Platform]schedules.Pace{"p": {Doubt: schedules.Doubt{Resend: resend}}}
	r.run.Courier.Senders = map[coach.Platform]schedules.Sender{"p": log{filepath.Join(dir, "log"), resend}}
	r.run.Every = 50 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	if err := r.run.Run(ctx); err != nil {
		t.Error(err)
	}
	for _, err := range r.errs {
		t.Error(err)
	}
}

// child runs TestCrashChild in another process and reports whether it reached
// the crash point.
func child(t *testing.T, dir, point string, resend bool) (hit bool) {
	t.Helper()
	marker := filepath.Join(dir, "marker")
	os.Remove(marker)
	c := exec.Command(os.Args[0], "-test.run=^TestCrashChild$")
	c.Env = append(os.Environ(), "SCHEDULES_DIR="+dir, "RAPPORT_CRASH="+point, "RAPPORT_CRASH_MARKER="+marker)
	if resend {
		c.Env = append(c.Env, "SCHEDULES_RESEND=yes")
	}
	out, err := c.CombinedOutput()
	got, _ := os.ReadFile(marker)
	hit = string(got) == point && point != ""
	if hit != (err != nil) || hit && !strings.Contains(err.Error(), "killed") {
		t.Fatalf("marker %q, error %v:\n%s", got, err, out)
	}
	return hit
}

// However often a process is killed, no post is shown twice, and only posts
// that are counted as in doubt are not shown.
func TestCrash(t *testing.T) {
	for _, point := range []string{"after-choose", "after-advance", "after-claim", "after-start", "before-settle", "after-settle"} {
		for _, resend := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s resend %t", point, resend), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				seed(t, dir)
				hits := 0
				for range 3 {
					if child(t, dir, point, resend) {
						hits++
					}
				}
				want := 3
				if point == "after-advance" {
					want = 1 // all of them are planned at once
				}
				if hits != want {
					t.Fatalf("the point was reached %d times, want %d", hits, want)
				}
				child(t, dir, "", resend)
				judge(t, dir, hits, resend, point == "after-start" || point == "before-settle")
			})
		}
	}
}

// seed plans one post for each channel.
func seed(t *testing.T, dir string) {
	t.Helper()
	db := openIn(t, dir, "2026-05-18T08:00:00Z")
	defer db.Close()
	c := coach.Change{Team: demo, TeamPlan: &coach.TeamSettings{Channel: "0", Spec: "0 9 * * 1", Zone: "UTC", WeekStart: time.Monday}}
	for i := range channels {
		c.Wishes = append(c.Wishes, coach.Wish{Kind: weekly, Subject: fmt.Sprint(i), To: coach.ChannelOf(demo, fmt.Sprint(i)), Spec: "0 9 * * 1", Zone: "UTC"})
	}
	if _, err := db.Apply(t.Context(), "r1", person("owner"), c); err != nil {
		t.Fatal(err)
	}
}

// judge reads the receiver's log.
func judge(t *testing.T, dir string, hits int, resend, doubtful bool) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	shown := make(map[string]int)
	for line := range strings.Lines(string(text)) {
		if shown[line]++; shown[line] > 1 {
			t.Errorf("shown twice: %s", line)
		}
	}
	db := openIn(t, dir, "2026-05-18T09:10:00Z")
	defer db.Close()
	h, err := db.TeamHealth(t.Context(), demo)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case resend && (len(shown) != channels || h.InDoubt != 0):
		t.Errorf("%d of %d shown, %d in doubt; want all and none", len(shown), channels, h.InDoubt)
	case channels-len(shown) > h.InDoubt:
		t.Errorf("%d of %d shown, %d in doubt: some are lost", len(shown), channels, h.InDoubt)
	case !doubtful && h.InDoubt > hits*2 || h.InDoubt > hits*channels:
		t.Errorf("%d in doubt after %d crashes", h.InDoubt, hits)
	}
}
