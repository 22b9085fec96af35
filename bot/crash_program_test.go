package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"rapport/coach"
)

// drainTime is how long the program may take to end.
const drainTime = 10 * time.Second

// TestProgram runs the program as it is released, in a process of its own.
func TestProgram(t *testing.T) {
	bin := buildProgram(t)
	t.Run("holds nothing made for tests", func(t *testing.T) { holdsNoTestCode(t, bin) })
	t.Run("start and memory", func(t *testing.T) { measureStart(t, bin) })
	t.Run("SIGTERM", func(t *testing.T) { t.Parallel(); drains(t, bin) })
	t.Run("SIGHUP", func(t *testing.T) { t.Parallel(); reloads(t, bin) })
	t.Run("words typed on the page", func(t *testing.T) { t.Parallel(); keepsWords(t, bin) })
}

// testNames are in programs built for tests and in no other.
var testNames = []string{"RAPPORT_CRASH", "RAPPORT_RECEIVER", "RAPPORT_CLOCK"}

func holdsNoTestCode(t *testing.T, bin string) {
	body, err := os.ReadFile(bin)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range testNames {
		if bytes.Contains(body, []byte(name)) {
			t.Errorf("the program holds %s", name)
		}
	}
	for tags, want := range map[string]bool{"": false, "crashpoints": true} {
		out, err := exec.Command("go", "list", "-tags", tags, "-f", "{{.GoFiles}}", ".", "../schedules/crashpoint").CombinedOutput()
		if err != nil {
			t.Fatalf("go list: %v\n%s", err, out)
		}
		for _, file := range []string{"receiver.go", "crashpoint_on.go", "ahead_on.go"} {
			if got := bytes.Contains(out, []byte(file)); got != want {
				t.Errorf("tags %q: %s is built in: %v, want %v", tags, file, got, want)
			}
		}
	}
}

// address waits until the program says where its page is.
func (p *prey) address(t *testing.T) string {
	t.Helper()
	var url string
	await(t, "the program says where it is", func() bool {
		if p.ended() {
			t.Fatalf("it ended: %v\n%s", p.err, p.out)
		}
		if m := regexp.MustCompile(`Open (http://[0-9.:]+)\n`).FindStringSubmatch(p.out.String()); m != nil {
			url = m[1]
		}
		return url != ""
	})
	return url
}

// A guest is a browser on the page, used as one person.
type guest struct {
	*testing.T
	http.Client
	base, user string
}

func visit(t *testing.T, base, name string) *guest {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	g := &guest{T: t, base: base, user: name}
	g.Jar, g.Timeout = jar, patience
	g.post("/people", map[string]any{"name": name})
	g.page()
	return g
}

// page is the channel as the guest sees it.
func (g *guest) page() string {
	g.Helper()
	res, err := g.Get(g.base + "/as/" + g.user + "/channel/" + demoChannel)
	if err != nil {
		g.Fatal(err)
	}
	return g.read(res)
}

func (g *guest) read(res *http.Response) string {
	g.Helper()
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		g.Fatalf("%s: %s, %v: %s", res.Request.URL.Path, res.Status, err, body)
	}
	return string(body)
}

func (g *guest) post(path string, body map[string]any) string {
	g.Helper()
	body["id"], body["place"] = fmt.Sprintf("gesture-%016x", rand.Uint64()), "channel/"+demoChannel
	text, err := json.Marshal(body)
	if err != nil {
		g.Fatal(err)
	}
	req, err := http.NewRequestWithContext(g.Context(), http.MethodPost, g.base+path, bytes.NewReader(text))
	if err != nil {
		g.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", g.base)
	res, err := g.Do(req)
	if err != nil {
		g.Fatal(err)
	}
	return g.read(res)
}

func (g *guest) say(words string) string {
	g.Helper()
	return g.post("/as/"+g.user+"/say", map[string]any{"text": "/rapport " + words})
}

// press presses a button, or with answers sends a form.
func (g *guest) press(a coach.Action, answers map[string]string) string {
	g.Helper()
	code, err := a.Encode()
	if err != nil {
		g.Fatal(err)
	}
	if answers != nil {
		return g.post("/as/"+g.user+"/answer", map[string]any{"action": code, "answers": answers})
	}
	return g.post("/as/"+g.user+"/press", map[string]any{"action": code})
}

// measureStart logs how long people wait for a start, and how much memory it
// takes. Machines differ, so that nothing here fails for being slow.
func measureStart(t *testing.T, bin string) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "config.toml"), quietConfig)
	for _, name := range []string{"first start, which makes the database", "second start", "third start"} {
		began := time.Now()
		p := launch(t, bin, dir, nil)
		g := visit(t, p.address(t), "ada")
		there := time.Since(began)
		if got := g.say("step 3"); !strings.Contains(got, "common ground") {
			t.Errorf("step 3 is answered by %.300s", got)
		}
		answered := time.Since(began)
		now, most := memory(t, p.Process.Pid)
		p.stop(t)
		t.Logf("%s: the page after %s, the first answer after %s, resident %d KiB, at most %d KiB", name, there.Round(time.Millisecond), answered.Round(time.Millisecond), now, most)
	}
}

