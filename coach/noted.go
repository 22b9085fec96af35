package coach

import "sync"

// maxNoted is how many answers to check-ins are remembered at a time.
const maxNoted = 128

// A noted is all that the answer to a check-in depends on beside the edition.
// People of a team who tried the same thing in the same week often share one.
type noted struct {
	offer, kept                  string
	run, rest, total, lately, of int
}

// notedPages keeps the answers to check-ins that were given last, in two
// generations of which the old one goes whole. The very same answer lets a
// surface do without drawing it again. Nobody writes to one.
type notedPages struct {
	mu       sync.Mutex
	now, old map[noted]Reply
}

// page is the answer that is kept, or what work makes.
func (p *notedPages) page(k noted, work func() Reply) Reply {
	p.mu.Lock()
	defer p.mu.Unlock()
	r, ok := p.now[k]
	if ok {
		return r
	}
	if r, ok = p.old[k]; !ok {
		r = work()
	}
	if p.now == nil || len(p.now) >= maxNoted/2 {
		p.now, p.old = make(map[noted]Reply), p.now
	}
	p.now[k] = r
	return r
}
