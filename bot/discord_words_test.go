package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/adapters/discord/components"
	"rapport/adapters/discord/discordtest"
	"rapport/coach"
)

// A rover walks through everything there is over Discord, typing words of its
// own wherever that is possible.
type rover struct {
	*server
	p       *discordtest.Person
	place   string // where they are; "" = their direct messages with the app
	stem    string // in all they type
	marks   int    // places where something was typed
	seen    map[string]bool
	verbs   map[string]bool
	inputs  map[string]bool // by name and label
	queue   []knob
	acks    int
	late    int // of those, later than ackTime
	slowest time.Duration
	offered int      // by autocomplete
	bodies  [][]byte // of responses over HTTP
}

// A knob is something to press or pick, on a message as it was.
type knob struct {
	on     discordtest.Message
	label  string
	pick   bool
	action coach.Action
}

func newRover(o *server, stem string) *rover {
	return &rover{server: o, place: "general", stem: stem, seen: map[string]bool{}, verbs: map[string]bool{}, inputs: map[string]bool{}}
}

// as is somebody for whom nothing is open, and who may ask.
func (w *rover) as(name string) *discordtest.Person {
	w.Helper()
	w.p = w.in(name, w.place)
	w.p.CloseModal()
	return w.p
}

func (w *rover) mark() string {
	w.marks++
	return fmt.Sprintf("%sn%d", w.stem, w.marks)
}

// done takes the first answer to a gesture and waits for what it shows: a form,
// or a message.
func (w *rover) done(what string, a discordtest.Answer) (m discordtest.Message, form *discordtest.Modal) {
	w.Helper()
	w.acks++
	w.slowest = max(w.slowest, a.Latency)
	w.bodies = append(w.bodies, a.Body)
	if a.Error != "" {
		w.Fatalf("%s: Discord says %s\n%s", what, a.Error, tail(w.d.Transcript()))
	}
	if a.Latency > ackTime {
		w.late++
	}
	if v, ok := w.p.Modal(); ok && a.Kind == 9 {
		return m, &v
	}
	if !w.d.Wait(patience, func() bool { m = w.d.Answered(a); return m.ID != "" && !m.Thinking }) {
		w.Fatalf("%s: no answer\n%s", what, tail(w.d.Transcript()))
	}
	if said := m.Plain(); strings.Contains(said, coach.Sorry().Message.Fallback()) {
		w.Errorf("%s: %s", what, said)
	}
	return m, nil
}

// say types a command.
func (w *rover) say(name, line string) {
	w.Helper()
	w.as(name)
	w.verbs[coach.Parse(line).Verb] = true
	var values []string
	if line != "" {
		values = []string{line}
	}
	m, form := w.done(line, w.p.Command("/rapport", values...))
	w.take(line, m, form)
}

// take goes through an answer: a form is filled in, and what can be pressed is
// remembered.
func (w *rover) take(what string, m discordtest.Message, form *discordtest.Modal) {
	w.Helper()
	if form != nil {
		m = w.fill(what, *form)
	}
	w.note(m)
}

// fill sends a form with words of its own in every line; and where that is
// wrong, again as it is meant: the button brings back what was typed.
func (w *rover) fill(what string, form discordtest.Modal) discordtest.Message {
	w.Helper()
	typed, right := map[string]string{}, map[string]string{}
	lines := formOf(form)
	for _, in := range lines {
		w.inputs[in.name+" "+in.label] = true
		switch in.kind {
		case "4":
			typed[in.label], right[in.label] = w.mark(), goodWords(in.name)
			if right[in.label] == "" {
				right[in.label] = w.mark()
			}
		case "8":
			typed[in.label], right[in.label] = "general", "general"
		}
	}
	m, again := w.done(what+": a form with anything", w.p.Submit(form, typed))
	if again != nil {
		w.Fatalf("%s: a form is answered by a form", what)
	}
	if !strings.Contains(m.Plain(), "[Edit]") {
		return m
	}
	w.verbs["draft"] = true
	_, back := w.done(what+": Edit", w.p.Press(m, "Edit"))
	if back == nil {
		w.Fatalf("%s: Edit opens no form\n%s", what, tail(w.d.Transcript()))
	}
	for _, in := range lines {
		if in.kind == "4" && !strings.Contains(back.Plain(), typed[in.label]) {
			w.Errorf("%s: what was typed as %s is gone", what, in.name)
		}
	}
	m, again = w.done(what+": a form as it is meant", w.p.Submit(*back, right))
	if again != nil || strings.Contains(m.Plain(), "[Edit]") {
		w.Errorf("%s: still not taken: %s", what, m.Plain())
	}
	return m
}

// formOf are the inputs of a form in Discord.
func formOf(form discordtest.Modal) (all []field) {
	for _, c := range form.Components {
		if in, ok := c["component"].(map[string]any); ok {
			all = append(all, field{fmt.Sprint(in["custom_id"]), fmt.Sprint(c["label"]), fmt.Sprint(in["type"])})
		}
	}
	return all
}

// gone is the id of a message that is no more.
const gone = "1"

