package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/adapters/slack/slacktest"
	"rapport/coach"
)

// ackTime is the longest an acknowledgement may take.
const ackTime = 500 * time.Millisecond

// A walker walks through everything there is over Slack, typing words of its
// own wherever that is possible.
type walker struct {
	*office
	p       *slacktest.Person
	place   string          // where they are; "" = their conversation with the app
	stem    string          // in all they type
	marks   int             // places where something was typed
	seen    map[string]bool // pages, by pageOf
	verbs   map[string]bool
	inputs  map[string]bool // by name and label
	queue   []control
	acks    int
	late    int // of those, later than ackTime
	slowest time.Duration
}

// A control is something to press or pick, on a message as it was: what was
// answered since may have taken its place.
type control struct {
	on     slacktest.Surface
	label  string
	pick   bool
	action coach.Action
}

func newWalker(o *office, stem string) *walker {
	return &walker{office: o, place: "general", stem: stem, seen: map[string]bool{}, verbs: map[string]bool{}, inputs: map[string]bool{}}
}

// as is somebody for whom nothing is open, and who may ask.
func (w *walker) as(name string) *slacktest.Person {
	w.Helper()
	w.p = w.in(name, w.place)
	for range w.s.Open(name) {
		w.p.CloseModal()
	}
	return w.p
}

func (w *walker) mark() string {
	w.marks++
	return fmt.Sprintf("%sn%d", w.stem, w.marks)
}

// done takes the acknowledgement of a gesture and waits for the answer, which
// is a window or a message; it may have come with the acknowledgement.
func (w *walker) done(what string, a slacktest.Answer, before sight) slacktest.Surface {
	w.Helper()
	w.acks++
	w.slowest = max(w.slowest, a.Latency)
	if a.Error != "" {
		w.Fatalf("%s: Slack says %s", what, a.Error)
	}
	if a.Latency > ackTime {
		w.late++
	}
	var on slacktest.Surface
	if !w.s.Wait(patience, func() bool { on = before.answer(w); return on != nil }) {
		w.Fatalf("%s: no answer\n%s", what, tail(w.s.Transcript()))
	}
	if m, ok := on.(slacktest.Message); ok && strings.Contains(m.Plain(), coach.OneMoment().Message.Fallback()) {
		w.s.Wait(patience, func() bool {
			on = before.answer(w)
			m, _ := on.(slacktest.Message)
			return m.Edits > 0 || m.Via == "response_url"
		})
	}
	if said := face(on); strings.Contains(said, coach.Sorry().Message.Fallback()) {
		w.Errorf("%s: %s", what, said)
	}
	return on
}

func tail(s string) string { return s[max(0, len(s)-3000):] }

func face(on slacktest.Surface) string {
	switch one := on.(type) {
	case slacktest.Message:
		return one.Plain()
	case slacktest.View:
		return one.Plain()
	}
	return ""
}

// A sight is what somebody saw before a gesture.
type sight struct {
	messages int
	modal    slacktest.View
	home     slacktest.View
}

func (w *walker) look() sight {
	m, _ := w.p.Modal()
	h, _ := w.p.Home()
	return sight{len(w.p.Messages()), m, h}
}

// answer is what came since; nil if nothing did.
func (s sight) answer(w *walker) slacktest.Surface {
	if v, ok := w.p.Modal(); ok && (v.ID != s.modal.ID || v.Updates != s.modal.Updates || len(v.Errors) != len(s.modal.Errors)) {
		return v
	}
	if all := w.p.Messages(); len(all) > s.messages {
		return all[len(all)-1]
	}
	if h, ok := w.p.Home(); ok && (h.ID != s.home.ID || h.Updates != s.home.Updates) {
		return h
	}
	return nil
}

// say types a command.
func (w *walker) say(name, line string) {
	w.Helper()
	w.as(name)
	before := w.look()
	w.verbs[coach.Parse(line).Verb] = true
	w.take(line, w.done(line, w.p.Command("/rapport "+line), before))
}

// take goes through an answer: a form is filled in, and what can be pressed is
// remembered.
func (w *walker) take(what string, on slacktest.Surface) {
	w.Helper()
	for tries := 0; ; tries++ {
		v, ok := on.(slacktest.View)
		if !ok || len(v.Inputs()) == 0 {
			break
		}
		if tries == 3 {
			w.Fatalf("%s: a form is answered by a form", what)
		}
		on = w.fill(what, v)
	}
	w.note(on)
}

