package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"rapport/adapters/surface"
)

// An Error is what an answer said, or that none came. Its text holds no token,
// no address, no id and nothing that Discord put into words.
type Error struct {
	Status int           // 0 where no answer came, or a yes that cannot be read; 429 also for calls that were held back
	Code   int           // Discord's, https://discord.com/developers/docs/topics/opcodes-and-status-codes#json; 0 where it gave none
	Told   bool          // the answer is the API's own, and not of something on the way
	After  time.Duration // with status 429: how long to wait
	Global bool          // with status 429: all calls are to wait
	Left   bool          // the body may have gone out: with Status 0 or >= 500 the call may have been done
	Err    error         // a *surface.Fault
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

// unmade is the error of a call that was not made.
func unmade(err error) *Error { return &Error{Err: surface.Bare(err)} }

// held is the error of a call that was held back: it could go after wait.
func held(wait time.Duration, why string) *Error {
	wait = max(wait, time.Second)
	if rest := wait % time.Second; rest > 0 {
		wait += time.Second - rest // what is asked for is not less than what Discord said
	}
	return &Error{Status: http.StatusTooManyRequests, After: wait, Err: unspoken(why)}
}

func unspoken(text string) *surface.Fault { return &surface.Fault{Text: text} }

// An answer is what came back from a call.
type answer struct {
	status       int // 0 = nothing
	header       http.Header
	body         []byte
	err          error // why there is no answer, or no whole one
	left         bool  // something of the call may have gone out
	begun, ended time.Time
}

// invalid reports whether Discord counts the call against us.
func (a *answer) invalid() bool {
	switch a.status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return true
	case http.StatusTooManyRequests:
		return a.header.Get("X-RateLimit-Scope") != "shared"
	}
	return false
}

// verdict says what a means, and reads it into into if it is a yes.
func (a *answer) verdict(into any) *Error {
	switch {
	case a.status == 0:
		return &Error{Left: a.left, Err: surface.Bare(a.err)}
	case a.status >= 200 && a.status < 300:
		return a.read(into)
	}
	return a.refusal()
}

// read reads a yes. Where it cannot be read the call may have been done, or
// something on the way has answered.
func (a *answer) read(into any) *Error {
	text := bytes.TrimSpace(a.body)
	var err error
	switch {
	case into == nil && a.err != nil:
		return nil // it was taken, and what it said does not matter
	case a.err != nil:
		err = surface.Bare(a.err)
	case into == nil && (len(text) == 0 || text[0] == '{' || text[0] == '['):
		return nil
	case into == nil, len(text) == 0, string(text) == "null", json.Unmarshal(text, into) != nil:
		err = unspoken("an answer that is not what was asked for")
	default:
		return nil
	}
	return &Error{Left: true, Err: err}
}

// A saying is how the API says no.
type saying struct {
	Message    *string         `json:"message"`
	Code       *int            `json:"code"`
	RetryAfter *float64        `json:"retry_after"`
	Global     bool            `json:"global"`
	Errors     json.RawMessage `json:"errors"`
}

// refusal reads an answer that is no yes.
func (a *answer) refusal() *Error {
	e := &Error{Status: a.status, Left: a.left}
	var said saying
	if a.err == nil && json.Unmarshal(a.body, &said) == nil {
		e.Told = said.Message != nil && (said.Code != nil || said.RetryAfter != nil)
	}
	if !e.Told {
		said = saying{}
	}
	if said.Code != nil {
		e.Code = *said.Code
	}
	if a.status == http.StatusTooManyRequests {
		e.After, e.Global = a.pause(said), a.global(said, e.Told)
	}
	e.Err = unspoken(e.text(said))
	return e
}

// text is e in words.
func (e *Error) text(said saying) string {
	switch {
	case e.Status == http.StatusTooManyRequests && e.Told:
		return fmt.Sprintf("Discord asks to wait for %s", e.After)
	case !e.Told:
		return fmt.Sprintf("an answer with status %d that is not of Discord's API", e.Status)
	case e.Code == 0:
		return fmt.Sprintf("Discord answers with status %d", e.Status)
	}
	text := fmt.Sprintf("Discord answers %d", e.Code)
	if words := meaning(e.Code); words != "" {
		text += " (" + words + ")"
	}
	if at := whereIn(said.Errors); at != "" {
		text += ", at " + at
	}
	return text
}

// Waits that are asked for.
const (
	untold  = 30 * time.Second // nobody said how long, or nothing that can be meant
	longest = time.Hour
)

// pause is how long an answer with status 429 asks to wait.
func (a *answer) pause(said saying) time.Duration {
	after, _ := seconds(a.header.Get("Retry-After"))
	if said.RetryAfter != nil {
		more, _ := span(*said.RetryAfter)
		after = max(after, more)
	}
	if after <= 0 {
		return untold
	}
	return after
}

// global reports whether an answer with status 429 is about all calls. One that
// the API did not give is: Cloudflare, which stands before it, counts by address.
func (a *answer) global(said saying, told bool) bool {
	return said.Global || a.header.Get("X-RateLimit-Global") == "true" || a.header.Get("X-RateLimit-Scope") == "global" ||
		!told && a.header.Get("X-RateLimit-Scope") == "" && a.header.Get("X-RateLimit-Limit") == ""
}

// seconds reads a number of them.
func seconds(text string) (d time.Duration, ok bool) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, false
	}
	return span(n)
}

// span is n seconds, in whole milliseconds, and an hour at most.
func span(n float64) (d time.Duration, ok bool) {
	if math.IsNaN(n) || math.IsInf(n, 0) || n < 0 {
		return 0, false
	}
	return time.Duration(math.Ceil(min(n, longest.Seconds())*1000)) * time.Millisecond, true
}
