package main

import (
	"sync"
	"time"
)

// noticeEvery is how often the same thing about a platform's connection is
// logged: whoever sends forged requests must not fill a disk.
const noticeEvery = 10 * time.Second

// notices remembers when what was logged. What a platform tells of is one of a
// few words, so that it stays small.
type notices struct {
	mu   sync.Mutex
	said map[string]*notice
}

type notice struct {
	at   time.Time // logged last
	more int       // not logged since
}

// due reports whether what is to be logged now, and how often it was not since
// the last time.
func (n *notices) due(what string, now time.Time) (more int, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.said == nil {
		n.said = make(map[string]*notice)
	}
	last := n.said[what]
	if last != nil && now.Sub(last.at) < noticeEvery {
		last.more++
		return 0, false
	}
	if last != nil {
		more = last.more
	}
	n.said[what] = &notice{at: now}
	return more, true
}

// noticed counts what happened to a platform's connection, and logs it, the
// same at most once in a while.
func (h *house) noticed(platform, what string, count int, err error) {
	h.metrics.notices.WithLabelValues(platform, what).Inc()
	attrs := []any{"what", what}
	if count > 0 {
		attrs = append(attrs, "count", count)
	}
	if err == nil {
		h.log.Info(platform, attrs...)
		return
	}
	more, ok := h.notices.due(platform+"/"+what, time.Now())
	if !ok {
		return
	}
	if more > 0 {
		attrs = append(attrs, "more", more)
	}
	h.log.Warn(platform, append(attrs, "err", err)...)
}
