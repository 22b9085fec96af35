package discord

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"rapport/adapters/discord/rest"
	"rapport/coach"
)

// documented are the codes that a post or an opening can be answered with, and
// what each must lead to. It is written down a second time on purpose: a code
// that moves to another fate loses or doubles messages.
var documented = map[coach.Fate]string{
	coach.Later:  `20016 20026 20028 20029 40001 40002 40003 40004 40006 40062 40333 50014 99999`,
	coach.Closed: `10003 10004 10013 40058 50001 50007 50008 50009 50013 50024 50033 50083 50278 160005`,
	coach.Never:  `20009 40005 50006 50035 50041 50045 50046 50068 50109 50110 50123 50146 200000 240000 400001`,
}

func TestCodes(t *testing.T) {
	e := newEnd(t)
	for want, codes := range documented {
		for _, text := range strings.Fields(codes) {
			code, _ := strconv.Atoi(text)
			e.say(inTeam, http.StatusForbidden, refuse(code))
			_, err := e.adapter().Send(t.Context(), toTeam, "key", saying())
			got := fateOf(t, text+" in a channel", err, want)
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%s: got %q, want it to name the code", text, err)
			}
			if want == coach.Closed && got.Why == "" {
				t.Errorf("%s: closed without a reason for the admin", text)
			}
			e.say(inAnnas, http.StatusForbidden, refuse(code))
			_, err = e.adapter().Send(t.Context(), toAnna, "key", saying())
			if got = fateOf(t, text+" to a person", err, want); strings.Contains(got.Why, "channel") && want == coach.Closed {
				t.Errorf("%s: got the reason %q, which speaks of a channel", text, got.Why)
			}
			e.say(opening, http.StatusForbidden, refuse(code))
			_, err = e.adapter().Send(t.Context(), toAnna, "key", saying())
			fateOf(t, text+" when opened", err, want)
		}
	}
	for code := range meanings {
		if !isDocumented(code) {
			t.Errorf("%d has a meaning and no test", code)
		}
	}
}

func isDocumented(code int) bool {
	for _, codes := range documented {
		if strings.Contains(codes, strconv.Itoa(code)) {
			return true
		}
	}
	return code == 130000 // comes with status 503: see below
}

// Reasons are read by an admin, and say what to do where there is something.
func TestReasons(t *testing.T) {
	picture := saying()
	picture.Picture = &coach.Picture{Name: "p.png", PNG: []byte("x"), Alt: "Weeks"}
	for _, c := range []struct {
		code int
		m    coach.Message
		want string
	}{
		{10003, saying(), "the channel is gone"},
		{50001, saying(), "I may not see the channel, View Channel is missing"},
		{50013, saying(), "I may not post in the channel, Send Messages is missing"},
		{50013, picture, "I may not post in the channel, Send Messages or Attach Files is missing"},
		{99999, saying(), ""},
	} {
		e := newEnd(t)
		e.say(inTeam, http.StatusForbidden, refuse(c.code))
		_, err := e.adapter().Send(t.Context(), toTeam, "key", c.m)
		if got, _ := errors.AsType[*coach.SendError](err); got == nil || got.Why != c.want {
			t.Errorf("%d: got %+v, want the reason %q", c.code, got, c.want)
		}
	}
}

// TestStatuses has every status whose body says nothing, or only the status.
func TestStatuses(t *testing.T) {
	e := newEnd(t)
	for status := 300; status < 600; status++ {
		if status == http.StatusUnauthorized {
			continue // see TestTokenIsNotValid
		}
		for body, bad := range map[string]coach.Fate{"<html>no</html>": coach.Later, fmt.Sprintf(`{"message":"%d: no","code":0}`, status): coach.Never} {
			want := coach.Later
			switch {
			case status == http.StatusBadRequest:
				want = bad
			case status == http.StatusRequestEntityTooLarge:
				want = coach.Never
			case status >= 500:
				want = coach.InDoubt
			}
			e.say(inTeam, status, body)
			_, err := e.adapter().Send(t.Context(), toTeam, "key", saying())
			fateOf(t, fmt.Sprint(status, body), err, want)
		}
	}
	e.say(inTeam, http.StatusServiceUnavailable, refuse(130000))
	_, err := e.adapter().Send(t.Context(), toTeam, "key", saying())
	fateOf(t, "503 with a code", err, coach.InDoubt)
}

