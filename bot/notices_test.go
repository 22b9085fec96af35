package main

import (
	"testing"
	"time"
)

func TestNoticesAreFew(t *testing.T) {
	var n notices
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for i, c := range []struct {
		what  string
		after time.Duration
		more  int
		ok    bool
	}{
		{"unsigned", 0, 0, true},
		{"unsigned", time.Second, 0, false},
		{"malformed", time.Second, 0, true},
		{"unsigned", noticeEvery - 1, 0, false},
		{"unsigned", noticeEvery, 2, true},
		{"unsigned", 2*noticeEvery - 1, 0, false},
		{"unsigned", 3 * noticeEvery, 1, true},
	} {
		if more, ok := n.due(c.what, at.Add(c.after)); more != c.more || ok != c.ok {
			t.Errorf("%d: got %d, %v, want %d, %v", i, more, ok, c.more, c.ok)
		}
	}
}