// note remembers what can be pressed on an answer, each kind of page once.
func (w *rover) note(m discordtest.Message) {
	m.ID = gone
	for _, k := range knobsOf(m) {
		key := pageOf(k.action)
		if w.seen[key] || k.action.Verb == "erase" && len(k.action.Args) > 0 {
			continue
		}
		w.seen[key] = true
		w.queue = append(w.queue, k)
	}
}

// knobsOf are all buttons and options of a message that carry an action.
func knobsOf(m discordtest.Message) (all []knob) {
	add := func(k knob, id string, values []string) {
		var ok bool
		if k.action, ok = components.Picked(id, values); ok && isVerb(k.action.Verb) {
			k.on = m
			all = append(all, k)
		}
	}
	var walk func(v any)
	walk = func(v any) {
		switch one := v.(type) {
		case []any:
			for _, e := range one {
				walk(e)
			}
		case map[string]any:
			id, _ := one["custom_id"].(string)
			options, _ := one["options"].([]any)
			if id != "" && options == nil {
				add(knob{label: fmt.Sprint(one["label"])}, id, nil)
			}
			for _, o := range options {
				option, _ := o.(map[string]any)
				add(knob{label: fmt.Sprint(option["label"]), pick: true}, id, []string{fmt.Sprint(option["value"])})
			}
			walk(one["components"])
			walk(one["accessory"])
		}
	}
	for _, c := range m.Components {
		walk(c)
	}
	return all
}

// press does what a knob is there for.
func (w *rover) press(name string, k knob) {
	w.Helper()
	w.as(name)
	what := fmt.Sprintf("[%s] %s %q", k.label, k.action.Verb, k.action.Args)
	w.verbs[k.action.Verb] = true
	var a discordtest.Answer
	if k.pick {
		a = w.p.Pick(k.on, "", k.label)
	} else {
		a = w.p.Press(k.on, k.label)
	}
	m, form := w.done(what, a)
	w.take(what, m, form)
}

// drain presses all that was noted, and what that brings.
func (w *rover) drain(name string) {
	w.Helper()
	for len(w.queue) > 0 {
		k := w.queue[0]
		w.queue = w.queue[1:]
		w.press(name, k)
	}
}

// everything walks through all words, forms, buttons and menus, as an admin, and
// has all of it completed.
func (w *rover) everything(name string) {
	w.Helper()
	if slices.Contains(w.as(name).Commands(), "/rapport-admin") {
		m, form := w.done("/rapport-admin", w.p.Command("/rapport-admin"))
		w.take("/rapport-admin", m, form)
		w.complete(name, "/rapport-admin", "")
	}
	w.complete(name, "/rapport", "")
	for _, c := range coach.Commands() {
		if c.Hidden {
			continue
		}
		w.verbs[c.Verb] = true
		for _, word := range append(slices.Clone(c.Aliases), c.Verb) {
			lines := []string{word}
			for _, p := range c.Params {
				for _, o := range p.Options {
					lines = append(lines, word+" "+o.Value)
				}
			}
			for _, line := range lines {
				w.say(name, line)
				w.say(name, line+" "+w.mark())
			}
			for n := range len(word) {
				w.complete(name, "/rapport", word[:n+1])
			}
			w.complete(name, "/rapport", word+" ")
			w.complete(name, "/rapport", word+" "+w.mark())
		}
	}
	w.say(name, "")
	w.say(name, w.mark())
	for _, g := range w.h.coach.Edition().Guards {
		w.say(name, "I write of "+g.Words[0]+" and "+w.mark())
	}
	w.drain(name)
}

// complete types a beginning and takes what is offered; a choice is one of what
// can be typed.
func (w *rover) complete(name, command, beginning string) {
	w.Helper()
	for _, c := range w.as(name).Complete(command, beginning) {
		w.offered++
		if found([]byte(c.Name+c.Value), w.stem) != "" && !strings.Contains(beginning, w.stem) {
			w.Errorf("%q is offered %+v", beginning, c)
		}
	}
	if errs := w.p.Errors(); len(errs) > 0 {
		w.Errorf("%s %q: %q", command, beginning, errs)
	}
}

// TestDiscordWords has Anna go through everything there is, typing words of her
// own into every line, and then looks for them everywhere but where they
// belong.
func TestDiscordWords(t *testing.T) {
	for _, way := range bothRoutes {
		t.Run(way, func(t *testing.T) {
			if way == "http" && !*long { // TestDiscordLong and TestDiscordStory go both ways
				t.Skip("goes the same walk once more: only with -long")
			}
			discordWords(t, way)
		})
	}
}

