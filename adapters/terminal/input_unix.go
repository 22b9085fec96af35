//go:build unix

package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// interruptible makes reads of r end with ctx. A read of a file cannot be taken
// back, so the file is read only once something is there.
func interruptible(ctx context.Context, r io.Reader) (io.Reader, func(), error) {
	f, ok := r.(*os.File)
	if !ok {
		in, stop := closes(ctx, r)
		return in, stop, nil
	}
	wake, waker, err := os.Pipe()
	if err != nil {
		return nil, nil, fmt.Errorf("pipe: %w", err)
	}
	unhook := context.AfterFunc(ctx, func() { _ = waker.Close() })
	stop := func() {
		unhook()
		_ = waker.Close()
		_ = wake.Close()
	}
	return &polled{ctx, f, int32(f.Fd()), int32(wake.Fd())}, stop, nil
}

// A polled reader waits for a file or for the end of ctx.
type polled struct {
	ctx      context.Context
	f        *os.File
	fd, wake int32
}

func (p *polled) Read(b []byte) (int, error) {
	for {
		fds := []unix.PollFd{{Fd: p.fd, Events: unix.POLLIN}, {Fd: p.wake, Events: unix.POLLIN}}
		if _, err := unix.Poll(fds, -1); err != nil && !errors.Is(err, unix.EINTR) {
			return 0, fmt.Errorf("poll: %w", err)
		}
		if err := p.ctx.Err(); err != nil {
			return 0, err
		}
		if fds[0].Revents == 0 {
			continue
		}
		n, err := p.f.Read(b)
		if errors.Is(err, unix.EIO) { // the terminal was closed
			return n, io.EOF
		}
		return n, err
	}
}
