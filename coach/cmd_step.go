package coach

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"rapport/coach/curriculum"
)

func stepCommand() Command {
	var options []Option
	for i, names := range stepNames {
		n := strconv.Itoa(i + 1)
		options = append(options, Option{Label: n + " " + names[0], Value: n})
	}
	return Command{
		Verb: "step", Aliases: []string{"steps"}, First: true,
		Summary: "one of the six steps, with words to use",
		Params:  []Param{{Name: "which", Summary: "1 to 6 or a name", Options: options}},
		Run:     runStep,
	}
}

func runStep(_ context.Context, v *visit) (Reply, error) {
	which := strings.ToLower(strings.Join(v.Action.Args, " "))
	if which == "" {
		return v.allSteps(), nil
	}
	n, ok := stepNumber(which)
	if !ok {
		return Reply{}, &mistake{Message{
			Sections: []Section{{Text: v.say.text("There are six steps, and *%s* is not one of them. Which one would you like?", clip(which, 60))}},
			Choices:  v.stepSelect(),
			Buttons:  []Button{v.button("All six steps", Do("step"))},
			Notice:   v.say.line("There are six steps. Which one would you like?"),
		}}
	}
	return v.pages[v.ed.Steps[n-1].Key], nil
}

// allSteps lists the six with their essence.
func (v *visit) allSteps() Reply {
	var sections []Section
	for i := range v.ed.Steps {
		t := &v.ed.Steps[i]
		sections = append(sections, Section{Text: v.say.text("*%s. %s.* %s", t.N, t.Title, marked(t.Essence))})
	}
	sections = append(sections, Section{Quiet: true, Text: v.say.text("New here? Start with 2, 3 and 5: they carry most early on. Type `/rapport 3` to go straight to one.")})
	r := answer(v.say.line("The six steps"), sections, v.primary("This week", Do("home")))
	r.Message.Choices = v.stepSelect()
	return r
}

func (v *visit) stepSelect() *Select {
	s := &Select{Label: v.say.line("Open a step")}
	for i := range v.ed.Steps {
		t := &v.ed.Steps[i]
		s.Options = append(s.Options, Pick{fmt.Sprintf("%d. %s", t.N, t.Title), Do("step", strconv.Itoa(t.N))})
	}
	return s
}

// topicPage is one step, or repair, or ethics: essence, why and moves.
func (v *visit) topicPage(t *curriculum.Topic) Reply {
	sections := []Section{
		{Text: Join(B(t.Essence), P("\n"), marked(t.Why))},
	}
	for _, m := range t.Moves {
		sections = append(sections, Section{Text: Join(B(m.Name+". "), marked(m.How))})
	}
	sections = append(sections, Section{Quiet: true, Text: v.say.text("How sure are we? %s", t.Sure)})
	r := answer(v.topicTitle(t), sections,
		v.primary("Try it", Do("practice", t.Key)),
		v.button("Words to use", Do("part", t.Key, "say")),
		v.button("Do and don't", Do("part", t.Key, "rules")),
		v.button("All six steps", Do("step")),
	)
	r.Message.Choices = v.partSelect(t)
	return r
}

func (v *visit) topicTitle(t *curriculum.Topic) string {
	if t.N == 0 {
		return t.Title
	}
	return v.say.line("Step %d of 6: %s", t.N, t.Title)
}

// A part is one more thing to read on a topic.
type part struct {
	name, label string
	sections    func(*visit, *curriculum.Topic) []Section
}

func parts() []part {
	return []part{
		{"say", "Words to use", func(v *visit, t *curriculum.Topic) []Section {
			return append(append(v.phrases(t, curriculum.InPerson, 2), v.phrases(t, curriculum.Video, 2)...), v.phrases(t, curriculum.Chat, 2)...)
		}},
		{curriculum.InPerson, "Words to use in person", phrasesIn(curriculum.InPerson)},
		{curriculum.Video, "Words to use on video", phrasesIn(curriculum.Video)},
		{curriculum.Chat, "Words to use in writing", phrasesIn(curriculum.Chat)},
		{"rules", "Do and don't", (*visit).rules},
		{"slips", "Common slips", (*visit).slips},
		{"notes", "Notes: culture, power, neurodiversity, remote", (*visit).notes},
		{"sure", "How sure are we?", (*visit).evidence},
	}
}

