// Smoke runs the built program as the README says, in an empty folder: it must
// say where it is, serve the page and health, answer a word, and end cleanly on
// SIGTERM. It prints how long the first answer took and how much memory the
// idle program holds.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

func main() {
	binary, err := filepath.Abs(os.Args[1])
	if err == nil {
		err = smoke(binary)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "smoke:", err)
		os.Exit(1)
	}
}

func smoke(binary string) error {
	dir, err := os.MkdirTemp("", "smoke")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for i, what := range []string{"with a new database", "with an existing database"} {
		took, kb, err := once(binary, dir)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		fmt.Printf("%s: start to first answer %d ms, resident %.1f MB\n", what, took.Milliseconds(), float64(kb)/1024)
		if i == 1 && (took > time.Second || kb > 60<<10) { // far above the goals in the docs: something is wrong
			return errors.New("too slow or too large")
		}
	}
	say := exec.Command(binary, "try", "--at", "2026-11-23 08:59")
	say.Dir, say.Stdin = dir, strings.NewReader("/rapport step 3\n")
	out, err := say.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Find common ground") {
		return fmt.Errorf("try: %v\n%s", err, out)
	}
	return nil
}

var address = regexp.MustCompile(`http://[0-9.:]+`)

// once starts the program, waits for its first answer, and ends it.
func once(binary, dir string) (took time.Duration, residentKB int, err error) {
	cmd := exec.Command(binary)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, 0, err
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, 0, err
	}
	defer cmd.Process.Kill()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return 0, 0, fmt.Errorf("first line: %w", err)
	}
	url := address.FindString(line)
	r, err := http.Get(url + "/")
	if err != nil {
		return 0, 0, err
	}
	body, err := io.ReadAll(r.Body)
	r.Body.Close()
	took = time.Since(start)
	if err != nil || r.StatusCode != http.StatusOK || !strings.Contains(string(body), "Rapport") {
		return 0, 0, fmt.Errorf("page: %s, %v", r.Status, err)
	}
	time.Sleep(2 * time.Second) // idle
	residentKB = resident(cmd.Process.Pid)
	go io.Copy(io.Discard, out)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return 0, 0, err
	}
	if err := cmd.Wait(); err != nil {
		return 0, 0, fmt.Errorf("after SIGTERM: %w", err)
	}
	return took, residentKB, nil
}

// resident is the memory a process holds, in kB, 0 where there is no /proc.
func resident(pid int) (kb int) {
	data, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(pid), "status"))
	if err != nil {
		return 0
	}
	if _, rest, ok := strings.Cut(string(data), "VmRSS:"); ok {
		fmt.Sscan(rest, &kb)
	}
	return kb
}
