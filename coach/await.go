package coach

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
)

// AckWait is how long an answer may keep a person's press waiting before the
// surface acknowledges it and answers later.
const AckWait = 400 * time.Millisecond

// Await runs h for r. If the reply is there within wait it is returned with
// done true. Otherwise Await returns [OneMoment] with done false, and later is
// called once with the reply, from another goroutine that ends with it. Nothing
// that OneMoment says claims success: the change may not be durable yet.
func Await(ctx context.Context, h Handler, r Request, wait time.Duration, later func(Reply, error)) (reply Reply, done bool, err error) {
	type result struct {
		reply Reply
		err   error
	}
	got := make(chan result, 1)
	var settled atomic.Bool // whether it is in time: said by whoever comes first
	go func() {
		deepen()
		reply, err := h.Handle(ctx, r)
		if settled.CompareAndSwap(false, true) {
			got <- result{reply, err}
		} else {
			later(reply, err)
		}
	}()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case res := <-got:
		return res.reply, true, res.err
	case <-timer.C:
	}
	if settled.CompareAndSwap(false, true) {
		return OneMoment(), false, nil
	}
	res := <-got
	return res.reply, true, res.err
}

// deepen gives a new goroutine at once the stack that most answers need. It
// grows in four steps otherwise, each of which copies what is there: a
// twentieth of a command.
//
//go:noinline
func deepen() {
	var room [20 << 10]byte
	runtime.KeepAlive(&room)
}

// Steady returns h with its panics turned into errors, so that one bad answer
// ends neither a conversation nor a program. Every surface wraps what it is
// given.
func Steady(h Handler) Handler { return steady{h} }

type steady struct{ Handler }

func (h steady) Handle(ctx context.Context, r Request) (reply Reply, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("handler panicked: %T", p) // what it holds may be words
		}
	}()
	return h.Handler.Handle(ctx, r)
}

func (h steady) Complete(ctx context.Context, r Request, prefix string) (options []Option) {
	defer func() {
		if recover() != nil {
			options = nil
		}
	}()
	return h.Handler.Complete(ctx, r, prefix)
}
