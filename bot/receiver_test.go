package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// The variables that turn this test binary into a receiver.
const (
	receiverLog    = "RAPPORT_TEST_RECEIVER_LOG"
	receiverManner = "RAPPORT_TEST_RECEIVER_MANNER"
)

// How a receiver behaves.
const (
	mannerPlain   = "plain"   // takes everything
	mannerRough   = "rough"   // refuses some, fails at some, and hangs up on some, seen or unseen
	mannerKnowing = "knowing" // as plain, and shows each key once however often it comes
)

// What became of one request, as the log says.
const (
	wasShown    = "shown"    // people see the message, once more
	wasRepeated = "repeated" // people had seen it, and see nothing new
	wasRefused  = "refused"  // people see nothing
)

// A judge is the receiver's side: it writes down every request before it
// answers, in a file that outlives whoever called.
type judge struct {
	manner string
	delay  time.Duration // between showing and answering

	mu    sync.Mutex
	log   io.Writer
	calls map[string]int
	calm  int // requests that fare well next
}

// A mood is what a judge does with one request.
type mood struct {
	shows  bool
	status int // 0: hangs up
}

// mood decides by the key. After a fault a few requests fare well: a platform
// that fails three times in a row is left alone for a while, and that is not
// what is tested here.
func (j *judge) mood(key string, before int) mood {
	fine := mood{true, http.StatusOK}
	if j.manner != mannerRough || before > 0 || j.calm > 0 {
		j.calm = max(0, j.calm-1)
		return fine
	}
	h := fnv.New32a()
	io.WriteString(h, key)
	faults := []mood{{false, http.StatusTooManyRequests}, {false, http.StatusInternalServerError}, {true, http.StatusBadGateway}, {false, 0}, {true, 0}}
	n := int(h.Sum32() % 10)
	if n >= len(faults) {
		return fine
	}
	j.calm = 8
	return faults[n]
}

// ServeHTTP implements [http.Handler].
func (j *judge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var note struct{ Key, To string }
	if err := json.NewDecoder(r.Body).Decode(&note); err != nil || note.Key == "" {
		http.Error(w, "no parcel", http.StatusBadRequest)
		return
	}
	m, err := j.write(note.Key, note.To)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	time.Sleep(j.delay) // the call is long enough to be killed in
	switch m.status {
	case 0:
		panic(http.ErrAbortHandler)
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", "1")
	}
	w.WriteHeader(m.status)
}

// write decides about one request and puts it in the log.
func (j *judge) write(key, to string) (mood, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	before := j.calls[key]
	j.calls[key]++
	m, what := j.mood(key, before), wasRefused
	switch {
	case m.shows && j.manner == mannerKnowing && before > 0:
		what = wasRepeated
	case m.shows:
		what = wasShown
	}
	_, err := fmt.Fprintf(j.log, "%s\t%s\t%s\n", what, to, key)
	return m, err
}

// TestReceiver checks the judge that the other tests rely on. With its
// variables set it is the judge, until its input ends.
func TestReceiver(t *testing.T) {
	if name := os.Getenv(receiverLog); name != "" {
		serveReceiver(t, name, os.Getenv(receiverManner))
		return
	}
	for _, tt := range []struct {
		manner string
		want   string // of two requests with one key
	}{
		{mannerPlain, "shown\tperson ann\tk\nshown\tperson ann\tk\n"},
		{mannerKnowing, "shown\tperson ann\tk\nrepeated\tperson ann\tk\n"},
	} {
		var log strings.Builder
		s := httptest.NewServer(&judge{manner: tt.manner, log: &log, calls: map[string]int{}})
		for range 2 {
			res, err := http.Post(s.URL, "application/json", strings.NewReader(`{"key":"k","to":"person ann"}`))
			if err != nil || res.StatusCode != http.StatusOK {
				t.Errorf("%s: got %v, %v; want 200", tt.manner, res, err)
			}
		}
		s.Close()
		if got := log.String(); got != tt.want {
			t.Errorf("%s: got log %q, want %q", tt.manner, got, tt.want)
		}
	}
	var log strings.Builder
	j := &judge{manner: mannerRough, log: &log, calls: map[string]int{}}
	moods := map[mood]int{}
	for i := range 400 {
		moods[j.mood(fmt.Sprint("key ", i), 0)]++
	}
	if len(moods) != 6 || moods[mood{true, http.StatusOK}] < 200 {
		t.Errorf("got moods %v, want six and mostly 200", moods)
	}
}

func serveReceiver(t *testing.T, name, manner string) {
	log, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: &judge{manner: manner, delay: 15 * time.Millisecond, log: log, calls: map[string]int{}}}
	go server.Serve(l)
	fmt.Printf("http://%s\n", l.Addr())
	io.Copy(io.Discard, os.Stdin)
	server.Close()
	log.Close()
}

// startReceiver starts a judge in a process of its own.
func startReceiver(t *testing.T, manner string) (url, log string) {
	t.Helper()
	log = filepath.Join(t.TempDir(), "receiver.log")
	c := exec.Command(os.Args[0], "-test.run=^TestReceiver$")
	c.Env = append(os.Environ(), receiverLog+"="+log, receiverManner+"="+manner)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		c.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "http://") {
		t.Fatalf("the receiver says %q, %v; want its address", line, err)
	}
	go io.Copy(io.Discard, out)
	return strings.TrimSpace(line), log
}

// A judged is one line of a judge's log.
type judged struct{ what, to, key string }

func readJudge(t *testing.T, log string) (all []judged) {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		parts := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(parts) != 3 {
			t.Fatalf("log line %q", line)
		}
		all = append(all, judged{parts[0], parts[1], parts[2]})
	}
	return all
}
