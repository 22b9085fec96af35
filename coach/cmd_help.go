package coach

import (
	"context"
	"strings"

	"rapport/coach/curriculum"
)

func helpCommand() Command {
	return Command{
		Verb: "help", Aliases: []string{"about", "sources", "commands", "?"},
		Summary: "all words, what I keep, where it comes from",
		Params: []Param{{Name: "about", Summary: "more, keep, what, sources, repair or ethics", Options: []Option{
			{"more", "more"}, {"keep", "keep"}, {"what", "what"}, {"sources", "sources"}, {"repair", "repair"}, {"ethics", "ethics"}}}},
		Run: runHelp,
	}
}

func runHelp(_ context.Context, v *visit) (Reply, error) {
	switch about := strings.ToLower(v.Arg(0)); about {
	case "more":
		return v.helpMore(), nil
	case "keep":
		return v.helpKeep(), nil
	case "what":
		return v.helpWhat(), nil
	case "sources":
		return v.helpSources(), nil
	case curriculum.Repair, curriculum.Ethics:
		t, _ := v.ed.Topic(about)
		return v.topicPage(t), nil
	}
	text := B(v.say.line("What you can type"))
	for _, c := range Commands() {
		if c.First {
			text = Join(text, P("\n"), C(usage(c)), P(" "+v.say.line(c.Summary)))
		}
	}
	return answer(v.say.line("Help"), []Section{
		{Text: text},
		{Quiet: true, Text: v.say.text("A step can be asked for by number or name: `/rapport 3`, `/rapport empathy`.")},
	},
		v.primary("All words", Do("help", "more")), v.button("What is rapport?", Do("help", "what")),
		v.button("What I keep", Do("help", "keep")), v.button("Sources", Do("help", "sources")), v.button("Home", Do("home"))), nil
}

// usage is a command as it is typed.
func usage(c Command) string {
	if c.Verb == "home" {
		return "/rapport"
	}
	if len(c.Params) == 0 {
		return "/rapport " + c.Verb
	}
	return "/rapport " + c.Verb + " [" + c.Params[0].Name + "]"
}

func (v *visit) helpMore() Reply {
	var text Text
	for _, c := range Commands() {
		if c.Hidden || c.Admin && !v.mayManage() {
			continue
		}
		text = Join(text, C(usage(c)), P(" "+v.say.line(c.Summary)+"\n"))
	}
	return answer(v.say.line("All words"), []Section{
		{Text: text},
		{Quiet: true, Text: v.say.text("Wrong spelling is fine: I show the nearest one. To mend something that broke: `/rapport help repair`. What I will not help with: `/rapport help ethics`.")},
	}, v.button("Mending what broke", Do("help", "repair")), v.button("Ethics", Do("help", "ethics")), v.button("Home", Do("home")))
}

func (v *visit) helpKeep() Reply {
	return answer(v.say.line("What I keep"), []Section{
		{Text: v.say.text("*I read* only what you type to me and the buttons you press. I cannot read your messages.")},
		{Text: v.say.text("*I keep* your check-ins, your settings and your time zone; and your own words, sealed with a key of your own.")},
		{Text: v.say.text("*Nobody else sees* what you do here: no screen, report or command shows it. Whoever runs the server and holds its key could dig it out; that is %s.", v.operator())},
		{Text: v.say.text("*No AI answers you.* My texts are fixed, written by people, and say how sure they are.")},
	}, v.primary("Your data", Do("data")), v.button("Home", Do("home")))
}

func (v *visit) helpWhat() Reply {
	var sections []Section
	for _, i := range v.ed.Intros {
		sections = append(sections, Section{Text: Join(B(i.Title+". "), marked(i.Text))})
	}
	return answer(v.say.line("What is rapport?"), orNothing(v, sections), v.primary("All six steps", Do("step")), v.button("Home", Do("home")))
}

// sourcesShown is how many papers fit one message.
const sourcesShown = 12

// helpSources names the papers behind the steps, each step's first ones.
func (v *visit) helpSources() Reply {
	var sections []Section
	for i := range v.ed.Steps {
		t := &v.ed.Steps[i]
		text := B(t.Title)
		for n, s := range v.ed.References(t.Claims) {
			if n == sourcesShown/len(v.ed.Steps) {
				break
			}
			text = Join(text, P("\n"+clip(s.Ref, 160)))
		}
		sections = append(sections, Section{Text: text})
	}
	return answer(v.say.line("Sources"), append(sections, Section{Quiet: true, Text: v.say.text("%s papers stand behind the texts. Each step's *How sure are we?* says what they show and what they do not.", len(v.ed.Sources))}),
		v.primary("All six steps", Do("step")), v.button("Home", Do("home")))
}
