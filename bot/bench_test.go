package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"rapport/adapters/sqlite"
	"rapport/coach"
	"rapport/schedules"
)

// BenchmarkSlashCommand compares a check-in by signed slash command, through
// the whole program to the durable row and back, with a bare net/http handler
// that only checks the signature and writes fixed bytes. Both are asked over
// loopback by a load of 64 at a time in a process of its own, in short windows
// that alternate, so that what else the machine does hits both. A window of the
// program ends when its database has nothing left to do; what is compared is the
// time of all windows, as some of them file what came in those before. Target:
// x-bare >= 0.5.
//
// Each window is a week of the coach clock in which each of benchPeople types
// `/rapport done well` once, so that every command writes: request, event,
// weeks, flow. The load is also the Slack that the program may call: a call
// within a window, before or after an answer, fails the benchmark.
func BenchmarkSlashCommand(b *testing.B) {
	if os.Getenv(loadVar) != "" {
		runLoad()
		os.Exit(0)
	}
	const pairs = 24
	s := newSlashBench(b)
	s.window(s.full) // first sight of everybody: Slack is asked about each
	s.window(s.bare)
	for b.Loop() {
		s.compare(b, pairs)
	}
	b.ReportMetric(0, "ns/op")
}

// compare reports how both do in pairs of windows.
func (s *slashBench) compare(b *testing.B, pairs int) {
	var p99 []float64
	var busy, took [2]time.Duration // of this process, and by the clock: full, bare
	for range pairs {
		turn := time.After(benchPace)
		for i, address := range []string{s.full, s.bare} {
			began, cpu := time.Now(), cpuTime()
			m := s.quietWindow(address)
			if address == s.full {
				p99 = append(p99, m.P99)
				if err := s.store.Ping(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			took[i] += time.Since(began)
			busy[i] += cpuTime() - cpu
		}
		<-turn
	}
	all := float64(pairs * benchPeople)
	b.ReportMetric(took[1].Seconds()/took[0].Seconds(), "x-bare")
	b.ReportMetric(all/took[0].Seconds(), "commands/s")
	b.ReportMetric(median(p99), "p99-ms")
	b.ReportMetric(busy[0].Seconds()*1e6/all, "cpu-us/command")
	b.ReportMetric(busy[1].Seconds()*1e6/all, "cpu-us/bare")
}

const (
	benchPeople = 1000
	benchFlight = 64
	benchPace   = 300 * time.Millisecond // a pair at least, as each person may ask 20 times and once more a second
	benchSecret = "8f742231b10e8888abcd99yyyzzz85a5"
	benchTeam   = "T0001"
	loadVar     = "RAPPORT_BENCH_LOAD" // set in the process of the load alone
)

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkMemory is what the program takes, built as docs/operations.md says,
// while 64 commands are in flight, each a first check-in of somebody new.
// Target: peak-MB <= 30.
//
// They are all of one team, as the program has one Slack, and a team may ask
// only teamBurst times at once. Behind those each window waits until the team has
// turns for all of it: a command that is limited writes nothing, and would cost
// less than what is measured. The load within a window stays the same, and the
// peak is of all windows.
//
//   - idle-MB: all that is resident (RSS) before the first command.
//   - peak-MB: the most that ever was (VmHWM).
//   - anon-MB: behind the last command, what is the process's own and can only
//     be had by ending it: Go's heap and stacks, SQLite's caches.
//   - file-MB: at the same time, pages of the program's file. The system shares
//     them among processes and takes them back whenever it is short of memory.
func BenchmarkMemory(b *testing.B) {
	s := &slashBench{TB: b}
	dir := b.TempDir()
	bin := filepath.Join(dir, "rapport")
	built := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", bin, ".")
	built.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := built.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") // a port that is free
	if err != nil {
		b.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	config := fmt.Sprintf("[slack]\nbot_token = %q\nsigning_secret = %q\nlisten = %q\napi_url = %q\n[monitor]\nlisten = \"\"\n",
		"xoxb-1-1-x", benchSecret, address, s.startLoad())
	if err := os.WriteFile(filepath.Join(dir, "config.toml"), []byte(config), 0o600); err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(bin)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { cmd.Process.Signal(os.Interrupt); cmd.Wait() })
	awaitListener(b, address)
	time.Sleep(time.Second) // by then what only the start needed is given back
	asked := 0
	for b.Loop() {
		b.ReportMetric(memoryMB(b, cmd.Process.Pid, "VmRSS"), "idle-MB")
		for week := range 8 {
			if asked += benchPeople; asked > teamBurst {
				time.Sleep(benchPeople * teamEvery)
			}
			s.ask("http://"+address+"/slack", week, asked)
		}
		b.ReportMetric(memoryMB(b, cmd.Process.Pid, "VmHWM"), "peak-MB")
		b.ReportMetric(memoryMB(b, cmd.Process.Pid, "RssAnon"), "anon-MB")
		b.ReportMetric(memoryMB(b, cmd.Process.Pid, "RssFile"), "file-MB")
	}
	b.ReportMetric(0, "ns/op")
}

func awaitListener(b *testing.B, address string) {
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return
		}
		if time.Since(began) > 10*time.Second {
			b.Fatal("the program does not listen")
		}
	}
}