// memory is how much of a process is resident, and the most that was, in KiB;
// zeros where the system does not tell.
func memory(t *testing.T, pid int) (now, most int) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if os.IsNotExist(err) {
		return 0, 0
	}
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		switch {
		case len(fields) < 2:
		case fields[0] == "VmRSS:":
			now, _ = strconv.Atoi(fields[1])
		case fields[0] == "VmHWM:":
			most, _ = strconv.Atoi(fields[1])
		}
	}
	return now, most
}

// drains ends the program while pages are open and people press: what was
// answered is kept, and it ends in time, by itself, leaving one whole file.
func drains(t *testing.T, bin string) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "config.toml"), quietConfig)
	p := launch(t, bin, dir, nil)
	g := visit(t, p.address(t), "zoe")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, g.base+"/as/zoe/events?place=channel/"+demoChannel, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	listening, err := g.Do(req) // stays open
	if err != nil || listening.StatusCode != http.StatusOK {
		t.Fatalf("events: %v, %v", listening, err)
	}
	defer listening.Body.Close()
	if got := g.press(coach.Do("rhythm"), map[string]string{"rhythm": "weekly", "hour": "540"}); !strings.Contains(got, "Saved") {
		t.Fatalf("rhythm: %.300s", got)
	}
	began := time.Now()
	p.signal(t, syscall.SIGTERM)
	if status, took := p.end(t), time.Since(began); status != 0 || took > drainTime {
		t.Errorf("after SIGTERM: status %d after %s; want 0 within %s\n%s", status, took, drainTime, p.out)
	} else {
		t.Logf("ended after %s", took.Round(time.Millisecond))
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	want := []string{"config.toml", "rapport.db", "rapport.db.lock", "rapport.key", "rapport.keys"}
	for i, name := range left {
		left[i] = filepath.Base(name)
	}
	if err != nil || !slices.Equal(left, want) {
		t.Errorf("it left %q, %v; want %q", left, err, want)
	}
	again := launch(t, bin, dir, nil)
	if got := visit(t, again.address(t), "zoe").say("settings"); !strings.Contains(got, "Weekly") {
		t.Errorf("what was answered before is gone: %.600s", got)
	}
	again.stop(t)
}

// ownIntro is an admin's text in the place of a built-in one.
const ownIntro = "schema = 1\n[[intro]]\nid = %q\ntitle = \"Own words\"\ntext = %q\n"

// reloads changes an admin's folder under the running program.
func reloads(t *testing.T, bin string) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "config.toml"), quietConfig+"[coach]\ncurriculum_dir = \"own\"\n")
	id := introID(t)
	file := filepath.Join(dir, "own", "intro.toml")
	if err := os.Mkdir(filepath.Join(dir, "own"), 0o700); err != nil {
		t.Fatal(err)
	}
	p := launch(t, bin, dir, nil)
	g := visit(t, p.address(t), "zoe")
	says := func(want string) {
		t.Helper()
		if got := g.say("help what"); !strings.Contains(got, want) {
			t.Errorf("got %.900s\nwant %q in it\n%s", got, want, p.out)
		}
	}
	hup := func(want string) {
		t.Helper()
		before := strings.Count(p.out.String(), want)
		p.signal(t, syscall.SIGHUP)
		await(t, want, func() bool { return strings.Count(p.out.String(), want) > before })
	}
	writeFile(t, file, fmt.Sprintf(ownIntro, id, "The first own words."))
	hup("msg=reloaded")
	says("The first own words.")

	writeFile(t, file, fmt.Sprintf(ownIntro, id, "The second own words.")+"txet = \"a slip\"\n")
	hup("the old one stays")
	says("The first own words.")
	if out := p.out.String(); !strings.Contains(out, "intro.toml:6") || !strings.Contains(out, "did you mean") {
		t.Errorf("the log does not say where the fault is:\n%s", out)
	}

	writeFile(t, filepath.Join(dir, "config.toml"), quietConfig+"[coach]\ncurriculum_dri = \"own\"\n")
	writeFile(t, file, fmt.Sprintf(ownIntro, id, "The third own words."))
	hup("configuration not reloaded")
	says("The first own words.")

	writeFile(t, filepath.Join(dir, "config.toml"), quietConfig+"[coach]\ncurriculum_dir = \"own\"\n")
	hup("msg=reloaded")
	says("The third own words.")
	p.stop(t)
}

