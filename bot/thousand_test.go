package main

import (
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"rapport/adapters/slack/slacktest"
	"rapport/coach"
)

// TestThousandAtOnce has 1,000 people of one workspace type a command at the
// same time, three times over. Each of them is answered in time, at the worst
// with a kind word that it was too much, unless this machine is too slow for a
// server that does nothing, or the race detector slows the double of Slack down
// (.ci/run runs this test without it as well); the memory of the program is bounded, and does
// not grow from one storm to the next.
func TestThousandAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a while")
	}
	const (
		people = 1000
		mostMB = 256 // resident at the most; idle it is a tenth
	)
	s := slacktest.New(t, slacktest.Setup{Users: crowd(people), Channels: rooms(), NoSchemas: true})
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "config.toml"), fmt.Sprintf("%s[slack]\napi_url = %q\nbot_token = %q\napp_token = %q\n", quietConfig, s.APIURL(), s.BotToken(), s.AppToken()))
	p := launch(t, buildProgram(t), dir, nil)
	if !s.WaitConns(2, patience) {
		t.Fatalf("not connected\n%s", p.out)
	}
	idle, _ := memory(t, p.Process.Pid)
	var most [3]int
	for storm := range most {
		began := time.Now()
		answers := make([]slacktest.Answer, people)
		var all sync.WaitGroup
		var bare time.Duration
		all.Go(func() { bare = bareWait(t, people) })
		for i := range people {
			all.Go(func() { answers[i] = s.Person(fmt.Sprint("Person ", i)).In("general").Command("/rapport step 3") })
		}
		all.Wait()
		took := time.Since(began)
		told := map[string]int{}
		for _, a := range answers {
			told[kindOfAnswer(a)]++
		}
		var now int
		now, most[storm] = memory(t, p.Process.Pid)
		t.Logf("storm %d: %d commands acknowledged within %s: %v; resident %d KiB, at most %d KiB, idle before %d KiB", storm+1, people, took.Round(time.Millisecond), told, now, most[storm], idle)
		switch late := told["nothing"]; {
		case late > 0 && (raced() || bare > 3*coach.AckWait): // Slack waits for 3 s, and its double has to live on this machine as well
			t.Logf("storm %d: %d people were told nothing in time; with the race detector: %v; a bare server that waits for %s took %s: this says nothing of the program", storm+1, late, raced(), coach.AckWait, bare)
		case late > 0:
			t.Errorf("storm %d: %d people were told nothing in time; a bare server took %s", storm+1, late, bare)
		}
	}
	if runtime.GOOS == "linux" && (most[0] == 0 || most[2] > mostMB<<10) {
		t.Errorf("at most %d KiB were resident, want %d", most[2], mostMB<<10)
	}
	if most[2] > most[0]+64<<10 {
		t.Errorf("it grows from storm to storm: %v KiB", most)
	}
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if <-p.done; p.err != nil {
		t.Errorf("it ended with %v\n%s", p.err, p.out)
	}
}

// kindOfAnswer is what somebody was told at first.
func kindOfAnswer(a slacktest.Answer) string {
	switch {
	case a.Error != "":
		return "nothing"
	case a.Shown == nil:
		return "acknowledged"
	case strings.Contains(a.Shown.Plain(), coach.OneMoment().Message.Fallback()):
		return "one moment"
	case strings.Contains(a.Shown.Plain(), "common ground"):
		return "the answer"
	}
	return "too much at once"
}

// raced reports whether this test runs with the race detector.
func raced() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}
