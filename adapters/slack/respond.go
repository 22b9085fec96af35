package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"time"

	slackgo "github.com/slack-go/slack"
)

const (
	insistTime  = time.Minute // how long a call is tried again
	insistTries = 4
	backoff     = time.Second // before it is, at first
)

// insist is the function of that name, at the desk's pace.
func (d *desk) insist(ctx context.Context, retry func(error) bool, call func(context.Context) error) error {
	return insist(ctx, d.backoff, retry, call)
}

// insist makes a call, and makes it again while retry says that this may help
// and does no harm, after pause at first. The error says nothing private.
func insist(ctx context.Context, pause time.Duration, retry func(error) bool, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, insistTime)
	defer cancel()
	for try := 1; ; try++ {
		err := call(ctx)
		if err == nil {
			return nil
		}
		limited, _ := errors.AsType[*slackgo.RateLimitedError](err)
		if try == insistTries || limited == nil && !retry(err) {
			return bare(err)
		}
		wait := pause + rand.N(pause)
		if limited != nil {
			wait = max(wait, limited.RetryAfter)
		}
		pause *= 2
		if end, ok := ctx.Deadline(); ok && time.Until(end) < wait {
			return bare(err)
		}
		if !sleep(ctx, wait) {
			return bare(err)
		}
	}
}

// always makes insist try whatever went wrong.
func always(error) bool { return true }

// respond posts body to a response_url of Slack. It is posted again only where
// Slack cannot have taken it: nobody answered the call, or Slack said so; after
// pause at first. The error says nothing private.
func (a *Adapter) respond(ctx context.Context, address string, body json.RawMessage, pause time.Duration) error {
	if !a.mayPost(address) {
		return errAddress
	}
	reached := false
	retry := func(err error) bool {
		if s, ok := errors.AsType[slackgo.StatusCodeError](err); ok {
			return s.Code >= http.StatusInternalServerError
		}
		_, refused := errors.AsType[slackgo.SlackErrorResponse](err)
		return !reached && !refused
	}
	return insist(ctx, pause, retry, func(ctx context.Context) error {
		reached = false
		return a.postOnce(ctx, address, body, &reached)
	})
}

var errAddress = errors.New("no address that may be posted to")

// mayPost reports whether address is of the kind that Slack gives.
func (a *Adapter) mayPost(address string) bool {
	to, err := url.Parse(address)
	if err != nil || to.Host == "" {
		return false
	}
	api, err := url.Parse(a.APIURL)
	return to.Scheme == "https" || err == nil && to.Scheme == api.Scheme
}

// postOnce posts body to address. reached becomes true when there is somebody
// to take it.
func (a *Adapter) postOnce(ctx context.Context, address string, body []byte, reached *bool) error {
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { *reached = true }})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return errAddress
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	res, err := a.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	said, err := io.ReadAll(io.LimitReader(res.Body, 4<<10))
	switch {
	case res.StatusCode == http.StatusTooManyRequests:
		after, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		return &slackgo.RateLimitedError{RetryAfter: time.Duration(after) * time.Second}
	case res.StatusCode != http.StatusOK:
		return slackgo.StatusCodeError{Code: res.StatusCode}
	case err != nil:
		return nil // taken, and what it said does not matter
	}
	var answer slackgo.SlackResponse
	if json.Unmarshal(said, &answer) == nil && answer.Error != "" {
		return slackgo.SlackErrorResponse{Err: answer.Error}
	}
	return nil
}
