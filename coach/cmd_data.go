package coach

import (
	"context"
	"fmt"
)

func dataCommand() Command {
	return Command{
		Verb: "data", Aliases: []string{"privacy", "export", "erase", "forget"},
		Summary: "what is kept about you, to take or to erase",
		Run:     runData,
	}
}

func runData(ctx context.Context, v *visit) (Reply, error) {
	if v.Arg(0) == "download" && !v.TextOnly {
		return v.download(ctx)
	}
	if !v.self.Known {
		return answer("", []Section{{Text: v.say.text("Nothing is kept about you. Reading leaves no trace; only what you choose to press or write does.")}}, v.button("Home", Do("home"))), nil
	}
	if v.Arg(0) == "download" || v.Arg(0) == "read" {
		return v.readData(ctx, v.Arg(1))
	}
	r, err := v.Store.Receipt(ctx, v.From)
	if err != nil {
		return Reply{}, fmt.Errorf("receipt: %w", err)
	}
	take := []Button{v.primary("Download", Do("data", "download")), v.button("Read it here", Do("data", "read", "1"))}
	if v.TextOnly {
		take = []Button{v.primary("Read it here", Do("data", "read", "1"))}
	}
	return answer(v.say.line("Your data"), []Section{
		{Text: v.receipt("*Kept about you:* ", r)},
		{Text: v.say.text("Your own words are sealed with a key of your own. No screen, report or command shows anyone else what you do here. Whoever runs the server and holds its key could dig it out; that is %s.", v.operator())},
	}, append(take,
		Button{Label: v.say.line("Erase all of it"), Action: Do("erase"), Danger: true},
		v.button("Home", Do("home")))...), nil
}

func (v *visit) operator() string {
	return orElse(v.Operator, v.say.line("whoever set Rapport up for this team"))
}

// receipt says in words what is kept.
func (v *visit) receipt(lead string, r Receipt) Text {
	text := Join(v.say.text(lead), P(v.say.line("%d check-ins", r.CheckIns)), P(", "),
		v.say.text("%s (sealed)", v.say.line("%d notes", r.Notes)), P(", "),
		P(v.say.line("%d open plans", r.Flows)))
	if r.Zone != "" {
		text = Join(text, v.say.text(", your time zone (%s)", r.Zone))
	}
	if r.Rhythm != Quiet {
		text = Join(text, v.say.text(", your rhythm (%s)", string(r.Rhythm)))
	}
	if !r.Since.IsZero() {
		text = Join(text, v.say.text(", since %s", r.Since.In(v.local().Location()).Format("2 January 2006")))
	}
	return Join(text, P("."))
}

func (v *visit) download(ctx context.Context) (Reply, error) {
	if v.Export == nil {
		return Reply{}, v.mistake("This server cannot make files. Please ask whoever runs it for your data.")
	}
	data, err := v.Export(ctx, v.From)
	if err != nil {
		return Reply{}, fmt.Errorf("export: %w", err)
	}
	r := answer("", []Section{{Text: v.say.text("Here is everything that is kept about you, in one file. It holds your own words: keep it where only you look.")}}, v.button("Your data", Do("data")))
	r.File = &File{Name: "rapport-" + string(v.today()) + ".json", Type: "application/json", Data: data, Alt: v.say.line("Everything Rapport keeps about you, as JSON")}
	r.Replace = false
	return r, nil
}

func eraseCommand() Command { return Command{Verb: "erase", Hidden: true, Run: runErase} }

func runErase(ctx context.Context, v *visit) (Reply, error) {
	if !v.self.Known {
		return answer("", []Section{{Text: v.say.text("Nothing is kept about you.")}}, v.button("Home", Do("home"))), nil
	}
	if v.Arg(0) != "yes" {
		r, err := v.Store.Receipt(ctx, v.From)
		if err != nil {
			return Reply{}, fmt.Errorf("receipt: %w", err)
		}
		return answer(v.say.line("Erase everything?"), []Section{
			{Text: v.receipt("This goes at once, for good: ", r)},
			{Text: v.say.text("Messages that already stand in the chat stay there, files too.")},
		},
			Button{Label: v.say.line("Erase it now"), Action: Do("erase", "yes"), Danger: true},
			v.button("Keep it", Do("data"))), nil
	}
	if _, err := v.Store.Forget(ctx, v.From); err != nil {
		return Reply{}, fmt.Errorf("forget: %w", err)
	}
	v.wrote = true
	return answer("", []Section{{Text: v.say.text("Gone. Nothing is kept about you any more. You can begin again whenever you like.")}}, v.button("Home", Do("home"))), nil
}
