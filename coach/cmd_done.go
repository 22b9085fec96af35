package coach

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rapport/coach/curriculum"
	"rapport/coach/streak"
)

// outcomes are the answers that count, in the order they are offered.
var outcomes = []struct{ key, label string }{{"well", "Well"}, {"so-so", "So-so"}, {"hard", "Hard"}}

func doneCommand() Command {
	return Command{
		Verb: "done", Aliases: []string{"did", "checkin", "check-in"}, First: true,
		Summary: "tell how it went",
		Params: []Param{{Name: "how", Summary: "well, so-so, hard or no", Options: []Option{
			{"well", "well"}, {"so-so", "so-so"}, {"hard", "hard"}, {"no", "no"}}}},
		Run: runDone,
	}
}

// outcomeTyped reads how it went, as typed behind done; "" if that is not said.
func outcomeTyped(word string) string {
	switch word = strings.ToLower(strings.Trim(word, ".,!?")); word {
	case "well", "so-so", "hard", "no":
		return word
	case "soso":
		return "so-so"
	}
	return ""
}

// runDone asks how it went. Where that was typed with it, and it is clear what
// is meant, it takes the answer.
func runDone(ctx context.Context, v *visit) (Reply, error) {
	open := v.openFlows()
	if f, ok := v.flow(v.Arg(0)); ok {
		open = []Flow{f}
	}
	how := outcomeTyped(v.Arg(0))
	switch len(open) {
	case 0:
		return v.nothingOpen(ctx, how)
	case 1:
		o, ok := v.ed.Offer(open[0].Item)
		if !ok {
			return Reply{}, v.gone()
		}
		return v.howOrDid(ctx, open[0].ID, o, how)
	}
	s := &Select{Label: v.say.line("Which one did you try?")}
	for _, f := range open {
		o, _ := v.ed.Offer(f.Item)
		pick := Pick{clip(sentence(o.Title), MaxLabel), Do("done", f.ID)}
		if how != "" {
			pick.Action = Do("did", f.ID, how)
		}
		s.Options = append(s.Options, pick)
	}
	s.Options = s.Options[max(0, len(s.Options)-MaxOptions):]
	r := answer("", []Section{{Text: v.say.text("You have %s things open. Which one did you try?", len(open))}}, v.button("None of these", Do("home")))
	r.Message.Choices = s
	return r, nil
}

// nothingOpen takes a check-in without anything taken up before.
func (v *visit) nothingOpen(ctx context.Context, how string) (Reply, error) {
	o, err := v.thisWeek(ctx)
	if err != nil {
		return Reply{}, err
	}
	id := tryID(v.week(), o.ID)
	if f, ok := v.flow(id); ok && f.Node != nodeOpen {
		return answer("", []Section{{Text: v.say.text("This week's *%s* is noted already. Want another?", o.Title)}},
			v.primary("Another idea", Do("offer", "other", o.ID)), v.button("Progress", Do("progress"))), nil
	}
	return v.howOrDid(ctx, id, o, how)
}

// howOrDid asks how it went, or takes the answer where there is one: the same
// as pressing that button.
func (v *visit) howOrDid(ctx context.Context, id string, o curriculum.Offer, how string) (Reply, error) {
	if how == "" {
		return v.howPage(id, o), nil
	}
	v.Action = Do("did", id, how)
	return runDid(ctx, v)
}

// howPage asks how it went.
func (v *visit) howPage(id string, o curriculum.Offer) Reply {
	m := howMessage(v.say, id, o)
	return Reply{Message: &m, Replace: true}
}

// howMessage is the question, privately or as the one direct message.
func howMessage(say printer, id string, o curriculum.Offer) Message {
	m := Message{Sections: []Section{
		{Text: say.text("You had a small thing in mind: *%s*. How did it go?", o.Title)},
		{Quiet: true, Text: say.text("Any of the first three counts in full.")},
	}}
	for _, out := range outcomes {
		m.Buttons = append(m.Buttons, Button{Label: say.line(out.label), Action: Do("did", id, out.key)})
	}
	m.Buttons = append(m.Buttons,
		Button{Label: say.line("It did not happen"), Action: Do("did", id, "no")},
		Button{Label: say.line("What was it?"), Action: Do("later", id, "what")})
	return m
}

func didCommand() Command { return Command{Verb: "did", Hidden: true, Run: runDid} }

