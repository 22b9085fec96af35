package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// judgeDue demands that everything due arrived, once. What fell due at the end
// may be on its way.
func (k *soaking) judgeDue() {
	end := time.Now()
	missing := k.missing(end)
	for give := end.Add(patience); missing != nil && time.Now().Before(give); missing = k.missing(end) {
		time.Sleep(100 * time.Millisecond)
		k.sweep()
	}
	for _, place := range missing {
		k.Errorf("%s: nothing came, due at %s", place, k.due[place])
	}
	doubled := 0
	for place, n := range k.seen {
		if n > 1 {
			doubled += n - 1
			k.Errorf("%s: %d messages, want one", place, n)
		}
	}
	k.Logf("due messages that arrived: %d, missing %d, doubled %d", len(k.seen), len(missing), doubled)
	if len(k.seen) == 0 {
		k.Error("nothing fell due")
	}
}

// missing are the places where something was due before, and nothing came.
func (k *soaking) missing(before time.Time) (places []string) {
	for place, at := range k.due {
		if at.Before(before) && k.seen[place] == 0 {
			places = append(places, place)
		}
	}
	return places
}

// judgeEnd demands that nothing of the load is left in the program, that it said
// nothing of errors, and that it ends by itself.
func (k *soaking) judgeEnd(idle reading) {
	var left reading
	for end := time.Now().Add(2 * patience); ; time.Sleep(100 * time.Millisecond) {
		if left = k.read(); left.goroutines <= idle.goroutines || time.Now().After(end) {
			break
		}
	}
	k.Logf("goroutines: %.0f before the load, %.0f when it was over; open files: %.0f and %.0f", idle.goroutines, left.goroutines, idle.files, left.files)
	if left.goroutines > idle.goroutines {
		k.Errorf("%.0f goroutines are left, %.0f before", left.goroutines, idle.goroutines)
	}
	k.judgeCounters()
	began := time.Now()
	k.p.stop(k.T)
	took := time.Since(began)
	k.Logf("ended %s after SIGTERM", took.Round(time.Millisecond))
	if took > drainTime {
		k.Errorf("ended %s after SIGTERM, want %s", took, drainTime)
	}
	k.judgeLog()
	k.s.Demand()
	k.d.Demand()
}

// judgeLog demands that the program warned of nothing but connections that it
// was told to make anew, of messages that wait for their turn, and of forms that
// had to be sent once more as their answer crossed the end of a connection.
func (k *soaking) judgeLog() {
	expected, crossed := 0, k.crossed.again.Load()
	for line := range strings.Lines(k.p.out.String()) {
		switch {
		case strings.Contains(line, "what=reconnecting"), strings.Contains(line, "fate=ready"):
			expected++
		case strings.Contains(line, `what="answer lost"`) && crossed > 0:
			crossed--
			expected++
		case strings.Contains(line, "level=ERROR"), strings.Contains(line, "level=WARN"), strings.Contains(line, "panic"), strings.HasPrefix(line, "goroutine "):
			k.Errorf("the log says %s", line)
		}
	}
	k.Logf("warnings of what was to be: %d", expected)
}

// judgeCounters demands that by the program's own count nothing failed.
func (k *soaking) judgeCounters() {
	text := k.metrics()
	counted := regexp.MustCompile(`(?m)^rapport_(requests|deliveries)_total\{.*?(?:outcome|fate)="(\w+)".*\} (\d+)`).FindAllStringSubmatch(text, -1)
	sum := map[string]int{}
	for _, c := range counted {
		var n int
		fmt.Sscan(c[3], &n)
		sum[c[1]+" "+c[2]] += n
	}
	k.Logf("by its own count: %v", sum)
	for what, n := range sum {
		if !slices.Contains([]string{"requests ok", "requests form", "requests faults", "deliveries done", "deliveries ready"}, what) && n > 0 {
			k.Errorf("%d %s", n, what)
		}
	}
	if sum["requests ok"] == 0 {
		k.Error("it counted no requests")
	}
}