// introID is the id of a text that "help what" shows.
func introID(t *testing.T) string {
	t.Helper()
	env := testEnv(t, nil)
	cfg, err := LoadConfig(env, "")
	if err != nil {
		t.Fatal(err)
	}
	ed, err := loadEdition(env, cfg)
	if err != nil || len(ed.Intros) == 0 {
		t.Fatalf("no intros: %v", err)
	}
	return ed.Intros[0].ID
}

// keepsWords types on the page, in a browser's words, and looks at every file
// and every line the program wrote; also after it was killed.
func keepsWords(t *testing.T, bin string) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "config.toml"), quietConfig+"[log]\nlevel = \"debug\"\n")
	p := launch(t, bin, dir, nil)
	g, other := visit(t, p.address(t), author), visit(t, p.address(t), onlooker)
	g.say(stem + "n1 and a few more words")
	if got := g.press(coach.Do("write", "", "", "0123456789abcdef"), map[string]string{"words": stem + "n2"}); !strings.Contains(got, "Kept.") {
		t.Fatalf("write: %.300s", got)
	}
	g.press(coach.Do("keep", "month", "0123456789abcdef"), nil)
	g.press(coach.Do("pause"), map[string]string{"from": stem + "n3", "until": stem + "n4"})
	g.press(coach.DecodeAction("9"+stem), nil)
	if got := g.say("journal") + g.page(); !strings.Contains(got, stem+"n2") {
		t.Error("the author does not see their own line")
	}
	g.post("/as/"+g.user+"/clock", map[string]any{"to": time.Now().AddDate(0, 0, 35).UTC().Format("2006-01-02T15:04"), "zone": "UTC"})
	if got := g.page(); !strings.Contains(got, "Rapport") {
		t.Errorf("the page after five weeks: %.300s", got)
	}
	if got := other.page() + other.say("journal") + other.say("data"); found([]byte(got), stem) != "" {
		t.Error("another browser sees what was typed")
	}
	nowhere := func(when string) {
		t.Helper()
		places := map[string][]byte{"what it printed": []byte(p.out.String())}
		for _, name := range []string{"rapport.db", "rapport.db-wal", "rapport.keys", "rapport.key"} {
			body, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			places[name] = body
		}
		for place, body := range places {
			if how := found(body, stem); how != "" {
				t.Errorf("%s: %s holds what was typed, %s", when, place, how)
			}
		}
	}
	nowhere("while it runs")
	p.signal(t, syscall.SIGKILL)
	p.end(t)
	nowhere("after a kill")

	p = launch(t, bin, dir, nil)
	g = visit(t, p.address(t), author)
	if status, _, errs := command(t, dir, nil, "backup", "older.db"); status != 0 {
		t.Fatalf("backup: %s", errs)
	}
	if got := g.press(coach.Do("erase", "yes"), nil); !strings.Contains(got, "Gone.") {
		t.Errorf("erase: %.300s", got)
	}
	nowhere("after erase")
	p.stop(t)
	forgotten := func(when string) {
		t.Helper()
		for _, name := range []string{"rapport.db", "rapport.keys"} {
			body, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil || found(body, author) != "" {
				t.Errorf("%s %s names who was erased: %v", when, name, err)
			}
		}
	}
	forgotten("after erase")
	if status, _, errs := command(t, dir, nil, "restore", "older.db"); status != 0 {
		t.Fatalf("restore: %s", errs)
	}
	forgotten("after restore of an older copy")
}
