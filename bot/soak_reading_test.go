package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// A reading is what the process holds at a time.
type reading struct {
	after               time.Duration
	resident, anonymous float64 // MB, as the system says
	heap                float64 // MB, as Go says
	goroutines, files   float64
	database            float64 // MB, with its log
	gestures            int     // so far
}

// read reads what the process holds now.
func (k *soaking) read() reading {
	k.Helper()
	r := reading{resident: k.status("VmRSS:") / 1024, anonymous: k.status("RssAnon:") / 1024}
	if !k.began.IsZero() {
		r.after = time.Since(k.began)
	}
	text := k.metrics()
	r.heap, r.goroutines = metric(text, "go_memstats_heap_alloc_bytes")/(1<<20), metric(text, "go_goroutines")
	if open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", k.p.Process.Pid)); err == nil {
		r.files = float64(len(open))
	}
	for _, name := range []string{"rapport.db", "rapport.db-wal"} {
		if info, err := os.Stat(filepath.Join(k.y.dir, name)); err == nil {
			r.database += float64(info.Size()) / (1 << 20)
		}
	}
	for _, l := range k.on {
		l.mu.Lock()
		r.gestures += l.asked
		l.mu.Unlock()
	}
	return r
}

// status is a line of what the system says of the process, in KiB; 0 once it has
// ended.
func (k *soaking) status(name string) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", k.p.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == name {
			n, _ := strconv.ParseFloat(fields[1], 64)
			return n
		}
	}
	return 0
}

// metrics are what the program says of itself; "" if it does not answer. No
// connection is left that would count as one of its goroutines.
func (k *soaking) metrics() string {
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get("http://" + k.monitor + "/metrics")
	if err != nil {
		k.fault("metrics: " + err.Error())
		return ""
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		k.fault("metrics: " + err.Error())
	}
	return string(body)
}

// metric is a value without labels.
func metric(text, name string) float64 {
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			n, _ := strconv.ParseFloat(strings.TrimSpace(value), 64)
			return n
		}
	}
	return 0
}

// readings are what was read of the process, in order.
type readings []reading

// String is a table of every fifth of them, and the last.
func (r readings) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "after\tVmRSS MB\tRssAnon MB\theap MB\tgoroutines\topen files\tdatabase MB\tgestures\t")
	for i, one := range r {
		if (i+1)%5 == 0 || i == len(r)-1 {
			fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%.1f\t%.0f\t%.0f\t%.1f\t%d\t\n", one.after.Round(time.Second), one.resident, one.anonymous, one.heap, one.goroutines, one.files, one.database, one.gestures)
		}
	}
	w.Flush()
	return b.String()
}

// A bound is something that may not grow by more than a tenth, and a little.
type bound struct {
	name   string
	of     func(reading) float64
	little float64
}

func bounds() []bound {
	return []bound{
		{"VmRSS, MB", func(r reading) float64 { return r.resident }, 4},
		{"RssAnon, MB", func(r reading) float64 { return r.anonymous }, 4},
		{"heap, MB", func(r reading) float64 { return r.heap }, 2},
		{"goroutines", func(r reading) float64 { return r.goroutines }, 16},
		{"open files", func(r reading) float64 { return r.files }, 8},
	}
}

// growth are the bounds that grew from the second sixth of all readings to
// the last, by their medians, with what became of each.
func (r readings) growth() (all []string, grown []string) {
	n := len(r) / 6
	for _, m := range bounds() {
		before, after := r[n:2*n].median(m.of), r[len(r)-n:].median(m.of)
		said := fmt.Sprintf("%s: median of the second sixth %.1f, of the last %.1f, limit %.1f", m.name, before, after, before*1.1+m.little)
		all = append(all, said)
		if before == 0 || after > before*1.1+m.little {
			grown = append(grown, said)
		}
	}
	return all, grown
}

func (r readings) median(of func(reading) float64) float64 {
	var list []float64
	for _, one := range r {
		list = append(list, of(one))
	}
	slices.Sort(list)
	return list[len(list)/2]
}

// judgeReadings demands that nothing grew.
func (k *soaking) judgeReadings() {
	k.Logf("\n%s", k.table)
	if len(k.table) < soakReadings/2 {
		k.Fatalf("%d readings, want about %d", len(k.table), soakReadings)
	}
	all, grown := k.table.growth()
	k.Log(strings.Join(all, "\n"))
	for _, what := range grown {
		k.Error("it grew: " + what)
	}
}

// TestSoakGrowth holds what TestSoakHour calls growth against readings that
// stay, that swing and that grow.
func TestSoakGrowth(t *testing.T) {
	for name, test := range map[string]struct {
		at   func(i int) float64
		want int
	}{
		"stays":   {func(int) float64 { return 100 }, 0},
		"swings":  {func(i int) float64 { return 100 + 40*float64(i%2) }, 0},
		"settles": {func(i int) float64 { return 200 - 100/float64(i+1) }, 0},
		"grows":   {func(i int) float64 { return 100 + float64(i) }, len(bounds())},
		"lacks":   {func(int) float64 { return 0 }, len(bounds())}, // nothing was read
	} {
		var r readings
		for i := range soakReadings {
			n := test.at(i)
			r = append(r, reading{resident: n, anonymous: n, heap: n, goroutines: n, files: n})
		}
		if _, grown := r.growth(); len(grown) != test.want {
			t.Errorf("%s: %q, want %d", name, grown, test.want)
		}
	}
}
