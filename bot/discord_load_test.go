package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rapport/adapters/discord"
	"rapport/adapters/discord/discordtest"
	"rapport/coach"
	"rapport/coach/streak"
)

// TestDiscordSlowDatabase has 200 people check in at once while the database is
// locked for ten seconds: each is answered in time, nobody reads of success
// before it is kept, and everybody gets their answer.
func TestDiscordSlowDatabase(t *testing.T) {
	if testing.Short() {
		t.Skip("waits ten seconds for each way")
	}
	for _, way := range bothRoutes {
		t.Run(way, func(t *testing.T) { slowDatabaseOnDiscord(t, way, 200, 10*time.Second) })
	}
}

// noted counts the messages of success that people see.
func (o *server) noted() (n int) {
	for _, m := range o.d.Messages("#general") {
		if strings.Contains(m.Plain(), "Noted") {
			n++
		}
	}
	return n
}

func slowDatabaseOnDiscord(t *testing.T, way string, n int, slow time.Duration) {
	alone(t)
	o := openServerBy(t, runningClock(0, nil), way, members(n, "general"))
	var all sync.WaitGroup
	for i := range n { // the coach knows them
		all.Go(func() { o.d.Person(fmt.Sprint("Person ", i)).In("#general").Command("/rapport", "step 3") })
	}
	all.Wait()
	rested(o.h)
	release := o.locked()
	began := time.Now()
	free := time.AfterFunc(slow, release)
	acks := make([]discordtest.Answer, n)
	var bare time.Duration
	all.Go(func() { bare = bareWait(t, n) })
	for i := range n {
		all.Go(func() { acks[i] = o.d.Person(fmt.Sprint("Person ", i)).Command("/rapport", "done well") })
	}
	all.Wait()
	// Half a second leaves little to a machine that has other things to do: then
	// a bare server that waits as long is late as well.
	limit := max(ackTime, bare+3*(bare-coach.AckWait))
	slices.SortFunc(acks, func(a, b discordtest.Answer) int { return cmp.Compare(a.Latency, b.Latency) })
	for _, a := range acks {
		if a.Error != "" || a.Kind != 5 {
			t.Errorf("answered after %s with kind %d, and Discord says %q", a.Latency, a.Kind, a.Error)
		}
	}
	if slowest := acks[n-1].Latency; slowest > limit {
		t.Errorf("answered within %s, want %s; a bare server that waits for %s took %s", slowest, limit, coach.AckWait, bare)
	}
	if early := o.noted(); early > 0 || time.Since(began) > slow {
		t.Errorf("%d people read of success while nothing could be kept, %s after the lock", early, time.Since(began))
	}
	o.d.Wait(slow+20*time.Second, func() bool { return o.noted() == n })
	if free.Stop() {
		t.Error("answered before the lock was gone")
		release()
	}
	took := time.Since(began)
	kept, thinking := 0, 0
	for i := range n {
		kept += o.checkIns(fmt.Sprint("Person ", i))
	}
	for _, m := range o.d.Messages("#general") {
		if m.Thinking {
			thinking++
		}
	}
	if got := o.noted(); got != n || kept != n || thinking != 0 {
		t.Errorf("%d answers, %d check-ins kept, %d left thinking; want %d, %d and 0", got, kept, thinking, n, n)
	}
	t.Logf("%s: locked for %s; %d commands: first answer within %s of arrival (median %s; a bare wait %s), 0 words of success before, all %d answers after %s",
		way, slow, n, acks[n-1].Latency.Round(time.Millisecond), acks[n/2].Latency.Round(time.Millisecond), bare.Round(time.Millisecond), o.noted(), took.Round(100*time.Millisecond))
	o.d.Demand()
}

// A hall is a Discord without a network, for a clock that is not the machine's:
// it opens direct messages and takes posts.
type hall struct {
	mu     sync.Mutex
	opened []time.Time
	posted map[string][]time.Time // by channel
	nonces map[string]bool
}

// hallRoom is the channel of somebody's direct messages.
func hallRoom(user string) string { return "9" + user }

// RoundTrip implements [http.RoundTripper].
func (h *hall) RoundTrip(r *http.Request) (*http.Response, error) {
	defer r.Body.Close()
	var said struct {
		Recipient string `json:"recipient_id"`
		Nonce     string `json:"nonce"`
	}
	if err := json.NewDecoder(r.Body).Decode(&said); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	id := fmt.Sprint(len(h.nonces))
	if channel, ok := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/channels/"), "/messages"); ok {
		h.posted[channel] = append(h.posted[channel], time.Now())
		h.nonces[said.Nonce] = true
	} else {
		h.opened = append(h.opened, time.Now())
		id = hallRoom(said.Recipient)
	}
	body := fmt.Sprintf(`{"id":%q}`, id)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// TestDiscordFiveHundred has 500 people's daily tips due at the same minute, and