func phrasesIn(channel string) func(*visit, *curriculum.Topic) []Section {
	return func(v *visit, t *curriculum.Topic) []Section { return v.phrases(t, channel, len(t.Phrases)) }
}

func (v *visit) partSelect(t *curriculum.Topic) *Select {
	s := &Select{Label: v.say.line("More on this step")}
	for _, p := range parts()[1:] {
		if p.name != "rules" { // has a button
			s.Options = append(s.Options, Pick{v.say.line(p.label), Do("part", t.Key, p.name)})
		}
	}
	return s
}

func partCommand() Command {
	return Command{Verb: "part", Hidden: true, Run: runPart}
}

func runPart(_ context.Context, v *visit) (Reply, error) {
	t, ok := v.ed.Topic(v.Arg(0))
	if !ok {
		return v.allSteps(), nil
	}
	for _, p := range parts() {
		if p.name != v.Arg(1) {
			continue
		}
		back := Do("step", strconv.Itoa(t.N))
		if t.N == 0 {
			back = Do("help", t.Key)
		}
		r := answer(v.say.line("%s: %s", t.Title, v.say.line(p.label)), p.sections(v, t),
			v.primary("Try it", Do("practice", t.Key)), v.button("Back to the step", back))
		r.Message.Choices = v.partSelect(t)
		return r, nil
	}
	return v.topicPage(t), nil
}

// phrases is at most n lines to say in a channel.
func (v *visit) phrases(t *curriculum.Topic, channel string, n int) []Section {
	text := B(v.say.line(channelNames[channel]))
	for _, p := range t.Phrases {
		if p.Channel == channel && p.Fits(v.audience()) && n > 0 {
			text = Join(text, P("\n"), Q(p.Say), P("\n"+p.When))
			n--
		}
	}
	return []Section{{Text: text}}
}

// channelNames say where people meet.
var channelNames = map[string]string{
	curriculum.InPerson: "In person",
	curriculum.Video:    "On video",
	curriculum.Chat:     "In writing",
}

func (v *visit) rules(t *curriculum.Topic) []Section {
	list := func(head string, rules []curriculum.Rule) Section {
		text := B(v.say.line(head))
		for _, r := range rules {
			if r.Fits(v.audience()) {
				text = Join(text, P("\n\u2022 "), marked(r.Text))
			}
		}
		return Section{Text: text}
	}
	return []Section{list("Do", t.Dos), list("Don't", t.Donts)}
}

func (v *visit) slips(t *curriculum.Topic) []Section {
	var sections []Section
	for _, m := range t.Mistakes {
		sections = append(sections, Section{Text: v.say.text("%s\n*Instead:* %s", marked(m.LooksLike), marked(m.Instead))})
	}
	return orNothing(v, sections)
}

// noteNames say what a note is about.
var noteNames = map[string]string{
	"culture": "Culture", "neurodiversity": "Neurodiversity", "power": "Power", "remote": "Remote",
}

func (v *visit) notes(t *curriculum.Topic) []Section {
	var sections []Section
	for _, n := range t.Notes {
		sections = append(sections, Section{Text: v.say.text("*%s.* %s", v.say.line(noteNames[n.Kind]), marked(n.Text))})
	}
	return orNothing(v, sections)
}

// evidence lists the claims a topic rests on with their caveats.
func (v *visit) evidence(t *curriculum.Topic) []Section {
	sections := []Section{{Text: marked(t.Sure)}}
	for _, id := range t.Claims {
		c, ok := v.ed.Claims[id]
		if !ok {
			continue
		}
		sections = append(sections, Section{Text: v.say.text("*%s.* %s _%s_", sentence(v.ed.Grades[c.ShownGrade]), c.Text, c.Caveat)})
	}
	return append(sections, Section{Quiet: true, Text: v.say.text("If we are wrong about a step, the courtesy in it still stands. `/rapport help sources` names the papers.")})
}

func orNothing(v *visit, sections []Section) []Section {
	if len(sections) == 0 {
		return []Section{{Text: v.say.text("Nothing on this yet.")}}
	}
	return sections
}

// sentence returns s with its first letter in upper case.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// clip returns s cut to n characters.
func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "\u2026"
}
