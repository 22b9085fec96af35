package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"rapport/adapters/sqlite"
	"rapport/coach"
)

// logged returns a Handler that turns panics of h into errors and logs how each
// request ended. Records name the verb, the outcome and the class of an error: no person, no words of
// theirs, no token.
func logged(h coach.Handler, log *slog.Logger) coach.Handler {
	return &logging{h, log, newVerbs()}
}

type logging struct {
	next  coach.Handler
	log   *slog.Logger
	verbs verbs
}

// Handle implements [coach.Handler].
func (l *logging) Handle(ctx context.Context, r coach.Request) (coach.Reply, error) {
	start := time.Now()
	reply, err := l.handle(ctx, r)
	if err == nil && !l.log.Enabled(ctx, slog.LevelDebug) {
		return reply, nil
	}
	attrs := []any{"verb", l.verbs.label(r.Action.Verb), "outcome", outcomeOf(reply, err), "took", time.Since(start).Round(time.Microsecond)}
	switch p, panicked := errors.AsType[*panicError](err); {
	case err == nil:
		l.log.DebugContext(ctx, "request", attrs...)
	case errors.Is(err, errLimited):
		l.log.InfoContext(ctx, "request", attrs...)
		return reply, nil
	case panicked:
		l.log.ErrorContext(ctx, "request", append(attrs, "class", errorClass(err), "stack", p.stack)...)
	default:
		l.log.ErrorContext(ctx, "request", append(attrs, "class", errorClass(err))...)
	}
	return reply, err
}

func (l *logging) handle(ctx context.Context, r coach.Request) (reply coach.Reply, err error) {
	defer func() {
		if v := recover(); v != nil {
			reply, err = coach.Reply{}, &panicError{v, string(debug.Stack())}
		}
	}()
	return l.next.Handle(ctx, r)
}

// Complete implements [coach.Handler].
func (l *logging) Complete(ctx context.Context, r coach.Request, prefix string) (options []coach.Option) {
	defer func() {
		if v := recover(); v != nil {
			err := &panicError{v, string(debug.Stack())}
			l.log.ErrorContext(ctx, "completion", "outcome", "panic", "class", errorClass(err), "stack", err.stack)
			options = nil
		}
	}()
	return l.next.Complete(ctx, r, prefix)
}

// A panicError is a panic of a handler. The stack shows functions and lines;
// the value may hold anything and is not part of the text.
type panicError struct {
	value any
	stack string
}

func (e *panicError) Error() string {
	if err, ok := e.value.(runtime.Error); ok {
		return "panic: " + err.Error()
	}
	return fmt.Sprintf("panic: %T", e.value)
}

// outcomeOf is how a request ended, as logs and metrics name it.
func outcomeOf(reply coach.Reply, err error) string {
	if _, ok := errors.AsType[*panicError](err); ok {
		return "panic"
	}
	switch {
	case errors.Is(err, errLimited):
		return "limited"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case err != nil:
		return "error"
	case len(reply.Faults) > 0:
		return "faults"
	case reply.Form != nil:
		return "form"
	}
	return "ok"
}

// ownWords is what a step of our own looks like in front of a wrapped error.
var ownWords = regexp.MustCompile(`^[a-z ]{1,40}: $`)

// errorClass is what an error may say in a log: the steps that wrapped it and
// the type of what went wrong. The text of an error may quote what somebody
// typed; only that of the database is known not to.
func errorClass(err error) string {
	var steps strings.Builder
	for {
		switch e := err.(type) {
		case *panicError:
			return steps.String() + e.Error()
		case *sqlite.Fault:
			return steps.String() + "database: " + e.Fix
		}
		inner := errors.Unwrap(err)
		if inner == nil {
			break
		}
		if step, ok := strings.CutSuffix(err.Error(), inner.Error()); ok && ownWords.MatchString(step) {
			steps.WriteString(step)
		}
		err = inner
	}
	switch {
	case errors.Is(err, context.Canceled):
		return steps.String() + "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return steps.String() + "deadline exceeded"
	}
	return fmt.Sprintf("%s%T", steps.String(), err)
}
