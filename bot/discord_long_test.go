package main

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"

	"rapport/adapters/discord/components"
	"rapport/adapters/discord/discordtest"
	"rapport/coach"
	"rapport/coach/coachtest"
)

// TestDiscordLong types hostile words and 20,000 characters behind every word,
// and sends them in forged forms, which Discord's own client would not: each is
// answered kindly, calls nobody and breaks no limit.
func TestDiscordLong(t *testing.T) {
	for _, way := range bothRoutes {
		t.Run(way, func(t *testing.T) { discordLong(t, way) })
	}
}

func discordLong(t *testing.T, way string) {
	alone(t)
	o := openServer(t, way, monday, discordtest.Setup{})
	o.setUp("general")
	lots := map[string]string{
		"letters": strings.Repeat("long ", 4000), "wide": strings.Repeat("\U0001F600", 20000), "marks": strings.Repeat("@everyone <@&1> *_~`|>#-", 833),
		"lines": strings.Repeat("a\n", 10000), "turned": strings.Repeat("\u202e", 20000), "one word": strings.Repeat("x", 20000), "hostile": coachtest.Hostile,
	}
	w := newRover(o, "")
	words := []string{"", "step", "practice", "done", "journal", "pause", "data", "help", "setup", "settings", "progress", "tip"}
	for name, text := range lots {
		for _, word := range words {
			line := strings.TrimLeft(word+" "+text, " ")
			w.as("Anna")
			w.d.Forge(func(payload map[string]any) { forgeTyped(payload, line) })
			m, form := w.done(name+" behind "+word, w.p.Command("/rapport", "typed"))
			if form == nil && (m.Plain() == "" || len(m.Plain()) > 12000) {
				t.Errorf("%s behind %q is answered by %d bytes", name, word, len(m.Plain()))
			}
			w.p.Complete("/rapport", "typed")
			w.d.Forge(nil)
			if errs := w.p.Errors(); len(errs) > 0 {
				t.Errorf("%s behind %q, completed: %q", name, word, errs)
			}
		}
	}
	forged := 0
	for _, form := range []struct{ line, press string }{
		{"journal write", ""}, {"pause", ""}, {"settings", "Rhythm"}, {"settings", "Place and habits"}, {"setup form", ""}, {"setup", "More"},
	} {
		for name, text := range lots {
			w.as("Anna")
			m, v := w.done(form.line, w.p.Command("/rapport", form.line))
			if form.press != "" {
				m.ID = gone
				_, v = w.done(form.press, w.p.Press(m, form.press))
			}
			if v == nil {
				t.Fatalf("%s opens no form: %s", form.line, m.Plain())
			}
			right := map[string]string{}
			for _, in := range formOf(*v) {
				switch in.kind {
				case "4":
					right[in.label] = cmp.Or(goodWords(in.name), "x")
				case "8":
					right[in.label] = "general"
				}
			}
			w.d.Forge(func(payload map[string]any) { forgeForm(payload, text) })
			m, again := w.done(form.line+" with "+name, w.p.Submit(*v, right))
			w.d.Forge(nil)
			if again != nil || m.Plain() == "" {
				t.Errorf("%s with %s: no answer in words", form.line, name)
			}
			forged++
		}
	}
	t.Logf("%s: %d commands and %d forged forms of up to 20,000 characters; slowest answer %s", way, len(lots)*len(words), forged, w.slowest.Round(time.Millisecond))
	o.judge()
}

// forgeTyped puts text behind a command, whole or as far as it is typed.
func forgeTyped(payload map[string]any, text string) {
	data, _ := payload["data"].(map[string]any)
	options, _ := data["options"].([]any)
	for _, o := range options {
		o.(map[string]any)["value"] = text
	}
}

// forgeForm puts text into every line of a form, and a value that it does not
// have into every menu.
func forgeForm(payload map[string]any, text string) {
	data, _ := payload["data"].(map[string]any)
	list, _ := data["components"].([]any)
	for _, part := range list {
		in, ok := part.(map[string]any)["component"].(map[string]any)
		if !ok {
			continue
		}
		if _, ok := in["values"]; ok {
			in["values"] = []any{"forged"}
		} else {
			in["value"] = text
		}
	}
}

// TestDiscordCurriculum has every item of the curriculum asked for and posted:
// all of it keeps to Discord's limits, and to its document.
func TestDiscordCurriculum(t *testing.T) {
	o := openServer(t, "gateway", monday, discordtest.Setup{})
	o.setUp("general")
	w := newRover(o, "")
	posted := 0
	post := func(kind string, c coach.Choice) {
		t.Helper()
		to := coach.ChannelOf(coach.Team{Platform: "discord", ID: o.d.GuildID("Lighthouse")}, o.d.ChannelID("#general"))
		m, err := o.h.coach.Speakers()[kind].Compose(t.Context(), coach.Occasion{Kind: kind, Subject: to.Channel, At: o.hand.Now(), To: to}, c)
		if err != nil {
			t.Fatalf("%s %v: %v", kind, c.Items, err)
		}
		if _, err := o.a.Send(t.Context(), to, fmt.Sprint("post", posted), m); err != nil {
			t.Fatalf("%s %v: %v", kind, c.Items, err)
		}
		posted++
	}
	for _, topic := range o.h.coach.Edition().Topics() {
		for _, m := range topic.Missions {
			w.act(coach.Do("why", m.ID))
			w.act(coach.Do("in", m.ID))
			post("question", coach.Choice{Composer: "question", Items: []string{"try/2027-03-15/" + m.ID}})
		}
		for _, n := range topic.Nudges {
			w.act(coach.Do("why", n.ID))
			w.act(coach.Do("in", n.ID))
			for _, composer := range []string{"nudge", "season", "round"} {
				post("nudge", coach.Choice{Composer: composer, Items: []string{n.ID}})
			}
		}
		for _, tip := range topic.Tips {
			w.act(coach.Do("why", tip.ID, "gap"))
		}
		for _, p := range topic.Prompts {
			w.act(coach.Do("write", p.ID))
		}
	}
	for _, a := range o.h.coach.Edition().Activities {
		w.act(coach.Do("activity", a.ID))
	}
	if w.acks < 200 || posted < 100 {
		t.Errorf("%d answers and %d posts: the walk ended early", w.acks, posted)
	}
	t.Logf("%d answers and %d posts, %d limits broken; against Discord's document: %t", w.acks, posted, len(o.d.Violations()), discordtest.Schemas())
	o.judge()
}

// act presses a button that stands nowhere any more.
func (w *rover) act(a coach.Action) {
	w.Helper()
	w.as("Anna")
	id, err := a.Encode()
	if err != nil {
		w.Fatal(err)
	}
	if back, ok := components.Picked(id, nil); !ok || back.Verb != a.Verb {
		w.Fatalf("%v is no button", a)
	}
	button := map[string]any{"type": 2.0, "style": 2.0, "label": "It", "custom_id": id, "id": 2.0}
	m, form := w.done(fmt.Sprint(a), w.p.Press(discordtest.Message{ID: gone, Channel: w.p.Place(), For: w.p.ID(), Flags: discordtest.Ephemeral | discordtest.ComponentsV2,
		Components: []map[string]any{{"type": 1.0, "id": 1.0, "components": []any{button}}}}, "It"))
	if form == nil && m.Plain() == "" {
		w.Errorf("%v: an empty answer", a)
	}
}