// Nobody is shown direct messages that are opened: that is never in doubt.
func TestOpeningIsNeverInDoubt(t *testing.T) {
	e := newEnd(t)
	e.say(opening, http.StatusBadGateway, "")
	_, err := e.adapter().Send(t.Context(), toAnna, "key", saying())
	fateOf(t, "502", err, coach.Later)
	e.breaks(opening)
	_, err = e.adapter().Send(t.Context(), toAnna, "key", saying())
	fateOf(t, "reset", err, coach.Later)
}

// breaks resets the connection of calls of that name from now on.
func (e *end) breaks(name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.says = func(c call, w http.ResponseWriter) bool {
		if c.name() != name {
			return false
		}
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = conn.(*net.TCPConn).SetLinger(0)
			conn.Close()
		}
		return true
	}
}

// TestBrokenWire: whether any of a message left is what decides.
func TestBrokenWire(t *testing.T) {
	e := newEnd(t)
	e.breaks(inTeam)
	_, err := e.adapter().Send(t.Context(), toTeam, "key", saying())
	fateOf(t, "reset", err, coach.InDoubt)
	e.Close()
	_, err = e.adapter().Send(t.Context(), toTeam, "key", saying())
	if got := fateOf(t, "refused", err, coach.Later); got.Why == "" {
		t.Error("no reason for the admin")
	}
	got, _ := sendError(errors.New("something else of "+annaID), place{})
	if got.Fate != coach.InDoubt || strings.Contains(got.Error(), annaID) {
		t.Errorf("got %v, want what is not known to be in doubt", got)
	}
}

// Waits are those that Discord asks for, also of what was held back here.
func TestWaits(t *testing.T) {
	e := newEnd(t)
	a := e.adapter()
	e.say(inTeam, http.StatusTooManyRequests, `{"message":"slow","retry_after":40.5,"global":false}`)
	for range 2 {
		_, err := a.Send(t.Context(), toTeam, "key", saying())
		if got := fateOf(t, "429", err, coach.Later); got.After < 40*time.Second || got.After > 41*time.Second || got.Why != whyWait {
			t.Errorf("got %v after %v (%s), want about 40 s", got.Fate, got.After, got.Why)
		}
	}
	if n := len(e.names()); n != 1 {
		t.Errorf("called %d times, want the second held back", n)
	}
	e.say(inAnnas, http.StatusTooManyRequests, `{"message":"slow mode","code":20016,"retry_after":10}`)
	_, err := a.Send(t.Context(), toAnna, "key", saying())
	if got := fateOf(t, "slow mode", err, coach.Later); got.After != 10*time.Second || got.Why != meanings[20016].why {
		t.Errorf("got %v after %v (%s), want 10 s and the reason", got.Fate, got.After, got.Why)
	}
	late := &rest.Error{Err: context.DeadlineExceeded}
	if got, _ := sendError(late, place{}); got.Fate != coach.Later {
		t.Errorf("got %v, want what never left to be sent later", got)
	}
}

// Run ends when Discord does not know the token, and not for a proxy that wants
// one of its own.
func TestWhatEndsRun(t *testing.T) {
	if err := fatal(&rest.Error{Status: http.StatusUnauthorized, Told: true, Err: errUnclear}); err == nil {
		t.Error("Discord's 401 does not end it")
	}
	if err := fatal(&rest.Error{Status: http.StatusUnauthorized, Err: errUnclear}); err != nil {
		t.Errorf("a proxy's 401 ends it: %v", err)
	}
}
