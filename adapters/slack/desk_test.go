package slack

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"

	"rapport/adapters/slack/slacktest"
	"rapport/coach"
	"rapport/coach/coachtest"
)

// monday is a Monday morning in Berlin.
var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// unhurried is what a test gives an answer that is to come in time: a busy
// machine alone makes none late.
const unhurried = 2 * time.Second

// An office is a Slack, a desk of our app in it and the coach behind that.
type office struct {
	*slacktest.Slack
	t      *testing.T
	desk   *desk
	coach  *coach.Coach
	store  *coachtest.Mem
	early  []string // calls before an acknowledgement
	loose  bool     // several gestures at once: early means nothing
	mu     sync.Mutex
	told   []Notice
	slow   func(coach.Request) time.Duration // how long the coach takes
	break_ func(coach.Request) (coach.Reply, error)
	asked  []coach.Request
	left   []coach.Person
	gone   []coach.Team
}

// openOffice opens one that ends with the test, and sees to it that nothing of
// Slack's was broken.
func openOffice(t *testing.T, setup slacktest.Setup, change ...func(*Options)) *office {
	t.Helper()
	o := &office{Slack: slacktest.New(t, setup), t: t}
	now := func() time.Time { return monday }
	o.store = coachtest.NewMem(now)
	var err error
	o.coach, err = coach.New(coach.Options{Store: o.store, Lessons: coachtest.Edition(), Now: now, WeekStart: time.Monday,
		Export: func(context.Context, coach.Person) ([]byte, error) { return []byte(`{"everything":1}`), nil }})
	if err != nil {
		t.Fatal(err)
	}
	options := Options{BotToken: o.BotToken(), AppToken: o.AppToken(), APIURL: o.APIURL(), Members: o, Notify: o.notice}
	for _, f := range change {
		f(&options)
	}
	a := New(options)
	a.ackWait = unhurried
	who, err := a.api.AuthTestContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	o.desk = newDesk(a, installed(who), coach.Steady(o), ctx)
	o.desk.backoff = time.Millisecond
	o.Use(o)
	t.Cleanup(func() {
		end()
		o.done()
		o.Demand()
		for _, call := range o.early {
			if o.loose {
				break
			}
			t.Errorf("%s was called before an acknowledgement", call)
		}
		for _, n := range o.notices("") {
			if n.Err != nil && (strings.Contains(n.Err.Error(), "http") || strings.Contains(n.Err.Error(), "xox") || strings.Contains(n.Err.Error(), "U0")) {
				t.Errorf("the notice %q says %q", n.What, n.Err)
			}
		}
	})
	return o
}

// done waits for all that is under way. The desk takes nothing afterwards.
func (o *office) done() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	o.desk.wait(ctx)
}

func (o *office) notice(n Notice) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.told = append(o.told, n)
}

// notices are those of that kind, all for "".
func (o *office) notices(what string) (out []Notice) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, n := range o.told {
		if what == "" || n.What == what {
			out = append(out, n)
		}
	}
	return out
}

// wantNotice waits for a notice of that kind, and takes all of it away.
func (o *office) wantNotice(what string) {
	o.t.Helper()
	for range 500 {
		if len(o.notices(what)) > 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	o.t.Errorf("no notice %q, but %v", what, o.notices(""))
}

// Handle hands r to the coach, as slowly as the test wants it.
func (o *office) Handle(ctx context.Context, r coach.Request) (coach.Reply, error) {
	o.mu.Lock()
	o.asked = append(o.asked, r)
	slow, broken := o.slow, o.break_
	o.mu.Unlock()
	if slow != nil {
		sleep(ctx, slow(r))
	}
	if broken != nil {
		return broken(r)
	}
	return o.coach.Handle(ctx, r)
}

func (o *office) Complete(context.Context, coach.Request, string) []coach.Option { return nil }

// delay makes the coach take d over each answer, for a while.
func (o *office) delay(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.slow = func(coach.Request) time.Duration { return d }
	o.desk.ackWait = New(Options{}).ackWait // as the program waits
}

// answerWith makes f answer in place of the coach; nil ends that.
func (o *office) answerWith(f func(coach.Request) (coach.Reply, error)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.break_ = f
}

// last is what the coach was asked last with that verb.
func (o *office) last(verb string) coach.Request {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := len(o.asked) - 1; i >= 0; i-- {
		if o.asked[i].Action.Verb == verb {
			return o.asked[i]
		}
	}
	o.t.Fatalf("the coach was not asked for %q", verb)
	return coach.Request{}
}

func (o *office) Leave(_ context.Context, who coach.Person) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.left = append(o.left, who)
	return nil
}

func (o *office) LeaveTeam(_ context.Context, team coach.Team) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.gone = append(o.gone, team)
	return nil
}

// Deliver brings a payload to the desk as a transport does.
func (o *office) Deliver(k slacktest.Kind, payload map[string]any) slacktest.Answer {
	raw, err := json.Marshal(payload)
	if err != nil {
		o.t.Fatal(err)
	}
	var in incoming
	switch k {
	case slacktest.Commands:
		in.Command = new(slackgo.SlashCommand)
		err = json.Unmarshal(raw, in.Command)
		in.ID = in.Command.TriggerID
	case slacktest.Interactions:
		in.Press = new(slackgo.InteractionCallback)
		err = json.Unmarshal(raw, in.Press)
		in.ID = in.Press.TriggerID
	default:
		var e slackevents.EventsAPIEvent
		e, err = slackevents.ParseEvent(raw, slackevents.OptionNoVerifyToken())
		in.Event = &e
		in.ID, _ = eventID(&e)
	}
	if err != nil {
		o.t.Fatalf("%s: %v", k, err)
	}
	before := len(o.Calls())
	begun := time.Now()
	a := o.desk.take(o.t.Context(), in)
	took := time.Since(begun)
	for _, call := range o.Calls()[before:] {
		if call.Method != "users.info" && call.At.After(begun) {
			o.mu.Lock()
			o.early = append(o.early, call.Method)
			o.mu.Unlock()
		}
	}
	if limit := o.desk.ackWait + 500*time.Millisecond; took > limit {
		o.t.Errorf("%s: acknowledged after %s, limit %s", k, took, limit)
	}
	a.sent()
	return slacktest.Answer{Kind: k, Payload: payload, Body: a.Body, JSON: true, Latency: took, Tries: 1}
}

