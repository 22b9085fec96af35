package coach

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"rapport/coach/curriculum"
)

func repairCommand() Command {
	return Command{
		Verb: "repair", Aliases: []string{"mend", "apologise", "apologize"},
		Summary: "mend something that broke, step by step",
		Run:     runRepair,
	}
}

// A repair is a flow of kind "repair". Its words, sealed, are the person's part,
// how they put it right, and a promise. Its node is what broke it. Nothing is
// asked or kept about the other person.
const flowRepair = "repair"

// keepRepair is how long a repair is kept after its last follow-up.
const keepRepair = 90 * 24 * time.Hour

// followUps are the days after which a person may be asked about a promise.
var followUps = [...]int{3, 10, 30}

// broke are the things that break trust, with what to begin with for each.
var broke = []struct{ key, label, first string }{
	{"late", "A promise or a date I missed", "Name the date and what you had promised. A new date only if you control it."},
	{"words", "Something I said", "Say the words back as you said them, without what you meant by them."},
	{"left-out", "I left somebody out", "Name where they were missing. Then ask what they would have wanted a say in."},
	{"told", "I passed on what was not mine to tell", "Say what you told, and whom. It lets them decide what to do about it."},
	{"credit", "I took credit, or gave none", "Put it right where it was said, and as widely."},
	{"quarrel", "We argued", "Ask first what it was like for them, and let them get to the end."},
	{"other", "Something else", "Say what happened in one breath: what you did, and when."},
}

func brokeLabel(key string) (label, first string) {
	for _, b := range broke {
		if b.key == key {
			return b.label, b.first
		}
	}
	return broke[len(broke)-1].label, broke[len(broke)-1].first
}

func runRepair(ctx context.Context, v *visit) (Reply, error) {
	id := v.Arg(1)
	switch v.Arg(0) {
	case "form":
		return v.repairForm(ctx, id)
	case "show":
		return v.withRepair(ctx, id, v.repairPage)
	case "follow":
		return v.withRepair(ctx, id, v.followForm)
	case "kept":
		return v.withRepair(ctx, id, v.promiseKept)
	case "not-yet":
		return v.withRepair(ctx, id, v.promiseNotYet)
	case "again":
		return v.withRepair(ctx, id, v.askAgain)
	case "quiet":
		return v.withRepair(ctx, id, v.stopFollowing)
	case "drop":
		return v.dropRepair(ctx, id)
	}
	return v.repairs(), nil
}

// repairs begins a repair. The way to human help comes first.
func (v *visit) repairs() Reply {
	sections := []Section{
		{Text: v.say.text("*First:* if somebody harasses, threatens or frightens you, that is not yours to mend. Please talk to %s. In danger, call your local emergency number.", v.contact())},
		{Text: v.say.text("*Mend what you broke.* Four small things: what happened and your part, a plain apology to say or send, how you put it right, and one promise that you keep. I can ask you after 3, 10 and 30 days whether you did.")},
		{Quiet: true, Text: v.say.text("Only you see what you write. Names are not needed: I keep nothing about the other person.")},
	}
	buttons := []Button{v.primary("Begin", Do("repair", "form"))}
	for _, f := range v.openRepairs() {
		label, _ := brokeLabel(f.Node)
		if len(buttons) < 3 {
			buttons = append(buttons, v.button(clip(v.say.line("Open: %s", v.say.line(label)), MaxLabel), Do("repair", "show", f.ID)))
		}
	}
	return answer(v.say.line("Mend something"), sections, append(buttons, v.button("How mending works", Do("help", "repair")), v.button("Home", Do("home")))...)
}

// openRepairs are those that are kept, the latest first.
func (v *visit) openRepairs() []Flow {
	open := slices.DeleteFunc(slices.Clone(v.self.Flows), func(f Flow) bool { return f.Kind != flowRepair || f.Over(v.now) })
	slices.Reverse(open)
	return open
}

// withRepair does f with a repair that is there.
func (v *visit) withRepair(ctx context.Context, id string, do func(context.Context, Flow) (Reply, error)) (Reply, error) {
	f, ok := v.flow(id)
	if !ok || f.Kind != flowRepair {
		return Reply{}, &mistake{Message{
			Sections: []Section{{Text: v.say.text("That repair is not here any more: you dropped it, or its time is over.")}},
			Buttons:  []Button{v.button("Mend something", Do("repair")), v.button("Home", Do("home"))},
		}}
	}
	return do(ctx, f)
}

// repairForm begins a repair, or changes the words of the one with that id.
func (v *visit) repairForm(ctx context.Context, id string) (Reply, error) {
	f, ok := v.flow(id)
	words := []string{"", "", ""}
	if ok && f.Kind == flowRepair {
		var err error
		if words, err = v.repairWords(ctx, id); err != nil {
			return Reply{}, err
		}
	}
	form := v.repairInputs(id, orElse(f.Node, broke[0].key), words, !ok)
	if v.Answers == nil {
		return Reply{Form: &form}, nil
	}
	if r, ok := v.guard(strings.Join([]string{v.Answers["part"], v.Answers["amends"], v.Answers["promise"]}, " ")); ok {
		return r, nil
	}
	answers, faulty, err := v.read(ctx, form)
	if faulty != nil || err != nil {
		return deref(faulty), err
	}
	return v.keepRepair(ctx, f, answers)
}

