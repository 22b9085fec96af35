package terminal

import (
	"io"
	"os"
	"sync"

	"golang.org/x/term"
)

const (
	widest   = 80 // columns that are used at most
	tightest = 24 // and at least
)

// A screen is where everything is written, by several goroutines at once.
type screen struct {
	out   io.Writer
	width int // given by the caller; 0 asks

	mu     sync.Mutex
	editor *term.Terminal // what redraws a half-typed line behind what is written; nil without editing
	err    error          // the first fault; nothing is written after it
}

func newScreen(o Options) *screen { return &screen{out: o.Out, width: o.Width} }

// write shows s whole.
func (s *screen) write(text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	var w io.Writer = s.out
	if s.editor != nil {
		w = s.editor
	}
	_, s.err = io.WriteString(w, text)
	return s.err
}

// edit hands the bottom line to e. With nil it ends that, and whatever stood
// there stays.
func (s *screen) edit(e *term.Terminal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.editor = e
}

// fault returns why nothing can be written any more.
func (s *screen) fault() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// size is how many columns and rows there are.
func (s *screen) size() (width, height int) {
	width, height = s.width, 24
	if f, ok := s.out.(*os.File); ok {
		if w, h, err := term.GetSize(int(f.Fd())); err == nil && w > 0 && h > 0 {
			height = h
			if width == 0 {
				width = w
			}
		}
	}
	if width == 0 {
		width = widest
	}
	return width, height
}

// columns is how many columns text may take.
func (s *screen) columns() int {
	w, _ := s.size()
	return max(min(w, widest), tightest)
}