// shown are the words of the only message that p got by a's acknowledgement.
func shown(t *testing.T, a slacktest.Answer) slacktest.Message {
	t.Helper()
	if a.Error != "" || a.Shown == nil {
		t.Fatalf("nothing was shown in the acknowledgement: error %q, body %s", a.Error, a.Body)
	}
	return *a.Shown
}

// What Slack tells twice is done once, and a command's answer is the same.
func TestTwice(t *testing.T) {
	t.Parallel()
	o := openOffice(t, slacktest.Setup{})
	anna := o.Person("Anna").In("general")
	first := anna.Command("/rapport done")
	if again := o.Deliver(first.Kind, first.Payload); string(again.Body) != string(first.Body) {
		t.Errorf("the answer is\n%s\nand the second time\n%s", first.Body, again.Body)
	}

	same := func(name string, a slacktest.Answer, method string) {
		t.Helper()
		o.loose = true
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() { o.Deliver(a.Kind, a.Payload) })
		}
		all.Wait()
		o.idle()
		if n := len(o.Calls(method)); n != 1 {
			t.Errorf("%s: %s was called %d times", name, method, n)
		}
	}
	anna.Command("/rapport step 3")
	m := anna.Last()
	same("press", anna.Press(m, m.Buttons()[0]), "response_url")
	same("form", anna.Command("/rapport pause"), "views.open")
	anna.CloseModal()
	same("home", anna.OpenHome(), "views.publish")
}

// A repetition that arrives while the first is under way changes nothing twice.
func TestTwiceAtOnce(t *testing.T) {
	t.Parallel()
	o := openOffice(t, slacktest.Setup{})
	anna := o.Person("Anna").In("general")
	anna.Command("/rapport journal write")
	form := anna.WaitModal("Journal")
	o.delay(coach.AckWait + 30*time.Millisecond)
	o.loose = true
	var all sync.WaitGroup
	a := anna.Submit(form, map[string]string{"words": "only once"})
	all.Go(func() { o.Deliver(a.Kind, a.Payload) })
	anna.WaitModal("Kept.")
	all.Wait()
	c := anna.Command("/rapport 3")
	all.Go(func() { o.Deliver(c.Kind, c.Payload) })
	anna.WaitMessage("Step 3")
	all.Wait()
	o.done()
	if n := len(o.Calls("views.update")); n != 1 {
		t.Errorf("views.update was called %d times", n)
	}
	if n := len(o.Calls("response_url")); n != 1 {
		t.Errorf("response_url was used %d times", n)
	}
	notes, err := o.store.Notes(t.Context(), coach.Person{Platform: platform, Realm: "T0LIGHT", User: anna.ID()}, 0, 5)
	if err != nil || len(notes) != 1 {
		t.Errorf("%d notes, %v", len(notes), err)
	}
}

// idle waits until nothing is under way: every call has its answer then, and what
// follows one gesture cannot look as if it came too early in the next.
func (o *office) idle() {
	o.t.Helper()
	o.until(func() bool { return len(o.desk.slots) == 0 })
}

// until waits until done says yes.
func (o *office) until(done func() bool) {
	o.t.Helper()
	for range 500 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	o.t.Fatal("it did not come to that")
}

// When Run ends, what is under way may end, and what takes too long is told to
// stop.
func TestWait(t *testing.T) {
	t.Parallel()
	o := openOffice(t, slacktest.Setup{})
	ben := o.Person("Ben").In("general")
	ben.Command("/rapport step 3")
	m := ben.Last()
	o.delay(coach.AckWait + 30*time.Millisecond)
	ben.Press(m, m.Buttons()[0])
	o.done()
	if n := len(o.Calls("response_url")); n != 1 {
		t.Errorf("%d late answers when wait returned", n)
	}

	o = openOffice(t, slacktest.Setup{})
	ben = o.Person("Ben").In("general")
	o.delay(time.Hour)
	ben.Command("/rapport")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	begun := time.Now()
	o.desk.wait(ctx)
	if took := time.Since(begun); took > 900*time.Millisecond {
		t.Errorf("wait took %s after its context ended", took)
	}
}

// More than can be done at a time is refused kindly.
func TestBusy(t *testing.T) {
	t.Parallel()
	o := openOffice(t, slacktest.Setup{})
	ben := o.Person("Ben").In("general")
	ben.Command("/rapport journal write")
	form := ben.WaitModal("Journal")
	o.idle()
	for range maxErrands {
		o.desk.slots <- struct{}{}
	}
	if m := shown(t, ben.Command("/rapport")); !strings.Contains(m.Plain(), "Very many people") {
		t.Errorf("the answer is\n%s", m.Plain())
	}
	o.wantNotice("busy")
	ben.Submit(form, map[string]string{"words": "kept"})
	if v, _ := ben.Modal(); !strings.Contains(v.Errors["words"], "Very many people") || !strings.Contains(v.Plain(), "kept") {
		t.Errorf("the form reads\n%s\nwith %v", v.Plain(), v.Errors)
	}
	for range maxErrands {
		<-o.desk.slots
	}
}