// of 50 of them the channel is known; without -long, 100 people and 10. It runs at the pace that Discord gets, on
// a clock that need not be waited for: everybody is written to exactly once,
// direct messages are opened one after another, and who is known does not wait
// for that.
func TestDiscordFiveHundred(t *testing.T) {
	if testing.Short() {
		t.Skip("an hour on a clock of its own takes a while")
	}
	people, known, most := 100, 10, 20*time.Minute
	if *long {
		people, known, most = 500, 50, 90*time.Minute
	}
	synctest.Test(t, func(t *testing.T) {
		h := &hall{posted: map[string][]time.Time{}, nonces: map[string]bool{}}
		due := time.Now().UTC().Truncate(24 * time.Hour).Add(9 * time.Hour)
		env := Env{Dir: t.TempDir(), Getenv: func(string) string { return "" }, Stdout: io.Discard, Stderr: io.Discard}
		cfg, err := LoadConfig(env, "")
		if err != nil {
			t.Fatal(err)
		}
		st, err := openStore(t.Context(), env, cfg, databasePath(env, cfg), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		var log bytes.Buffer
		house, err := build(env, cfg, st, time.Now, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError})))
		if err != nil {
			t.Fatal(err)
		}
		house.join(discord.New(discord.Options{Token: "token", APIURL: "http://hall", Rooms: openRooms{st.db}, Transport: h}), discordPace())
		for i := range people {
			who := coach.Person{Platform: "discord", User: fmt.Sprint(1000 + i)}
			w := coach.Wish{Kind: "rhythm", Subject: "tips", To: coach.DirectTo(who), Date: streak.DateOf(due), Minute: 9 * 60, Zone: "UTC"}
			if _, err := st.db.Apply(t.Context(), "wish "+who.User, who, coach.Change{Settings: &coach.Settings{Rhythm: coach.Daily}, Wishes: []coach.Wish{w}}); err != nil {
				t.Fatal(err)
			}
			if i%(people/known) == 0 {
				if err := st.db.KeepRoom(t.Context(), who, hallRoom(who.User)); err != nil {
					t.Fatal(err)
				}
			}
		}
		time.Sleep(time.Until(due.Add(-10 * time.Minute))) // hours in which nothing is due
		ctx, end := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- house.runner.Run(ctx) }()
		time.Sleep(time.Until(due.Add(most)))
		end()
		if err := <-ran; err != nil {
			t.Error(err)
		}
		h.judge(t, due, people, known)
		if log.Len() > 0 {
			t.Errorf("the log says %.900s", log.String())
		}
	})
}

// judge demands that everybody has one message, that between two openings there
// was the time that there is to be, and that who is known did not wait for them.
func (h *hall) judge(t *testing.T, due time.Time, people, known int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	missing, doubled := 0, 0
	var waited [2][]time.Duration // of those whose channel was not known, and was
	for i := range people {
		at := h.posted[hallRoom(fmt.Sprint(1000+i))]
		switch len(at) {
		case 0:
			missing++
			continue
		case 1:
		default:
			doubled += len(at) - 1
		}
		kind := 0
		if i%(people/known) == 0 {
			kind = 1
		}
		waited[kind] = append(waited[kind], at[0].Sub(due))
	}
	if missing != 0 || doubled != 0 || len(h.posted) != people || len(h.nonces) != people {
		t.Errorf("%d missing, %d doubled, %d channels written to, %d nonces; want 0, 0, %d and %d", missing, doubled, len(h.posted), len(h.nonces), people, people)
		return
	}
	least := time.Hour
	for i := 1; i < len(h.opened); i++ {
		least = min(least, h.opened[i].Sub(h.opened[i-1]))
	}
	if len(h.opened) != people-known || least < 5*time.Second {
		t.Errorf("%d opened, %s between two at the least; want %d and 5s", len(h.opened), least, people-known)
	}
	// Two a second, and what those few take whose turn is at hand.
	slowest, limit := slices.Max(waited[1]), time.Duration(known)*time.Second/2+time.Minute
	if slowest > limit {
		t.Errorf("somebody known waited %s, want %s", slowest, limit)
	}
	slices.Sort(waited[1])
	t.Logf("%d people due at once: missing 0, doubled 0; %d direct messages opened, %s apart at the least, the last message after %s; %d people known had theirs within %s (median %s)",
		people, len(h.opened), least.Round(time.Millisecond), slices.Max(waited[0]).Round(time.Second), known, slowest.Round(time.Second), waited[1][known/2].Round(time.Second))
}
