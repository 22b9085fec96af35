package coach

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapport/coach/curriculum"
	"rapport/coach/streak"
)

func rehearseCommand() Command {
	return Command{
		Verb: "rehearse", Aliases: []string{"roleplay", "role-play", "rehearsal"},
		Summary: "play through a talk before the real one",
		Run:     runRehearse,
	}
}

// A rehearsal is a flow of kind "rehearse". Its node is where the talk stands,
// or one of the two ends; its words are the choices made so far, sealed.
const (
	flowRehearse = "rehearse"

	nodeSmooth = "over/smooth" // every choice was the strong one
	nodeRough  = "over/rough"  // some were not: the next tip is on that step
)

// keepRehearsal is how long one that was begun can be gone on with, and how long
// what it showed leads the tips.
const keepRehearsal = 14 * 24 * time.Hour

func rehearsalID(scenario string) string { return flowRehearse + "/" + scenario }

// runRehearse lists the talks, begins or goes on with one, or takes a choice:
// its arguments are a scenario, a node and the number of a choice.
func runRehearse(ctx context.Context, v *visit) (Reply, error) {
	if v.Arg(0) == "" {
		return v.rehearsals(), nil
	}
	ed := v.editionOf(rehearsalID(v.Arg(0)))
	s, ok := ed.Scenario(v.Arg(0))
	if !ok {
		return Reply{}, v.gone()
	}
	if what := v.Arg(1); what == "" || what == "on" || what == "anew" {
		return v.beginRehearsal(ctx, s, v.Arg(1) == "anew")
	}
	node, ok := s.Node(v.Arg(1))
	n, err := strconv.Atoi(v.Arg(2))
	if !ok || err != nil || n < 0 || n >= len(node.Choices) {
		return Reply{}, v.gone()
	}
	return v.choose(ctx, s, node, n)
}

// rehearsals lists every talk that fits, with the way to go on with one.
func (v *visit) rehearsals() Reply {
	pick := &Select{Label: v.say.line("Choose a talk")}
	for _, s := range v.ed.Scenarios {
		if s.Fits(v.audience()) && len(pick.Options) < MaxOptions {
			pick.Options = append(pick.Options, Pick{clip(s.Title, MaxLabel), Do("rehearse", s.ID)})
		}
	}
	sections := []Section{
		{Text: v.say.text("*Rehearse a talk.* You read what they say and choose what you would say. Each choice gets an answer and a word on why. It takes about five minutes, nobody sees it, and it gives no marks.")},
	}
	var buttons []Button
	for _, f := range v.self.Flows {
		if s, ok := v.ed.Scenario(f.Item); ok && f.Kind == flowRehearse && !strings.HasPrefix(f.Node, "over/") && len(buttons) == 0 {
			sections = append(sections, Section{Text: v.say.text("You are in the middle of *%s*.", s.Title)})
			buttons = append(buttons, v.primary("Go on with it", Do("rehearse", s.ID, "on")))
		}
	}
	if len(pick.Options) == 0 {
		sections = append(sections, Section{Text: v.say.text("There is none here yet.")})
		pick = nil
	}
	r := answer(v.say.line("Rehearse"), sections, append(buttons, v.button("Home", Do("home")))...)
	r.Message.Choices = pick
	return r
}

// beginRehearsal shows where the talk stands, or its beginning.
func (v *visit) beginRehearsal(ctx context.Context, s curriculum.Scenario, anew bool) (Reply, error) {
	f, begun := v.flow(rehearsalID(s.ID))
	node, ok := s.Node(f.Node)
	if !begun || anew || !ok {
		node, _ = s.Node(s.Start)
		if begun {
			if _, err := v.apply(ctx, Change{DropFlows: []string{f.ID}}); err != nil {
				return Reply{}, err
			}
		}
	}
	lead := []Section{
		{Text: Join(B(s.Title), P(" \u00b7 "+channelsOf(v.say, []string{s.Channel})+" \u00b7 "+v.say.line("%d minutes", s.Minutes)))},
		{Text: marked(s.Setup)},
	}
	return v.momentPage(s, node, lead), nil
}

// momentPage shows a moment of the talk with what can be said in it.
func (v *visit) momentPage(s curriculum.Scenario, node curriculum.Node, lead []Section) Reply {
	choices := Text{}
	var buttons []Button
	for i, c := range node.Choices {
		letter := string(rune('A' + i))
		if i > 0 {
			choices = append(choices, P("\n")...)
		}
		choices = Join(choices, B(letter+". "), marked(c.Text))
		buttons = append(buttons, v.button(letter, Do("rehearse", s.ID, node.ID, strconv.Itoa(i))))
	}
	sections := append(lead, Section{Text: marked(node.Text)}, Section{Text: choices})
	return answer("", sections, append(buttons, v.button("Later", Do("rehearse")))...)
}