// memoryMB is a line on memory that the system tells of a process.
func memoryMB(b *testing.B, pid int, what string) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if os.IsNotExist(err) {
		b.Skip("the system does not tell")
	}
	_, rest, ok := strings.Cut(string(status), what+":")
	if err != nil || !ok {
		b.Fatalf("no %s of %d: %v", what, pid, err)
	}
	kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return kb / 1024
}

// A slashBench is the program, a bare handler beside it, and the load.
type slashBench struct {
	testing.TB
	hand       *clock
	store      *sqlite.DB
	load       io.Writer
	said       *bufio.Scanner
	weeks      int
	api        string // of the Discords that the load is
	full, bare string // addresses
}

func newSlashBench(b *testing.B) *slashBench {
	s := newBench(b)
	api := s.startLoad()
	h := s.house(func(cfg *Config) {
		cfg.Slack.APIURL, cfg.Slack.Listen = api, "127.0.0.1:0"
		cfg.Slack.BotToken, cfg.Slack.SigningSecret = newSecret("xoxb-1-1-x", "benchmark"), newSecret(benchSecret, "benchmark")
	})
	a, err := slackAdapter(h.cfg.Slack, h)
	if err != nil {
		b.Fatal(err)
	}
	s.serve(h, a, slackPace(h.cfg.Slack))
	s.full = "http://" + a.Listener.Addr().String() + "/slack"
	s.bare = bareServer(b)
	return s
}

// newBench is a bench on a Wednesday: no doubt which week is meant.
func newBench(t testing.TB) *slashBench {
	return &slashBench{TB: t, hand: standingClock(time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC))}
}

// house builds the program as configured.
func (s *slashBench) house(configure func(*Config)) *house {
	env := Env{Dir: s.TempDir(), Getenv: func(string) string { return "" }, Stdout: io.Discard, Stderr: s.Output()}
	cfg, err := LoadConfig(env, "")
	if err != nil {
		s.Fatal(err)
	}
	configure(cfg)
	st, err := openStore(s.Context(), env, cfg, filepath.Join(env.Dir, "bench.db"), s.hand.Now)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { st.Close() })
	h, err := build(env, cfg, st, s.hand.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		s.Fatal(err)
	}
	l := limited(h.coach).(*limiting)
	l.teams = newTurns[coach.Team](time.Nanosecond, 1<<30, maxTeams) // all of them are of one team
	h.handler = logged(measured(l, h.metrics), slog.New(slog.DiscardHandler))
	s.store = st.db
	return h
}

// serve runs the program until the end of the benchmark.
func (s *slashBench) serve(h *house, a Adapter, pace schedules.Pace) {
	h.join(a, pace)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- h.serve(ctx, a) }()
	s.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			s.Error(err)
		}
	})
}

func bareServer(b *testing.B) (address string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(bareSlash)}
	go server.Serve(l)
	b.Cleanup(func() { server.Close() })
	return "http://" + l.Addr().String()
}

// startLoad starts this test binary again as the load, and returns the address
// of the Slack that it is.
func (s *slashBench) startLoad() (api string) {
	self, err := os.Executable()
	if err != nil {
		s.Fatal(err)
	}
	cmd := exec.CommandContext(context.Background(), self, "-test.run=^$", "-test.bench=^BenchmarkSlashCommand$", "-test.benchtime=1x") // which is the load there
	cmd.Env = append(os.Environ(), loadVar+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		s.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { in.Close(); cmd.Wait() })
	s.load, s.said = in, bufio.NewScanner(out)
	return s.hear("api ")
}

// hear returns what the load says next behind a word.
func (s *slashBench) hear(word string) string {
	for s.said.Scan() {
		if line, ok := strings.CutPrefix(s.said.Text(), word); ok {
			return line
		}
	}
	s.Fatal("the load has ended")
	return ""
}

// A measure is what the load saw in a window.
type measure struct {
	PerSecond, P99 float64 // p99 in ms
	Calls          int64   // that the program made to Slack
	Fault          string
}

// window lets everybody check in once in a new week.
func (s *slashBench) window(address string) measure {
	if address == s.full {
		s.weeks++
		s.hand.set(s.hand.Now().AddDate(0, 0, 7))
	}
	return s.ask(address, s.weeks, 0)
}

