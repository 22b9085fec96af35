//go:build crashpoints

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"rapport/coach"
	"rapport/schedules"
)

// receiverName is the platform of the surface that tests look at from outside.
const receiverName coach.Platform = "receiver"

// A receiver is a surface for tests that kill the program: it posts the key and
// the address of each message to RAPPORT_RECEIVER, where another process keeps
// a log that outlives this one. It says no words of anybody.
type receiver struct {
	url    string
	client *http.Client
}

// A parcelNote is the body of what is posted.
type parcelNote struct {
	Key string `json:"key"`
	To  string `json:"to"`
}

// testSurfaces joins the receiver if RAPPORT_RECEIVER is set. What is in doubt
// is skipped, as on Slack, or with RAPPORT_RECEIVER_DOUBT=resend sent again
// within two minutes, as on Discord. RAPPORT_RECEIVER_LEASE shortens leases, so
// that a test need not wait for them.
func (h *house) testSurfaces(env Env) ([]Adapter, error) {
	url := env.Getenv("RAPPORT_RECEIVER")
	if url == "" {
		return nil, nil
	}
	pace := schedules.Pace{Width: 4}
	if env.Getenv("RAPPORT_RECEIVER_DOUBT") == "resend" {
		pace.Doubt = schedules.Doubt{Resend: true, Within: 2 * time.Minute}
	}
	lease, err := time.ParseDuration(env.Getenv("RAPPORT_RECEIVER_LEASE"))
	if err != nil {
		return nil, fmt.Errorf("RAPPORT_RECEIVER_LEASE: %w", err)
	}
	h.runner.Courier.Lease = lease
	h.runner.Every = 250 * time.Millisecond
	r := &receiver{url, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	h.join(r, pace)
	return []Adapter{r}, nil
}

// Name implements [Adapter].
func (*receiver) Name() coach.Platform { return receiverName }

// Run implements [Adapter]: nobody asks anything here.
func (*receiver) Run(ctx context.Context, _ coach.Handler) error {
	<-ctx.Done()
	return nil
}

// Send implements [schedules.Sender].
func (r *receiver) Send(ctx context.Context, to coach.Address, key string, _ coach.Message) (string, error) {
	body, err := json.Marshal(parcelNote{key, addressText(to)})
	if err != nil {
		return "", &coach.SendError{Fate: coach.Never, Err: err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, bytes.NewReader(body))
	if err != nil {
		return "", &coach.SendError{Fate: coach.Never, Err: err}
	}
	res, err := r.client.Do(req)
	if err != nil {
		return "", &coach.SendError{Fate: fateOfCall(err), Err: err}
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusOK:
		return "seen", nil
	case res.StatusCode == http.StatusTooManyRequests:
		after, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		return "", &coach.SendError{Fate: coach.Later, After: time.Duration(after) * time.Second, Err: errors.New(res.Status)}
	}
	return "", &coach.SendError{Fate: coach.InDoubt, Err: errors.New(res.Status)}
}

// fateOfCall tells a connection that was never made from one that broke.
func fateOfCall(err error) coach.Fate {
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Op == "dial" {
		return coach.Later
	}
	return coach.InDoubt
}

func addressText(to coach.Address) string {
	if to.Kind == coach.InChannel {
		return "channel " + to.Channel
	}
	return "person " + to.Person.User
}