func discordWords(t *testing.T, way string) {
	alone(t)
	o := openServer(t, way, monday.AddDate(0, 0, -1), discordtest.Setup{})
	o.setUp("general")
	anna := newRover(o, stem)
	anna.everything("Anna")
	if n := len(o.d.Posted("#general")) - 1; n != 0 {
		t.Errorf("%d public messages besides the introduction", n)
	}
	for _, c := range coach.Commands() {
		if !anna.verbs[c.Verb] && c.Verb != "moved" { // Discord tells nobody's time zone
			t.Errorf("%s was never reached", c.Verb)
		}
	}
	for _, in := range inputsInSource(t) {
		if !anna.inputs[in] {
			t.Errorf("nothing was typed into %q", in)
		}
	}
	anna.tell("Anna")
	anna.alone(otherStem, 0)

	if *long { // without, TestApart and TestMarker look on as somebody else
		calls := len(o.d.Calls())
		ben := newRover(o, otherStem)
		ben.everything("Ben")
		ben.tell("Ben")
		ben.alone(stem, calls)
	}
	if way == "gateway" { // what is sent does not hang on the way in
		anna.liveOn()
	}
	anna.nowhere()
	o.judge()
}

func (w *rover) tell(name string) {
	w.Helper()
	if w.late > w.acks/100 { // one or other is the machine's
		w.Errorf("%d of %d gestures were answered after more than %s", w.late, w.acks, ackTime)
	}
	w.Logf("%s, %s: %d gestures, %d kinds of page, %d inputs, words typed %d times, %d completions offered; slowest answer %s; against Discord's document: %t",
		w.way, name, w.acks, len(w.seen), len(w.inputs), w.marks, w.offered, w.slowest.Round(time.Millisecond), discordtest.Schemas())
}

// alone demands that nothing that went to Discord from a call on holds words of
// the other's.
func (w *rover) alone(words string, from int) {
	w.Helper()
	for _, c := range w.d.Calls()[from:] {
		if how := found([]byte(c.Path+c.Raw), words); how != "" {
			w.Errorf("%s holds what somebody else typed, %s: %.300s", c.Path, how, c.Raw)
		}
	}
	for _, body := range w.bodies {
		if how := found(body, words); how != "" {
			w.Errorf("a response holds what somebody else typed, %s: %.300s", how, body)
		}
	}
}

// liveOn asks for all that is sent privately, lets six weeks pass, and presses
// all that Anna then finds in her direct messages.
func (w *rover) liveOn() {
	w.Helper()
	w.as("Anna")
	press := func(words, label string) discordtest.Message {
		w.Helper()
		rested(w.h)
		w.p.Press(w.p.WaitMessage(words), label)
		return discordtest.Message{}
	}
	w.p.Command("/rapport", "pause end")
	w.p.Command("/rapport", "settings")
	press("Your settings", "Rhythm")
	w.p.Submit(w.p.WaitModal("How often may I write"), map[string]string{"How often may I write to you?": "Daily: a tip on each day you choose"})
	w.p.WaitMessage("Saved.")
	w.p.Command("/rapport", "journal write")
	w.p.Submit(w.p.WaitModal("A line for yourself"), map[string]string{"A line for yourself": w.mark()})
	press("Kept.", "Remind me in a month")
	before := len(w.d.Person("Anna").Direct())
	w.on(45 * 24 * time.Hour)
	got := w.d.Person("Anna").Direct()[before:]
	if len(got) < 10 { // four weeks of them without tips: she pressed [Less of this] everywhere
		w.Errorf("%d direct messages in six weeks, want more", len(got))
	}
	w.place = ""
	for _, m := range got {
		w.note(m)
	}
	w.drain("Anna")
	w.tell("Anna, six weeks on")
}

// nowhere demands that no words of Anna's or Ben's are in a file, a log, a
// metric, a direct message, an id of a control, or before anybody else.
func (w *rover) nowhere() {
	w.Helper()
	v := &vault{T: w.T, env: w.env, h: w.h}
	places := v.files()
	if len(places["rapport.db"]) == 0 || len(places["rapport.keys"]) == 0 {
		w.Error("no database: the test looks in the wrong place")
	}
	places["the log"], places["the metrics"] = []byte(w.log.String()), v.metricsPage()
	sent := 0
	for i, c := range w.d.Calls() {
		place := fmt.Sprint(c.Method, " ", c.Path, " ", i)
		if !strings.Contains(c.Path, "/interactions/") && !strings.Contains(c.Path, "/webhooks/") {
			sent++
			places[place] = []byte(c.Path + c.Raw)
		}
	}
	private := 0
	for _, m := range w.d.Messages("") {
		raw := []byte(text(w.T, m.Components))
		if found(raw, stem) != "" || found(raw, otherStem) != "" {
			private++
		}
		if m.For == "" {
			places["a message for everybody there, "+m.ID] = raw
		}
		for i, k := range knobsOf(m) {
			places[fmt.Sprint("an action of ", m.ID, " ", i)] = []byte(fmt.Sprint(k.action))
		}
	}
	if private < 25 || sent < 5 {
		w.Errorf("%d messages hold words and %d calls are looked at: too few to say anything", private, sent)
	}
	for place, content := range places {
		for _, words := range []string{stem, otherStem} {
			if how := found(content, words); how != "" {
				i := bytes.Index(bytes.ToLower(content), []byte(words))
				w.Errorf("%s holds what was typed, %s: %q", place, how, content[max(0, i-80):min(len(content), max(0, i)+60)])
			}
		}
	}
	w.Logf("%d places looked through", len(places))
}
