package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapport/adapters/slack/slacktest"
)

// TestSlowClients has many connections at each address that the program listens
// on send their request a byte at a time, or nothing at all. Others are
// answered meanwhile, and the slow ones are cut off.
func TestSlowClients(t *testing.T) {
	if testing.Short() {
		t.Skip("waits until slow clients are cut off")
	}
	bin := buildProgram(t)
	free := func(t *testing.T) string {
		t.Helper()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		return l.Addr().String()
	}
	t.Run("the page and the monitor", func(t *testing.T) {
		t.Parallel()
		page, monitor, dir := free(t), free(t), t.TempDir()
		writeFile(t, filepath.Join(dir, "config.toml"), fmt.Sprintf("[web]\nlisten = %q\n[monitor]\nlisten = %q\n", page, monitor))
		launch(t, bin, dir, nil).address(t)
		slowly(t, page, "GET", "/", http.StatusOK)
		slowly(t, monitor, "GET", "/healthz", http.StatusOK)
	})
	t.Run("Slack over HTTP", func(t *testing.T) {
		t.Parallel()
		s := slacktest.New(t, slacktest.Setup{})
		at, dir := free(t), t.TempDir()
		writeFile(t, filepath.Join(dir, "config.toml"), fmt.Sprintf("%s[slack]\napi_url = %q\nbot_token = %q\nsigning_secret = %q\nlisten = %q\n", quietConfig, s.APIURL(), s.BotToken(), s.SigningSecret(), at))
		p := launch(t, bin, dir, nil)
		await(t, "it listens\n"+p.out.String(), func() bool {
			conn, err := net.Dial("tcp", at)
			if err == nil {
				conn.Close()
			}
			return err == nil
		})
		slowly(t, at, "POST", "/slack", http.StatusUnsupportedMediaType)
	})
}

// slowly keeps connections to an address busy until the server ends them.
func slowly(t *testing.T, at, method, path string, want int) {
	t.Helper()
	const many = 200
	ended := make(chan time.Duration, many)
	for i := range many {
		conn, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		began := time.Now()
		go func() {
			if i%2 == 0 { // the others say nothing at all
				fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nX-Slow: ", method, path, at)
				go func() {
					for range time.Tick(500 * time.Millisecond) {
						if _, err := io.WriteString(conn, "x"); err != nil {
							return
						}
					}
				}()
			}
			io.Copy(io.Discard, conn) // until the server ends it
			ended <- time.Since(began)
		}()
	}
	client := &http.Client{Transport: &http.Transport{}, Timeout: 20 * time.Second}
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+at+path, strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatalf("%s%s while %d clients are slow: %v", at, path, many, err)
	}
	res.Body.Close()
	if res.StatusCode != want {
		t.Errorf("%s%s while %d clients are slow: got %s, want %d", at, path, many, res.Status, want)
	}
	var longest time.Duration
	for n := range many {
		select {
		case took := <-ended:
			longest = max(longest, took)
		case <-time.After(patience):
			t.Fatalf("%s%s: %d of %d slow clients are still connected", at, path, many-n, many)
		}
	}
	t.Logf("%s%s: %d slow clients were cut off within %s", at, path, many, longest.Round(time.Second))
}