// fill sends a form with words of its own in every line; and where that is
// wrong, again as it is meant: the window says what is wrong, and holds them.
func (w *walker) fill(what string, v slacktest.View) slacktest.Surface {
	w.Helper()
	typed, right := map[string]string{}, map[string]string{}
	for _, in := range inputsOf(v) {
		w.inputs[in.name+" "+in.label] = true
		switch {
		case in.kind == "plain_text_input":
			typed[in.name], right[in.name] = w.mark(), goodWords(in.name)
			if right[in.name] == "" {
				right[in.name] = w.mark()
			}
		case strings.Contains(in.kind, "conversation"), strings.Contains(in.kind, "channel"):
			typed[in.name], right[in.name] = "general", "general"
		}
	}
	before := w.look()
	on := w.done(what+": a form with anything", w.p.Submit(v, typed), before)
	again, ok := on.(slacktest.View)
	if !ok || len(again.Errors) == 0 {
		return on
	}
	for _, in := range inputsOf(again) {
		if in.kind == "plain_text_input" && !strings.Contains(again.Plain(), typed[in.name]) {
			w.Errorf("%s: what was typed as %s is gone", what, in.name)
		}
	}
	before = w.look()
	return w.done(what+": a form as it is meant", w.p.Submit(again, right), before)
}

// goodWords are what a line wants that takes no other; "" for one that takes
// any.
func goodWords(name string) string {
	return map[string]string{"zone": "Lisbon", "from": "today", "until": "2 weeks", "help": "Amina in HR"}[name]
}

// A field is one input of a form in Slack.
type field struct{ name, label, kind string }

func inputsOf(v slacktest.View) (all []field) {
	for _, b := range v.Blocks {
		block, _ := b.(map[string]any)
		if block["type"] != "input" {
			continue
		}
		label, _ := block["label"].(map[string]any)
		element, _ := block["element"].(map[string]any)
		all = append(all, field{fmt.Sprint(block["block_id"]), fmt.Sprint(label["text"]), fmt.Sprint(element["type"])})
	}
	return all
}

// longAgo names a message that Slack shows no more.
const longAgo = "1.000001"

// note remembers what can be pressed on an answer, each kind of page once.
func (w *walker) note(on slacktest.Surface) {
	old := slacktest.Message{TS: longAgo, Channel: w.p.Last().Channel, From: slacktest.Bot, For: w.p.ID()}
	switch one := on.(type) {
	case slacktest.Message:
		old.Blocks, old.Channel, old.For = one.Blocks, one.Channel, one.For
	case slacktest.View:
		old.Blocks = one.Blocks
		if one.Type == "home" {
			for _, c := range controlsOf(one.Blocks) {
				c.on = one
				w.push(c, "home ")
			}
			return
		}
		old.Channel = "C0GENERAL"
	}
	for _, c := range controlsOf(old.Blocks) {
		c.on = old
		w.push(c, "")
	}
}

func (w *walker) push(c control, where string) {
	key := where + pageOf(c.action)
	if w.seen[key] || c.action.Verb == "erase" && len(c.action.Args) > 0 {
		return
	}
	w.seen[key] = true
	w.queue = append(w.queue, c)
}

// controlsOf are all buttons and options of blocks that carry an action.
func controlsOf(blocks []any) (all []control) {
	text := func(v any) string {
		m, _ := v.(map[string]any)
		return fmt.Sprint(m["text"])
	}
	var walk func(v any)
	walk = func(v any) {
		switch one := v.(type) {
		case []any:
			for _, e := range one {
				walk(e)
			}
		case map[string]any:
			value, _ := one["value"].(string)
			if one["type"] == "button" && value != "" {
				all = append(all, control{label: text(one["text"]), action: coach.DecodeAction(value)})
			}
			options, _ := one["options"].([]any)
			for _, o := range options {
				option, _ := o.(map[string]any)
				value, _ := option["value"].(string)
				all = append(all, control{label: text(option["text"]), pick: true, action: coach.DecodeAction(value)})
			}
			for key, e := range one {
				if key != "options" {
					walk(e)
				}
			}
		}
	}
	walk(blocks)
	return slices.DeleteFunc(all, func(c control) bool { return !isVerb(c.action.Verb) })
}

