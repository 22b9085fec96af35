package coach

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapport/coach/streak"
)

// Follow-ups of a repair: when they come, what they ask and what may be answered.

// followInput asks on which days a person may be asked. Those behind today are
// not offered.
func (v *visit) followInput(from streak.Date, chosen []string) Input {
	in := Input{Name: "follow", Label: v.say.line("May I ask you whether you kept it?"), Kind: PickMany, Optional: true, Value: strings.Join(chosen, ",")}
	for _, n := range followUps {
		if d := from.Add(n); d > v.today() {
			in.Options = append(in.Options, Option{v.say.line("after %d days, %s", n, v.dayOf(d)), strconv.Itoa(n)})
		}
	}
	return in
}

// followText says what was planned, for a repair that is new.
func (v *visit) followText(f Flow, days []int, anew bool) Text {
	if !anew || len(days) == 0 {
		return v.say.text("Only you see this. `/rapport repair` brings it back.")
	}
	var on []string
	for _, n := range days {
		on = append(on, v.dayOf(v.madeOn(f).Add(n)))
	}
	return v.say.text("I will ask you on %s, by direct message, and send nothing else. The message does not repeat what you wrote.", strings.Join(on, ", "))
}

func (v *visit) madeOn(f Flow) streak.Date { return streak.DateOf(f.Made.In(v.local().Location())) }

// followDays reads the answer to followInput, in order.
func followDays(answer string) (days []int) {
	for _, n := range followUps {
		if slices.Contains(strings.Split(answer, ","), strconv.Itoa(n)) {
			days = append(days, n)
		}
	}
	return days
}

func followSubject(f Flow, n int) string { return f.ID + "/" + strconv.Itoa(n) }

// followWishes are the follow-ups on those days after a repair was begun.
func (v *visit) followWishes(f Flow, days []int) (wishes []Wish) {
	loc, _ := v.zone()
	for _, n := range days {
		wishes = append(wishes, Wish{Kind: kindRepair, Subject: followSubject(f, n), To: v.me(), Date: v.madeOn(f).Add(n), Minute: v.messageMinute(), Zone: loc.String(), Exact: true})
	}
	return wishes
}

// noFollowUps ends every follow-up that is planned.
func noFollowUps(f Flow) (cancel []Wish) {
	for _, n := range followUps {
		cancel = append(cancel, Wish{Kind: kindRepair, Subject: followSubject(f, n)})
	}
	return append(cancel, Wish{Kind: kindRepair, Subject: f.ID + "/again"})
}

// followForm changes or ends what is planned.
func (v *visit) followForm(ctx context.Context, f Flow) (Reply, error) {
	in := v.followInput(v.madeOn(f), nil)
	if len(in.Options) == 0 {
		return answer("", []Section{{Text: v.say.text("All its follow-ups lie behind you. I can ask once more in three days, if you like.")}},
			v.button("Ask me in 3 days", Do("repair", "again", f.ID)), v.button("Back to it", Do("repair", "show", f.ID)), v.button("Home", Do("home"))), nil
	}
	form := Form{
		Title: v.say.line("Follow-ups"), Action: Do("repair", "follow", f.ID), Submit: v.say.line("Save"),
		Lead: v.say.text("Choose when I may ask whether you kept your promise. If you choose none, I will not ask."), Inputs: []Input{in},
	}
	if v.Answers == nil {
		return Reply{Form: &form}, nil
	}
	answers, faulty, err := v.read(ctx, form)
	if faulty != nil || err != nil {
		return deref(faulty), err
	}
	days := followDays(answers["follow"])
	ch := Change{Wishes: v.followWishes(f, days)}
	for _, w := range noFollowUps(f) {
		if !slices.ContainsFunc(ch.Wishes, func(x Wish) bool { return x.Subject == w.Subject }) {
			ch.Cancel = append(ch.Cancel, w)
		}
	}
	words, err := v.repairWords(ctx, f.ID)
	if err != nil {
		return Reply{}, err
	}
	if len(days) > 0 {
		f.Expires = f.Made.Add(time.Duration(days[len(days)-1])*24*time.Hour + keepRepair)
		ch.PutFlows = []Flow{f}
	}
	if _, err := v.apply(ctx, ch); err != nil {
		return Reply{}, err
	}
	note := v.say.text("Good: I will not ask.")
	if len(days) > 0 {
		note = v.followText(f, days, true)
	}
	return v.draftPage(f, words, note, false), nil
}

