package main

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	loadRate     = 10 // gestures a second, on each platform
	loadGuests   = 12 // who do something at the same time, on each platform
	newcomersPer = 50 // of a hundred visits: of people who were not there before
)

// Traffic is people who use one platform at a steady rate. More and more of
// them were there before.
type traffic struct {
	name  string
	guest func(person int) visitor
	most  int // people there are
	turns chan struct{}
	over  chan struct{}
	fault func(what string) // notes what went wrong

	mu      sync.Mutex
	met     int          // how many people were there so far
	busy    map[int]bool // people who do something just now
	came    []arrival    // what nobody has pressed on yet
	asked   int
	slowest time.Duration
}

// An arrival is something that the program posted, and who is to press what on
// it.
type arrival struct {
	whose func() visitor // nil: anybody
	on    page
	look  func(g visitor) // makes them look at the place
	label string
}

// run has people do things until over is closed.
func (l *traffic) run() {
	l.turns, l.busy = make(chan struct{}, loadRate), map[int]bool{}
	var all sync.WaitGroup
	all.Go(func() {
		tick := time.NewTicker(time.Second / loadRate)
		defer tick.Stop()
		for {
			select {
			case <-l.over:
				return
			case <-tick.C:
			}
			select {
			case l.turns <- struct{}{}:
			default: // who is asked for more than it can do is not asked for more later
			}
		}
	})
	for range loadGuests {
		all.Go(func() {
			for l.visit() {
			}
		})
	}
	all.Wait()
}

// visit has one person come, do some things and go; false when it is over.
func (l *traffic) visit() bool {
	if a, ok := l.arrived(); ok {
		return l.respond(a)
	}
	person := l.somebody()
	defer l.gone(person)
	v := &stay{traffic: l, g: l.guest(person)}
	v.g.leave()
	switch what := rand.IntN(40); {
	case what == 0:
		v.erase()
	case what < 14:
		v.practise()
	case what < 27:
		v.settle()
	default:
		v.lookAround()
	}
	return !v.ended
}

// somebody is a person who is not there just now: one who was there before, or
// one who was not.
func (l *traffic) somebody() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.met < l.most && (l.met < 2*loadGuests || rand.IntN(100) < newcomersPer) {
		l.met++
		l.busy[l.met-1] = true
		return l.met - 1
	}
	for {
		if p := rand.IntN(l.met); !l.busy[p] {
			l.busy[p] = true
			return p
		}
	}
}

func (l *traffic) gone(person int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.busy, person)
}

// arrive notes something to press on.
func (l *traffic) arrive(a arrival) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.came = append(l.came, a)
}

func (l *traffic) arrived() (a arrival, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.came) == 0 {
		return a, false
	}
	a = l.came[0]
	l.came = l.came[1:]
	return a, true
}

// respond has somebody press on what was posted.
func (l *traffic) respond(a arrival) bool {
	if a.whose == nil {
		person := l.somebody()
		defer l.gone(person)
		a.whose = func() visitor { return l.guest(person) }
	}
	v := &stay{traffic: l, g: a.whose()}
	v.g.leave()
	a.look(v.g)
	v.press(a.on, a.label)
	v.g.leave()
	return !v.ended
}

// A stay is what one person does in a row.
type stay struct {
	*traffic
	g     visitor
	ended bool // the load is over, or an answer was not what it should be
}

// do waits for its turn and does one thing.
func (v *stay) do(what string, gesture func() (page, error)) page {
	if v.ended {
		return nil
	}
	select {
	case <-v.over:
		v.ended = true
		return nil
	case <-v.turns:
	}
	began := time.Now()
	p, err := gesture()
	v.mu.Lock()
	v.asked++
	v.slowest = max(v.slowest, time.Since(began))
	v.mu.Unlock()
	if err != nil {
		v.fault(fmt.Sprintf("%s: %s: %v", v.name, what, err))
		return nil
	}
	return p
}

func (v *stay) say(line string) page {
	return v.do("types "+line, func() (page, error) { return v.g.say(line) })
}

// press presses the button whose label begins so; nothing where there is none,
// as for somebody who did that before.
func (v *stay) press(on page, beginning string) page {
	label := labelled(on, beginning)
	if label == "" {
		return nil
	}
	return v.do("presses "+label, func() (page, error) { return v.g.press(on, label) })
}

// send fills in a form and closes the window that it may leave.
func (v *stay) send(form page, values map[string]string) {
	// A form that is ready too late to be opened at once waits behind a button.
	for label := labelled(form, "Open it"); label != ""; label = labelled(form, "Open it") {
		form = v.press(form, label)
	}
	if form == nil {
		return
	}
	v.do("sends a form", func() (page, error) { return v.g.send(form, values) })
	v.g.leave()
}

// practise takes up something, tells how it went and writes a line about it.
func (v *stay) practise() {
	when := v.press(v.say(""), "I'm in")
	v.press(v.press(when, "Tomorrow"), "Yes, ")
	v.send(v.press(v.say("done well"), "Write a line"), map[string]string{"A line for yourself": "We talked for a while."})
	v.say("progress")
}

// settle chooses how often the program may write.
func (v *stay) settle() {
	v.do("opens the first screen", v.g.home)
	v.send(v.press(v.say("settings"), "Rhythm"), map[string]string{"How often may I write to you?": "Weekly: one question on Thursdays"})
	v.say("step 3")
	v.say("help")
}

// lookAround reads this and that.
func (v *stay) lookAround() {
	v.say("first 1:1 with my boss")
	v.press(v.say("practice"), "Another idea")
	v.press(v.say("tip"), "Why this?")
	v.say("card")
	v.send(v.say("journal write"), map[string]string{"A line for yourself": "I asked one more question."})
}

// erase is somebody who leaves for good.
func (v *stay) erase() {
	v.press(v.press(v.say("data"), "Erase all of it"), "Erase it now")
}