// runDid takes the answer: the check-in.
func runDid(ctx context.Context, v *visit) (Reply, error) {
	id, outcome := v.Arg(0), v.Arg(1)
	week, item, ok := splitTry(id)
	o, known := v.ed.Offer(item)
	if !ok || !known {
		return Reply{}, v.gone()
	}
	f, open := v.flow(id)
	if outcome == "no" {
		return v.notHappened(ctx, id, o), nil
	}
	if !slices.ContainsFunc(outcomes, func(x struct{ key, label string }) bool { return x.key == outcome }) {
		return Reply{}, v.gone()
	}
	if !open && v.today().DaysSince(week) > int(keepFlow.Hours()/24) {
		return Reply{}, v.mistake("That one is from some weeks ago and is cleared. `/rapport done` takes what you tried since.")
	}
	last, grace := streak.Grace(v.self.Ledger, v.today())
	meant := streak.Date(v.Arg(2))
	switch {
	case grace && meant == "" && (week == last || !open):
		return v.whichWeek(id, outcome, last), nil
	case meant == last && grace:
	case week == v.week() || !grace || meant != last:
		meant = ""
	}
	if !open {
		f = v.newFlow(v.week(), item, nodeLate)
		f.ID = id
	} else if f.Node == nodeOpen {
		f.Node = nodeDone
	}
	return v.checkIn(ctx, f, o, outcome, meant)
}

// whichWeek asks, in the first two days of a week, which one was meant.
func (v *visit) whichWeek(id, outcome string, last streak.Date) Reply {
	return answer("", []Section{{Text: v.say.text("Was that last week or this week? Last week is still open.")}},
		v.primary("Last week", Do("did", id, outcome, string(last))),
		v.button("This week", Do("did", id, outcome, string(v.week()))))
}

// checkIn writes the check-in. What the log says before and after decides the
// one line about weeks; it is kept with the request, so that a repeat of the
// request gives the same answer.
func (v *visit) checkIn(ctx context.Context, f Flow, o curriculum.Offer, outcome string, week streak.Date) (Reply, error) {
	e := v.event(streak.Event{
		Key: keyOf(f.ID, 0), Kind: streak.CheckIn, Week: week,
		Step: o.Step, Item: o.ID, Outcome: outcome,
	})
	before := v.self.Ledger // not as of today: Append and Returned go on from any day, and each day costs a copy of all weeks
	after, told := before.Append(e)
	if v.self.Undone || !told { // else the ledger says as much as the whole log does
		events, err := v.Store.Events(ctx, v.From)
		if err != nil {
			return Reply{}, fmt.Errorf("events: %w", err)
		}
		e.Key = checkInKey(events, f.ID)
		before = streak.Fold(events, v.today())
		after = streak.Fold(append(slices.Clip(events), e), v.today())
		if f.Node != nodeOpen && slices.ContainsFunc(events, func(x streak.Event) bool { return x.Key == lastKey(events, f.ID) && !undone(events, x.Key) }) {
			e.Key = lastKey(events, f.ID) // a second press on the same question: the store answers as it did the first time
		}
	}
	done, err := v.apply(ctx, Change{
		Events: []streak.Event{e}, PutFlows: []Flow{f}, Tried: v.triedHere(o.ID),
		Answer: strings.Join([]string{outcome, v.comeback(before, after), e.Key}, "|"),
	})
	if err != nil {
		return Reply{}, err
	}
	return v.notedPage(o, done.Answer), nil
}

// checkInKey is the next free meaning key for a check-in on a flow: a number is
// added only after an undo.
func checkInKey(events []streak.Event, flow string) string {
	n := 0
	for _, e := range events {
		if e.Kind == streak.Undo && strings.HasPrefix(e.Ref, "checkin/"+flow) {
			n++
		}
	}
	return keyOf(flow, n)
}

// lastKey is the key of the newest check-in on a flow.
func lastKey(events []streak.Event, flow string) string {
	key := ""
	for _, e := range events {
		if e.Kind == streak.CheckIn && (e.Key == keyOf(flow, 0) || strings.HasPrefix(e.Key, keyOf(flow, 0)+"#")) {
			key = e.Key
		}
	}
	return key
}

func keyOf(flow string, n int) string {
	if n == 0 {
		return "checkin/" + flow
	}
	return "checkin/" + flow + "#" + strconv.Itoa(n)
}

// comeback names the line that fits what just happened to the person's weeks,
// "" for none.
func (v *visit) comeback(before, after streak.Ledger) string {
	want := ""
	switch streak.Returned(before, after) {
	case streak.First:
		want = "first"
	case streak.RestWeekCovered:
		want = "rest_week"
	case streak.AfterBreak:
		want = "after_break"
	case streak.RunBack:
		want = "run_back"
	case streak.AfterPause:
		want = "after_pause"
	}
	if _, ok := streak.Milestone(before, after); ok && want == "" {
		want = "milestone"
	}
	var fits []string
	for _, c := range v.ed.Comebacks {
		if c.Case == want {
			fits = append(fits, c.ID)
		}
	}
	if len(fits) == 0 {
		return ""
	}
	return fits[after.Kept%len(fits)]
}