// choose takes a choice: what comes of it, why, and what comes next.
func (v *visit) choose(ctx context.Context, s curriculum.Scenario, node curriculum.Node, n int) (Reply, error) {
	id := rehearsalID(s.ID)
	path, err := v.Store.FlowWords(ctx, v.From, id)
	if err != nil {
		return Reply{}, fmt.Errorf("rehearsal: %w", err)
	}
	f, begun := v.flow(id)
	if !begun {
		path = ""
	}
	path = stepTo(path, node.ID, n)
	choice := node.Choices[n]
	ed := v.ed.Hash
	if begun {
		ed = f.Edition
	}
	flow := Flow{ID: id, Kind: flowRehearse, Item: s.ID, Edition: ed, Node: choice.Next, Week: v.week(), Made: v.now, Expires: v.now.Add(keepRehearsal), Words: path}
	why := []Section{{Text: Join(B(string(rune('A'+n))+". "), marked(choice.Text))}, {Text: Join(v.qualityOf(choice), marked(choice.Feedback))}}
	if end, over := s.End(choice.Next); over {
		flow.Node = endOf(s, path)
		line, err := v.applyOnce(ctx, v.event(streak.Event{Key: id + "/" + string(v.week()), Kind: streak.Rehearsal, Step: s.Step, Item: s.ID}), Change{PutFlows: []Flow{flow}})
		if err != nil {
			return Reply{}, err
		}
		return v.endPage(s, end, path, append(why, line...)), nil
	}
	if _, err := v.apply(ctx, Change{PutFlows: []Flow{flow}}); err != nil {
		return Reply{}, err
	}
	next, ok := s.Node(choice.Next)
	if !ok {
		return Reply{}, v.gone()
	}
	return v.momentPage(s, next, why), nil
}

// applyOnce is applyPractice, for what counts once however often it is done: the
// rest of ch is applied each time.
func (v *visit) applyOnce(ctx context.Context, e streak.Event, ch Change) ([]Section, error) {
	events, err := v.Store.Events(ctx, v.From)
	if err != nil {
		return nil, fmt.Errorf("events: %w", err)
	}
	if !slices.ContainsFunc(events, func(x streak.Event) bool { return x.Key == e.Key }) {
		return v.applyPractice(ctx, e, ch)
	}
	_, err = v.apply(ctx, ch)
	return nil, err
}

// qualityOf says in a word how a choice fares. It speaks of the line, never of
// who chose it.
func (v *visit) qualityOf(c curriculum.Choice) Text {
	switch c.Quality {
	case "strong":
		return v.say.text("*A strong line.* ")
	case "ok":
		return v.say.text("*That can work.* ")
	}
	return v.say.text("*Many of us would say that.* ")
}

// A path is the choices made: "n1:0 n2:1". A choice made anew takes the place of
// the one before and of all that came of it.
func stepTo(path, node string, choice int) string {
	var kept []string
	for _, step := range strings.Fields(path) {
		if at, _, _ := strings.Cut(step, ":"); at == node {
			break
		}
		kept = append(kept, step)
	}
	return strings.Join(append(kept, node+":"+strconv.Itoa(choice)), " ")
}

// weakSteps are the nodes of path at which a stronger line was there to choose.
func weakSteps(s curriculum.Scenario, path string) (nodes []curriculum.Node) {
	for _, step := range strings.Fields(path) {
		at, choice, _ := strings.Cut(step, ":")
		n, err := strconv.Atoi(choice)
		node, ok := s.Node(at)
		if ok && err == nil && n >= 0 && n < len(node.Choices) && node.Choices[n].Quality != "strong" {
			nodes = append(nodes, node)
		}
	}
	return nodes
}

func endOf(s curriculum.Scenario, path string) string {
	if len(weakSteps(s, path)) > 0 {
		return nodeRough
	}
	return nodeSmooth
}

// endPage closes a talk with what it showed: no marks, but the lines to take
// along.
func (v *visit) endPage(s curriculum.Scenario, end curriculum.End, path string, lead []Section) Reply {
	sections := append(lead, Section{Text: marked(end.Text)}, Section{Text: Join(v.say.text("*To take with you:* "), marked(end.Lesson))})
	weak := weakSteps(s, path)
	if len(weak) == 0 {
		sections = append(sections, Section{Text: v.say.text("Every line you chose could stand in a real talk. Say one aloud, on your own: it may come more easily then.")})
	}
	for _, node := range weak[:min(len(weak), 2)] {
		i := slices.IndexFunc(node.Choices, func(c curriculum.Choice) bool { return c.Quality == "strong" })
		sections = append(sections, Section{Text: Join(v.say.text("*Another line to try:* "), marked(node.Choices[i].Text))})
	}
	topic := curriculum.Repair
	if t, ok := v.ed.Step(s.Step); ok {
		topic = t.Key
	}
	if len(weak) > 0 && s.Step > 0 {
		sections = append(sections, Section{Quiet: true, Text: v.say.text("If you get tips from me, the next one will be about this.")})
	}
	return answer(v.say.line("How it ended"), sections,
		v.primary("Something small to try", Do("practice", topic)), v.button("Play it again", Do("rehearse", s.ID, "anew")),
		v.button("Another talk", Do("rehearse")), v.button("Home", Do("home")))
}

// scenarioOf is a talk to rehearse that goes with an offer: of those on its
// step, another one from week to week.
func (v *visit) scenarioOf(o curriculum.Offer) (curriculum.Scenario, bool) {
	var fits []curriculum.Scenario
	for _, s := range v.ed.Scenarios {
		if s.Step == o.Step && s.Topic == o.Topic && s.Fits(v.audience()) {
			fits = append(fits, s)
		}
	}
	if len(fits) == 0 {
		return curriculum.Scenario{}, false
	}
	return fits[v.week().DaysSince("2020-01-06")/7%len(fits)], true
}

// rough reports whether a rehearsal on that step showed something to work on, in
// the last two weeks.
func (v *visit) rough(step int) bool {
	return slices.ContainsFunc(v.self.Flows, func(f Flow) bool {
		s, ok := v.ed.Scenario(f.Item)
		return ok && f.Kind == flowRehearse && f.Node == nodeRough && s.Step == step && !f.Over(v.now)
	})
}