// press does what a control is there for.
func (w *walker) press(name string, c control) {
	w.Helper()
	w.as(name)
	what := fmt.Sprintf("[%s] %s %q", c.label, c.action.Verb, c.action.Args)
	if v, ok := c.on.(slacktest.View); ok { // the App Home, on the page it was on
		before := w.look()
		w.p.OpenHome()
		w.s.Wait(patience, func() bool {
			h, _ := w.p.Home()
			return before.answer(w) != nil && pageLabel(h.Private) == "Home"
		})
		if h, _ := w.p.Home(); h.Private != v.Private {
			w.p.Press(h, pageLabel(v.Private))
			w.s.Wait(patience, func() bool { h, _ = w.p.Home(); return h.Private == v.Private })
		}
		h, _ := w.p.Home()
		if !slices.ContainsFunc(controlsOf(h.Blocks), func(x control) bool { return x.label == c.label && x.pick == c.pick }) {
			return // the page is another one now
		}
		c.on = h
	}
	w.verbs[c.action.Verb] = true
	before := w.look()
	a := slacktest.Answer{}
	if c.pick {
		a = w.p.Pick(c.on, c.label)
	} else {
		a = w.p.Press(c.on, c.label)
	}
	on := w.done(what, a, before)
	v, ok := on.(slacktest.View)
	w.take(what, on)
	if _, home := c.on.(slacktest.View); home && ok && v.Type == "modal" && before.home.ID != "" {
		// It is made anew under the window, once a form in it is sent.
		w.s.Wait(patience, func() bool { h, _ := w.p.Home(); return h.Updates > before.home.Updates })
	}
}

// pageLabel is the tab of the App Home that shows a page.
func pageLabel(private string) string {
	origin, _, _ := strings.Cut(private, "\n")
	switch coach.DecodeAction(origin).Verb {
	case "progress":
		return "Progress"
	case "settings":
		return "Settings"
	}
	return "Home"
}

// everything walks through all words, forms, buttons and menus, as an admin.
func (w *walker) everything(name string) {
	w.Helper()
	w.say(name, "") // as somebody new
	w.as(name)
	before := w.look()
	w.take("the shortcut", w.done("the shortcut", w.p.Shortcut("journal"), before))
	for _, c := range coach.Commands() {
		if c.Hidden {
			continue
		}
		w.verbs[c.Verb] = true
		for _, word := range append(slices.Clone(c.Aliases), c.Verb) {
			w.say(name, word)
			w.say(name, word+" "+w.mark())
			for _, p := range c.Params {
				for _, o := range p.Options {
					w.say(name, word+" "+o.Value)
					w.say(name, word+" "+o.Value+" "+w.mark())
				}
			}
		}
	}
	w.say(name, w.mark())
	for _, g := range w.h.coach.Edition().Guards {
		w.say(name, "I write of "+g.Words[0]+" and "+w.mark())
	}
	w.as(name)
	before = w.look()
	w.p.OpenHome()
	w.s.Wait(patience, func() bool { return before.answer(w) != nil })
	if h, ok := w.p.Home(); !ok {
		w.Error("no App Home")
	} else {
		w.note(h)
	}
	w.drain(name)
}

// drain presses all that was noted, and what that brings.
func (w *walker) drain(name string) {
	w.Helper()
	for len(w.queue) > 0 {
		c := w.queue[0]
		w.queue = w.queue[1:]
		w.press(name, c)
	}
}

// TestSlackWords has Anna go through everything there is, typing words of her
// own into every line, and then looks for them everywhere but where they
// belong.
func TestSlackWords(t *testing.T) {
	for _, way := range bothWays {
		t.Run(way, func(t *testing.T) {
			if way == "http" && !*long { // TestSlackLong and TestSlackStory go both ways
				t.Skip("goes the same walk once more: only with -long")
			}
			slackWords(t, way)
		})
	}
}

// otherStem is in all that Ben types.
const otherStem = "zqxother4242"

