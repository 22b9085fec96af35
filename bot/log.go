package main

import (
	"bytes"
	"io"
	"log/slog"
	"strconv"
)

// newLogger returns a logger that writes as configured. What it writes holds no
// secret: values of type [Secret] print as [redacted], and so does the text of
// a configured secret wherever it turns up, such as in an error of a library.
func newLogger(w io.Writer, c LogConfig) *slog.Logger {
	w = newScrubber(w, c.secrets)
	o := &slog.HandlerOptions{Level: slogLevel(c.Level)}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

func slogLevel(name string) slog.Level {
	switch name {
	case "debug":
		return slog.LevelDebug
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	}
	return slog.LevelInfo
}

// A scrubber replaces secrets in each record; slog's handlers write one record
// with one call.
type scrubber struct {
	to      io.Writer
	secrets [][]byte
}

// newScrubber returns w where there is nothing to scrub.
func newScrubber(w io.Writer, secrets []Secret) io.Writer {
	s := &scrubber{to: w}
	for _, secret := range secrets {
		if !secret.Set() {
			continue
		}
		plain := secret.Reveal()
		s.secrets = append(s.secrets, []byte(plain))
		if quoted := strconv.Quote(plain); quoted != `"`+plain+`"` {
			s.secrets = append(s.secrets, []byte(quoted[1:len(quoted)-1]))
		}
	}
	if len(s.secrets) == 0 {
		return w
	}
	return s
}

// Write implements [io.Writer].
func (s *scrubber) Write(record []byte) (int, error) {
	out := record
	for _, secret := range s.secrets {
		out = bytes.ReplaceAll(out, secret, []byte(redacted))
	}
	if _, err := s.to.Write(out); err != nil {
		return 0, err
	}
	return len(record), nil
}
