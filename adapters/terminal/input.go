package terminal

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// maxTyped is how much of one line is read from a pipe, in bytes. The rest of
// the line is let go.
const maxTyped = 16 << 10

// A keyboard reads lines, edited on a terminal and as they come in a pipe.
type keyboard struct {
	*Adapter
	ctx    context.Context // Run's: what is read ends with it
	in     io.Reader
	lines  *bufio.Reader  // without editing
	editor *term.Terminal // with editing
	past   *past
	fd     int // of the terminal to put into raw mode while a line is edited; -1 for none
}

// keyboard begins reading; stop ends it.
func (a *Adapter) keyboard(ctx context.Context) (k *keyboard, stop func(), err error) {
	in, stop, err := interruptible(ctx, a.In)
	if err != nil {
		return nil, nil, err
	}
	k = &keyboard{Adapter: a, ctx: ctx, in: in, past: newPast(), fd: -1}
	if !a.Edit {
		k.lines = bufio.NewReaderSize(in, maxTyped)
		return k, stop, nil
	}
	if f, ok := a.In.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		k.fd = int(f.Fd())
	}
	k.editor = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{in, a.Out}, "")
	k.editor.History = k.past
	a.screen.edit(k.editor)
	return k, stop, nil
}

// read asks for a line. The error is io.EOF at the end of the input, and the
// context's if that ended.
func (k *keyboard) read(prompt string) (string, error) {
	var s string
	var err error
	if k.editor != nil {
		s, err = k.edit(prompt)
	} else {
		s, err = k.plain(prompt)
	}
	if ended := k.ctx.Err(); ended != nil {
		return "", ended
	}
	return s, err
}

// edit reads a line on a terminal, which is in raw mode only that long: while
// the coach thinks, Ctrl-C works as everywhere.
func (k *keyboard) edit(prompt string) (s string, err error) {
	if k.fd >= 0 {
		before, err := term.MakeRaw(k.fd)
		if err != nil {
			return "", err
		}
		defer term.Restore(k.fd, before)
	}
	if w, h := k.screen.size(); w > 0 {
		if err := k.editor.SetSize(w, h); err != nil {
			return "", err
		}
	}
	k.editor.SetPrompt(prompt)
	s, err = k.editor.ReadLine()
	if err != nil {
		k.screen.edit(nil) // the last prompt stays as it is
		return "", errors.Join(err, k.screen.write("\r\n"))
	}
	return s, nil
}

// plain reads a line from a pipe.
func (k *keyboard) plain(prompt string) (string, error) {
	if k.Seen {
		if err := k.screen.write(prompt); err != nil {
			return "", err
		}
	}
	s, err := k.next()
	if err != nil && k.Seen {
		err = errors.Join(err, k.screen.write("\n")) // behind the last prompt
	}
	if err != nil {
		return "", err
	}
	if !k.Seen {
		return s, k.screen.write(strings.TrimRight(prompt+oneRow(s), " ") + "\n")
	}
	return s, nil
}

// next returns the next line without its end; the last one may have none.
func (k *keyboard) next() (string, error) {
	s, more, err := k.lines.ReadLine()
	if err != nil {
		return "", err
	}
	out := string(s)
	for more && err == nil {
		_, more, err = k.lines.ReadLine()
	}
	return out, nil
}

// oneRow is what was typed, as it is repeated.
func oneRow(s string) string { return strings.ReplaceAll(visible(s), "\n", " ") }

// A closing reader ends a read that waits by closing what it reads from.
type closing struct {
	ctx context.Context
	io.Reader
}

func (c closing) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.Reader.Read(p)
}

// closes makes reads of r end with ctx, as far as closing r ends them.
func closes(ctx context.Context, r io.Reader) (io.Reader, func()) {
	c, ok := r.(io.Closer)
	if !ok {
		return closing{ctx, r}, func() {}
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	return closing{ctx, r}, func() { stop() }
}

// A past is what one person typed, for the arrow keys. It lives in memory only,
// since it holds private words. While a form is asked it holds the answer that
// stands there, and nothing typed is added.
type past struct {
	user  string
	typed map[string][]string // by user, oldest first
	form  []string
	asks  bool
}

// maxPast is how many lines of one person are remembered.
const maxPast = 100

func newPast() *past { return &past{typed: make(map[string][]string)} }

// Add implements term.History.
func (p *past) Add(entry string) {
	lines := p.typed[p.user]
	if p.asks || strings.TrimSpace(entry) == "" || len(lines) > 0 && lines[len(lines)-1] == entry {
		return
	}
	if lines = append(lines, entry); len(lines) > maxPast {
		lines = lines[1:]
	}
	p.typed[p.user] = lines
}

// Len implements term.History.
func (p *past) Len() int { return len(p.entries()) }

// At implements term.History.
func (p *past) At(i int) string {
	lines := p.entries()
	return lines[len(lines)-1-i]
}

func (p *past) entries() []string {
	if p.asks {
		return p.form
	}
	return p.typed[p.user]
}