// ask lets benchPeople check in, from the first one on.
func (s *slashBench) ask(address string, week, first int) measure {
	if _, err := fmt.Fprintln(s.load, address, week, first); err != nil {
		s.Fatal(err)
	}
	var m measure
	if err := json.Unmarshal([]byte(s.hear("measure ")), &m); err != nil || m.Fault != "" {
		s.Fatal(err, m.Fault)
	}
	return m
}

// quietWindow is window for people whom Slack was asked about before.
func (s *slashBench) quietWindow(address string) measure {
	m := s.window(address)
	if m.Calls != 0 {
		s.Fatalf("%d calls to Slack for %d commands, want none", m.Calls, benchPeople)
	}
	return m
}

// runLoad asks for windows as stdin says, and tells what it saw.
func runLoad() {
	var calls atomic.Int64
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	var gates gates
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, gatePath) {
			gates.ServeHTTP(w, r)
			return
		}
		calls.Add(1)
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/api/auth.test":
			fmt.Fprintf(w, `{"ok":true,"team_id":%q,"user_id":"UBOT"}`, benchTeam)
		case "/api/users.info":
			fmt.Fprintf(w, `{"ok":true,"user":{"id":%q,"team_id":%q,"tz":"Europe/Berlin"}}`, r.FormValue("user"), benchTeam)
		default:
			fmt.Fprint(w, `{"ok":false,"error":"unknown_method"}`)
		}
	}))
	fmt.Printf("\napi http://%s/api/\n", l.Addr())
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchFlight, DisableCompression: true}}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var address, week string
		var first int
		if _, err := fmt.Sscan(in.Text(), &address, &week, &first); err != nil {
			panic(err)
		}
		before := calls.Load()
		m := loadWindow(first, gates.onceAt(address, func(person int) error { return slashOnce(client, address, week, person) }))
		m.Calls = calls.Load() - before
		line, _ := json.Marshal(m)
		fmt.Printf("\nmeasure %s\n", line)
	}
}

// loadWindow has benchPeople do something once, from the first one on.
func loadWindow(first int, once func(person int) error) measure {
	took := make([]time.Duration, benchPeople)
	var next atomic.Int64
	var fault atomic.Pointer[string]
	var flight sync.WaitGroup
	began := time.Now()
	for range benchFlight {
		flight.Go(func() {
			for i := next.Add(1) - 1; i < benchPeople; i = next.Add(1) - 1 {
				from := time.Now()
				if err := once(first + int(i)); err != nil {
					text := err.Error()
					fault.Store(&text)
					return
				}
				took[i] = time.Since(from)
			}
		})
	}
	flight.Wait()
	all := time.Since(began)
	slices.Sort(took)
	m := measure{PerSecond: benchPeople / all.Seconds(), P99: float64(took[benchPeople*99/100].Microseconds()) / 1000}
	if text := fault.Load(); text != nil {
		m.Fault = *text
	}
	return m
}

// slashOnce sends `/rapport done well` of one person, as Slack does.
func slashOnce(client *http.Client, address, week string, person int) error {
	body := url.Values{
		"token": {"gIkuvaNzQIHg97ATvDxqgjtO"}, "team_id": {benchTeam}, "team_domain": {"example"}, "channel_id": {"C2147483705"}, "channel_name": {"test"},
		"user_id": {fmt.Sprintf("U%08d", person)}, "user_name": {"steve"}, "command": {"/rapport"}, "text": {"done well"}, "api_app_id": {"A123456"}, "is_enterprise_install": {"false"},
		"response_url": {"https://hooks.slack.com/commands/1234/5678"}, "trigger_id": {fmt.Sprintf("13345224609.%s.%d.738474920", week, person)},
	}.Encode()
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	req, err := http.NewRequest("POST", address, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Slack-Request-Timestamp", stamp)
	req.Header.Set("X-Slack-Signature", signed(stamp, []byte(body)))
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && (res.StatusCode != http.StatusOK || !bytes.Contains(answer, []byte("Noted."))) {
		err = fmt.Errorf("%s: %s", res.Status, answer)
	}
	return err
}

// signed is Slack's signature of a body.
func signed(stamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(benchSecret))
	fmt.Fprintf(mac, "v0:%s:", stamp)
	mac.Write(body)
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}

// bareSlash checks the signature and nothing else.
func bareSlash(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil || !hmac.Equal([]byte(signed(r.Header.Get("X-Slack-Request-Timestamp"), body)), []byte(r.Header.Get("X-Slack-Signature"))) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write([]byte(`{"response_type":"ephemeral","text":"Noted."}`))
}