func (v *visit) repairInputs(id, what string, words []string, anew bool) Form {
	in := Input{Name: "what", Label: v.say.line("What broke it?"), Kind: PickOne, Value: what}
	for _, b := range broke {
		in.Options = append(in.Options, Option{v.say.line(b.label), b.key})
	}
	inputs := []Input{
		in,
		{Name: "part", Label: v.say.line("My part: I ..."), Hint: v.say.line("What you did, such as: promised the list for Tuesday and forgot"), Kind: Line, Value: words[0]},
		{Name: "amends", Label: v.say.line("How I put it right: I will ..."), Hint: v.say.line("Something in your own hands"), Kind: Line, Value: words[1]},
		{Name: "promise", Label: v.say.line("A promise I can keep: I will ..."), Hint: v.say.line("Small, and yours alone to keep; may stay empty"), Kind: Line, Value: words[2], Optional: true},
	}
	if anew { // later they are changed by themselves
		inputs = append(inputs, v.followInput(v.today(), nil))
	}
	return Form{
		Title: v.say.line("Mend something"), Action: Do("repair", "form", id), Submit: v.say.line("Go on"),
		Lead:   v.say.text("No *but* and no *if*: your part only. Only you see it. Leave names out."),
		Inputs: inputs,
	}
}

// repairWords are the person's words: their part, how they put it right, a
// promise.
func (v *visit) repairWords(ctx context.Context, id string) ([]string, error) {
	words, err := v.Store.FlowWords(ctx, v.From, id)
	if err != nil {
		return nil, fmt.Errorf("repair: %w", err)
	}
	parts := strings.SplitN(words, "\n", 3)
	for len(parts) < 3 {
		parts = append(parts, "")
	}
	return parts, nil
}

func (v *visit) keepRepair(ctx context.Context, f Flow, answers map[string]string) (Reply, error) {
	anew := f.Kind != flowRepair
	if anew {
		f = Flow{ID: flowRepair + "/" + v.mark(), Kind: flowRepair, Item: "rep", Edition: v.ed.Hash, Week: v.week(), Made: v.now, Expires: v.now.Add(keepRepair)}
	}
	words := []string{strings.TrimPrefix(answers["part"], "I "), strings.TrimPrefix(answers["amends"], "I will "), strings.TrimPrefix(answers["promise"], "I will ")}
	f.Node, f.Words = answers["what"], strings.Join(words, "\n")
	ch := Change{}
	unsure := false
	if days := followDays(answers["follow"]); anew && len(days) > 0 {
		ch.Wishes = v.followWishes(f, days)
		f.Expires = f.Made.Add(time.Duration(days[len(days)-1])*24*time.Hour + keepRepair)
		unsure = v.asksZone(&ch)
	}
	ch.PutFlows = []Flow{f}
	if _, err := v.apply(ctx, ch); err != nil {
		return Reply{}, err
	}
	return v.draftPage(f, words, v.followText(f, followDays(answers["follow"]), anew), unsure), nil
}

func (v *visit) repairPage(ctx context.Context, f Flow) (Reply, error) {
	words, err := v.repairWords(ctx, f.ID)
	if err != nil {
		return Reply{}, err
	}
	return v.draftPage(f, words, v.say.text("Only you see this."), false), nil
}

// draftPage is a plain apology made of the person's words, to say or to send,
// and what comes with it.
func (v *visit) draftPage(f Flow, words []string, note Text, unsure bool) Reply {
	_, first := brokeLabel(f.Node)
	end := func(s string) string { return strings.TrimRight(shown(s), ". ") }
	draft := v.say.line("I %s. That was my doing, and I am sorry. I will %s.", end(words[0]), end(words[1]))
	if words[2] != "" {
		draft += " " + v.say.line("From here on I will %s.", end(words[2]))
	}
	draft += " " + v.say.line("What was it like for you?")
	sections := []Section{
		{Text: Join(v.say.text("*To begin with:* "), P(v.say.line(first)))},
		{Text: Join(v.say.text("*A plain apology, to say or send in your own way:*"), P("\n"), Q(draft))},
		{Text: v.say.text("*Then:* ask whether now is a good time, say it once, stop, and hear them out. Forgiveness is theirs to give, or not.")},
		{Quiet: true, Text: note},
	}
	buttons := []Button{v.button("Change the words", Do("repair", "form", f.ID)), v.button("Follow-ups", Do("repair", "follow", f.ID)), v.button("Drop it", Do("repair", "drop", f.ID))}
	if unsure {
		sections = append(sections, Section{Text: v.zoneQuestion()})
		buttons = append(v.zoneButtons(), buttons...)
	} else {
		if id, ok := v.helps.scenario(help{steps: []int{0}, text: first}, v.audience()); ok {
			buttons = append([]Button{v.primary("Rehearse it", Do("rehearse", id))}, buttons...)
		}
		buttons = append(buttons, v.button("Home", Do("home")))
	}
	r := answer(v.say.line("Mend something"), sections, buttons...)
	r.Message.Notice = v.say.line("What you set out to mend")
	return r
}

func (v *visit) dropRepair(ctx context.Context, id string) (Reply, error) {
	if f, ok := v.flow(id); ok && f.Kind == flowRepair {
		if _, err := v.apply(ctx, Change{DropFlows: []string{id}, Cancel: noFollowUps(f)}); err != nil {
			return Reply{}, err
		}
	}
	return answer("", []Section{{Text: v.say.text("Dropped: what you wrote, and the follow-ups.")}}, v.button("Mend something", Do("repair")), v.button("Home", Do("home"))), nil
}

// tipOf is another tip on repair at each follow-up.
func tipOf(t curriculum.Topic, i int, n string) string {
	return t.Tips[(i+len(t.Tips)/3*slices.Index([]string{"3", "10", "30"}, n)+len(t.Tips))%len(t.Tips)].Text
}