func slackWords(t *testing.T, way string) {
	alone(t)
	o := openOffice(t, way, monday.AddDate(0, 0, -1), slacktest.Setup{})
	o.setUp("general")
	anna := newWalker(o, stem)
	anna.everything("Anna")
	o.s.Event(map[string]any{"type": "user_change", "user": map[string]any{"id": "U0ANNA", "team_id": "T0LIGHT", "tz": "Asia/Tokyo", "is_admin": true, "updated": time.Now().Unix()}})
	anna.verbs["moved"] = true // by that event
	if n := len(o.s.Posted("general")) - 1; n != 0 {
		t.Errorf("%d public messages besides the introduction", n)
	}
	for _, c := range coach.Commands() {
		if !anna.verbs[c.Verb] && c.Verb != "draft" { // what is wrong shows in the form itself, which stays open
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
		calls, envelopes := len(o.s.Calls()), len(o.s.Envelopes())
		ben := newWalker(o, otherStem)
		ben.everything("Ben")
		ben.tell("Ben")
		ben.alone(stem, calls)
		for _, e := range o.s.Envelopes()[envelopes:] {
			if how := found(e.Ack, stem); how != "" {
				t.Errorf("Ben's acknowledgement holds what Anna typed, %s: %s", how, e.Ack)
			}
		}
	}
	if way == "sockets" { // what is sent does not hang on the way in
		anna.liveOn()
	}
	anna.nowhere()
	o.judge()
}

func (w *walker) tell(name string) {
	w.Helper()
	if w.late > w.acks/100 { // one or other is the machine's
		w.Errorf("%d of %d gestures were acknowledged after more than %s", w.late, w.acks, ackTime)
	}
	w.Logf("%s, %s: %d gestures, %d kinds of page, %d inputs, words typed %d times; slowest acknowledgement %s",
		w.way, name, w.acks, len(w.seen), len(w.inputs), w.marks, w.slowest.Round(time.Millisecond))
}

// alone demands that nothing that went to Slack from a call on holds words of
// the other's.
func (w *walker) alone(words string, from int) {
	w.Helper()
	for _, c := range w.s.Calls()[from:] {
		if how := found([]byte(text(w.T, c.Args)+c.Raw), words); how != "" {
			w.Errorf("%s holds what somebody else typed, %s: %.300s", c.Method, how, c.Raw)
		}
	}
}

// liveOn asks for all that is sent privately, lets six weeks pass, and presses
// all that Anna then finds in her direct messages.
func (w *walker) liveOn() {
	w.Helper()
	w.ask("Anna", "/rapport pause end", "", nil)
	w.take("daily", w.ask("Anna", "/rapport settings", "Rhythm", map[string]string{"rhythm": "Daily: a tip on each day you choose"}))
	w.take("kept", w.ask("Anna", "/rapport journal write", "", map[string]string{"words": w.mark()}))
	w.p.Press(nil, "Remind me in a month")
	w.take("plan", w.ask("Anna", "/rapport practice", "I'm in", nil))
	w.p.Press(nil, "My own words")
	w.p.Submit(w.p.WaitModal("plan"), map[string]string{"if": w.mark(), "then": w.mark()})
	v := w.p.WaitModal("May I ask you once")
	w.p.Press(v, v.Buttons()[0])
	w.p.WaitModal("I will ask you once")
	before := len(w.s.Posted("Anna"))
	w.on(45 * 24 * time.Hour)
	got := w.s.Posted("Anna")[before:]
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

// ask types a command, presses something on the answer, and sends the form
// that opens.
func (w *walker) ask(name, line, label string, answers map[string]string) slacktest.Surface {
	w.Helper()
	w.as(name)
	before := w.look()
	on := w.done(line, w.p.Command(line), before)
	if label != "" {
		m := on.(slacktest.Message)
		m.TS = longAgo // so that the answer comes below it
		before = w.look()
		on = w.done(label, w.p.Press(m, label), before)
	}
	if answers == nil {
		return on
	}
	before = w.look()
	return w.done(line, w.p.Submit(on.(slacktest.View), answers), before)
}

// nowhere demands that no words of Anna's or Ben's are in a file, a log, a
// metric, an App Home, a direct message, the text of a notification, a name
// within Slack, or before anybody else.
func (w *walker) nowhere() {
	w.Helper()
	v := &vault{T: w.T, env: w.env, h: w.h}
	places := v.files()
	if len(places["rapport.db"]) == 0 || len(places["rapport.keys"]) == 0 {
		w.Error("no database: the test looks in the wrong place")
	}
	places["the log"], places["the metrics"] = []byte(w.log.String()), v.metricsPage()
	sent := 0
	for i, c := range w.s.Calls() {
		switch c.Method {
		case "response_url", "upload": // to one person alone
		case "views.open", "views.update":
			view, _ := c.Args["view"].(map[string]any)
			places[fmt.Sprint(c.Method, i)] = []byte(fmt.Sprint(view["private_metadata"], view["callback_id"], view["external_id"], view["title"]))
		default:
			sent++
			places[fmt.Sprint(c.Method, " ", i)] = []byte(text(w.T, c.Args) + c.Raw)
		}
	}
	private := 0
	for _, m := range w.s.Messages("") {
		if m.Via != "user" {
			places["the notification of "+m.TS] = []byte(m.Text)
		}
		raw := []byte(text(w.T, m.Blocks))
		if found(raw, stem) != "" || found(raw, otherStem) != "" {
			private++
		}
		if m.For == "" {
			places["a message for everybody there, "+m.TS] = raw
		}
	}
	if private < 25 || sent < 10 {
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

// isVerb reports whether a command has that name.
func isVerb(name string) bool {
	return slices.ContainsFunc(coach.Commands(), func(c coach.Command) bool { return c.Verb == name })
}
