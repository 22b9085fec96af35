//go:build !unix

package terminal

import (
	"context"
	"io"
	"os"
)

// interruptible makes reads of r end with ctx. Here a read of a file that waits
// ends with the next line or with the program, and its goroutine with it.
func interruptible(ctx context.Context, r io.Reader) (io.Reader, func(), error) {
	f, ok := r.(*os.File)
	if !ok {
		in, stop := closes(ctx, r)
		return in, stop, nil
	}
	p := &pumped{ctx: ctx, more: make(chan struct{}), got: make(chan chunk)}
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-p.more:
			case <-done:
				return
			}
			var c chunk
			b := make([]byte, 4096)
			c.n, c.err = f.Read(b)
			c.b = b[:c.n]
			select {
			case p.got <- c:
			case <-done:
				return
			}
		}
	}()
	return p, func() { close(done) }, nil
}

// A chunk is what one read gave.
type chunk struct {
	b   []byte
	n   int
	err error
}

// A pumped reader lets a goroutine wait for a file.
type pumped struct {
	ctx  context.Context
	more chan struct{}
	got  chan chunk
	rest []byte
	err  error
}

func (p *pumped) Read(b []byte) (int, error) {
	if len(p.rest) == 0 && p.err == nil {
		select {
		case p.more <- struct{}{}:
		case <-p.ctx.Done():
			return 0, p.ctx.Err()
		}
		select {
		case c := <-p.got:
			p.rest, p.err = c.b, c.err
		case <-p.ctx.Done():
			return 0, p.ctx.Err()
		}
	}
	n := copy(b, p.rest)
	if p.rest = p.rest[n:]; n > 0 {
		return n, nil
	}
	return 0, p.err
}