// triedHere is item if it counts in the figure of a team: where it is the team's
// post, or may be that of one of theirs.
func (v *visit) triedHere(item string) string {
	if v.Request.Team == (Team{}) || item == v.nudge {
		return item
	}
	return ""
}

// applyPractice applies ch with e, which keeps a week as a check-in does, and
// returns the line about the person's weeks, if there is one to say.
func (v *visit) applyPractice(ctx context.Context, e streak.Event, ch Change) ([]Section, error) {
	events, err := v.Store.Events(ctx, v.From)
	if err != nil {
		return nil, fmt.Errorf("events: %w", err)
	}
	before := streak.Fold(events, v.today())
	ch.Events, ch.Answer = append(ch.Events, e), v.comeback(before, streak.Fold(append(slices.Clip(events), e), v.today()))
	done, err := v.apply(ctx, ch)
	if err != nil {
		return nil, err
	}
	if c, ok := v.ed.Comeback(done.Answer); ok {
		return []Section{{Text: marked(v.fillIn(c.Text))}}, nil
	}
	return nil, nil
}

// notedPage answers a check-in from what was kept with it.
func (v *visit) notedPage(o curriculum.Offer, kept string) Reply {
	l := v.ledger()
	k := noted{offer: o.ID, kept: kept, run: l.Run, rest: l.Rest, total: l.Kept}
	k.lately, k.of = l.KeptOf(lately)
	return v.noted.page(k, func() Reply { return v.newNotedPage(o, kept) })
}

func (v *visit) newNotedPage(o curriculum.Offer, kept string) Reply {
	parts := strings.SplitN(kept, "|", 3)
	for len(parts) < 3 {
		parts = append(parts, "")
	}
	outcome, line, key := parts[0], parts[1], parts[2]
	noted := map[string]string{
		"well":  "*Noted.* Good to hear.",
		"so-so": "*Noted.* So-so counts in full: you did it.",
		"hard":  "*Noted.* Trying it on a hard day counts in full.",
	}
	sections := []Section{{Text: v.say.text(orElse(noted[outcome], "*Noted.*"))}}
	if c, ok := v.ed.Comeback(line); ok {
		sections = append(sections, Section{Text: marked(v.fillIn(c.Text))})
	} else if weeks := v.weeksLine(); weeks != "" {
		sections = append(sections, Section{Text: P(weeks)})
	} else {
		sections = append(sections, Section{Text: v.say.text("This week is kept. More of it is welcome, and not needed.")})
	}
	buttons := []Button{v.primary("Write a line about it", Do("write", "", o.ID))}
	if outcome == "hard" {
		sections = append(sections,
			Section{Text: v.say.text("*If it falls flat:* %s", marked(o.IfFlat))},
			Section{Text: v.say.text("*A smaller version:* %s", marked(o.Smaller))})
	}
	buttons = append(buttons, v.button("Another idea", Do("offer", "other", o.ID)), v.button("Progress", Do("progress")))
	if key != "" {
		buttons = append(buttons, v.button("Undo", Do("undo", key)))
	}
	return answer("", sections, buttons...)
}

// fillIn puts the person's numbers into a line on weeks.
func (v *visit) fillIn(s string) string {
	l := v.ledger()
	return strings.NewReplacer(
		"{run}", strconv.Itoa(l.Run), "{left}", strconv.Itoa(l.Rest),
		"{total}", strconv.Itoa(l.Kept), "{weeks}", strconv.Itoa(l.Kept), "{n}", strconv.Itoa(l.Run),
	).Replace(s)
}

// notHappened counts nothing.
func (v *visit) notHappened(_ context.Context, id string, o curriculum.Offer) Reply {
	return answer("", []Section{
		{Text: v.say.text("That happens, and nothing is counted. What would suit you?")},
		{Quiet: true, Text: v.say.text("Smaller would be: %s", o.Smaller)},
	},
		v.primary("Same again", Do("later", id, "same")),
		v.button("Smaller", Do("later", id, "smaller")),
		v.button("Leave it", Do("later", id, "leave")))
}

// whatWasIt shows what the question was about, with the person's own plan if
// they made one, and asks again.
func (v *visit) whatWasIt(ctx context.Context, id string, o curriculum.Offer) (Reply, error) {
	sections := v.offerSections(o, "")
	words, err := v.Store.FlowWords(ctx, v.From, id)
	if err != nil {
		return Reply{}, fmt.Errorf("plan: %w", err)
	}
	if when, then, ok := strings.Cut(words, "\n"); ok {
		sections = append(sections, Section{Text: v.say.text("*Your plan:* if %s, then I %s", shown(when), shown(then))})
	}
	m := howMessage(v.say, id, o)
	m.Buttons = m.Buttons[:4]
	m.Sections = append(sections, m.Sections[1:]...)
	m.Notice = v.say.line("What you had in mind")
	return Reply{Message: &m}, nil
}