// promiseKept takes the good answer to a follow-up. It keeps a week, as a
// check-in does.
func (v *visit) promiseKept(ctx context.Context, f Flow) (Reply, error) {
	e := v.event(streak.Event{Key: f.ID + "/kept/" + clip(v.Arg(2), 10), Kind: streak.Promise, Item: f.Item})
	line, err := v.applyOnce(ctx, e, Change{})
	if err != nil {
		return Reply{}, err
	}
	sections := append([]Section{{Text: v.say.text("*Noted: kept.* A run of kept promises can bring trust back: that is an early finding, from one study.")}}, line...)
	return answer("", sections, v.button("Show it", Do("repair", "show", f.ID)), v.button("Stop asking", Do("repair", "quiet", f.ID)), v.button("Home", Do("home"))), nil
}

func (v *visit) promiseNotYet(_ context.Context, f Flow) (Reply, error) {
	return answer("", []Section{
		{Text: v.say.text("That happens. Say so to them before they have to ask, and give one smaller thing with a date that you control.")},
		{Text: v.say.text("Shall I ask once more in three days?")},
	}, v.primary("Ask me in 3 days", Do("repair", "again", f.ID)), v.button("Make the promise smaller", Do("repair", "form", f.ID)), v.button("Stop asking", Do("repair", "quiet", f.ID)), v.button("Home", Do("home"))), nil
}

// askAgain plans one follow-up more.
func (v *visit) askAgain(ctx context.Context, f Flow) (Reply, error) {
	loc, _ := v.zone()
	on := v.today().Add(3)
	f.Expires = v.now.Add(3*24*time.Hour + keepRepair)
	w := Wish{Kind: kindRepair, Subject: f.ID + "/again", To: v.me(), Date: on, Minute: v.messageMinute(), Zone: loc.String(), Exact: true}
	if _, err := v.apply(ctx, Change{PutFlows: []Flow{f}, Wishes: []Wish{w}}); err != nil {
		return Reply{}, err
	}
	return answer("", []Section{{Text: v.say.text("Good: once more, on *%s*.", v.dayOf(on))}}, v.button("Show it", Do("repair", "show", f.ID)), v.button("Home", Do("home"))), nil
}

func (v *visit) stopFollowing(ctx context.Context, f Flow) (Reply, error) {
	if _, err := v.apply(ctx, Change{Cancel: noFollowUps(f)}); err != nil {
		return Reply{}, err
	}
	return answer("", []Section{{Text: v.say.text("Good: I will not ask any more. What you wrote stays for you in `/rapport repair` until its time is over.")}},
		v.button("Show it", Do("repair", "show", f.ID)), v.button("Drop it", Do("repair", "drop", f.ID)), v.button("Home", Do("home"))), nil
}

// A repairSpeaker asks whether a promise was kept. It repeats nothing of what
// the person wrote.
type repairSpeaker struct{ c *Coach }

func (p repairSpeaker) Choose(ctx context.Context, o Occasion) (Choice, error) {
	v, err := p.c.visitFor(ctx, o)
	if err != nil {
		return Choice{}, err
	}
	id, n := cutLast(o.Subject)
	if f, ok := v.flow(id); !ok || f.Kind != flowRepair {
		return Choice{Skip: "dropped"}, nil
	}
	return Choice{Composer: kindRepair, Items: []string{id, n}, Edition: v.ed.Hash}, nil
}

func (p repairSpeaker) Compose(_ context.Context, _ Occasion, ch Choice) (Message, error) {
	if len(ch.Items) < 2 {
		return Message{}, errGone
	}
	say, id := p.c.say, ch.Items[0]
	text := say.text("A while ago you set out to mend something, with a small promise. Have you kept it so far?")
	if n, err := strconv.Atoi(ch.Items[1]); err == nil {
		text = say.text("%s days ago you set out to mend something, with a small promise. Have you kept it so far?", n)
	}
	m := Message{
		Sections: []Section{{Text: text}, {Quiet: true, Text: say.text("You asked for this. Either answer is a fine one.")}},
		Buttons: []Button{
			{Label: say.line("Kept"), Action: Do("repair", "kept", id, ch.Items[1])}, {Label: say.line("Not yet"), Action: Do("repair", "not-yet", id)},
			{Label: say.line("Show it"), Action: Do("repair", "show", id)}, {Label: say.line("Stop asking"), Action: Do("repair", "quiet", id)},
		},
		Notice: say.line("Rapport has the question you asked for"),
	}
	if t := p.c.Edition().Repair; len(t.Tips) > 0 {
		i := len(id) % len(t.Tips)
		m.Sections = slices.Insert(m.Sections, 1, Section{Text: marked(tipOf(t, i, ch.Items[1]))})
	}
	return m, nil
}
