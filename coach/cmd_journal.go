package coach

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"rapport/coach/curriculum"
	"rapport/coach/streak"
)

// notesPage is how many entries are shown at once.
const notesPage = 5

func journalCommand() Command {
	return Command{
		Verb: "journal", Aliases: []string{"reflect", "diary", "note", "notes"},
		Summary: "write a line for yourself, read your own",
		Params:  []Param{{Name: "write", Summary: "write to open the form", Options: []Option{{Label: "write", Value: "write"}}}},
		Run:     runJournal,
	}
}

func runJournal(ctx context.Context, v *visit) (Reply, error) {
	if v.Arg(0) == "write" {
		v.Action = Do("write")
		return runWrite(ctx, v)
	}
	before, _ := strconv.ParseInt(v.Arg(0), 10, 64)
	notes, err := v.Store.Notes(ctx, v.From, max(0, before), notesPage+1)
	if err != nil {
		return Reply{}, fmt.Errorf("notes: %w", err)
	}
	if len(notes) == 0 && before > 0 {
		return Reply{}, v.mistake("There is nothing older than that.")
	}
	prompt := v.prompt()
	if len(notes) == 0 {
		return answer(v.say.line("Your journal"), []Section{
			{Text: v.say.text("Nothing written yet. One line is plenty.")},
			{Text: Q(prompt.Text)},
			{Quiet: true, Text: v.say.text("Only you see it here. It is sealed where it is kept.")},
		}, v.primary("Write", Do("write", prompt.ID)), v.button("Home", Do("home"))), nil
	}
	more := len(notes) > notesPage
	notes = notes[:min(len(notes), notesPage)]
	return v.notesReply(notes, more, prompt.ID), nil
}

// notesReply shows entries newest first, each in short.
func (v *visit) notesReply(notes []Note, more bool, prompt string) Reply {
	open := &Select{Label: v.say.line("Read or delete one")}
	var sections []Section
	names := v.namesOf(notes)
	for i, n := range notes {
		sections = append(sections, Section{Text: Join(B(names[i]), P("\n"), P(clip(shownLines(n.Words), 300)))})
		open.Options = append(open.Options, Pick{names[i], Do("note", strconv.FormatInt(n.ID, 10))})
	}
	buttons := []Button{v.primary("Write", Do("write", prompt))}
	if more {
		buttons = append(buttons, v.button("Older", Do("journal", strconv.FormatInt(notes[len(notes)-1].ID, 10))))
	}
	r := answer(v.say.line("Your journal"), sections, append(buttons, v.button("Home", Do("home")))...)
	r.Message.Choices = open
	r.Message.Notice = v.say.line("Your journal")
	return r
}

// namesOf names each entry by its day and, of some on one day, by its place
// among those that are shown with it.
func (v *visit) namesOf(notes []Note) []string {
	all, seen := map[streak.Date]int{}, map[streak.Date]int{}
	for _, n := range notes {
		all[n.Date]++
	}
	names := make([]string, len(notes))
	for i, n := range notes {
		seen[n.Date]++
		if names[i] = v.dayOf(n.Date); all[n.Date] > 1 {
			names[i] = v.say.line("%s, %s of %s", names[i], strconv.Itoa(seen[n.Date]), strconv.Itoa(all[n.Date]))
		}
	}
	return names
}

// dayOf writes a date as people say it.
func (v *visit) dayOf(d streak.Date) string {
	t := timeOf(d)
	if t.IsZero() {
		return string(d)
	}
	return v.say.line(t.Weekday().String()) + " " + strconv.Itoa(t.Day()) + " " + v.say.line(t.Month().String()) + " " + strconv.Itoa(t.Year())
}

// shownLines is shown, with the line breaks kept.
func shownLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = shown(l)
	}
	return strings.Join(lines, "\n")
}

// prompt is the reflection question of the day: about what is open or was
// practised last where there is something, else an observing one.
func (v *visit) prompt() curriculum.Prompt {
	step := firstOrder[(v.dayIndex()/7)%len(firstOrder)]
	if n := len(v.self.Flows); n > 0 {
		if o, ok := v.ed.Offer(v.self.Flows[n-1].Item); ok && o.Step > 0 {
			step = o.Step
		}
	}
	t, _ := v.ed.Step(step)
	if len(t.Prompts) == 0 {
		return curriculum.Prompt{}
	}
	return t.Prompts[v.dayIndex()%len(t.Prompts)]
}

func writeCommand() Command { return Command{Verb: "write", Hidden: true, Run: runWrite} }

// runWrite opens the journal form, or keeps what was written. The form carries
// a mark of its own, so that sending it twice keeps one entry.
func runWrite(ctx context.Context, v *visit) (Reply, error) {
	prompt, item, mark := v.Arg(0), v.Arg(1), v.Arg(2)
	p, ok := v.ed.Prompt(prompt)
	if !ok {
		p, prompt = v.prompt(), v.prompt().ID
	}
	if mark == "" {
		mark = v.mark()
	}
	lead := Join(Q(p.Text), P("\n"+p.FollowUp))
	if o, ok := v.ed.Offer(item); ok {
		prompt = ""
		lead = v.say.text("About *%s*: what happened, and what would you do the same way next time?", o.Title)
	}
	form := Form{
		Title: v.say.line("Journal"), Action: Do("write", prompt, item, mark), Submit: v.say.line("Keep it"), Lead: lead,
		Inputs: []Input{{Name: "words", Label: v.say.line("A line for yourself"), Hint: v.say.line("Only you see it. Leave names out: it reads as well without."), Kind: Long}},
	}
	if v.Answers == nil {
		return Reply{Form: &form}, nil
	}
	if r, ok := v.guard(v.Answers["words"]); ok {
		return r, nil
	}
	answers, faulty, err := v.read(ctx, form)
	if faulty != nil || err != nil {
		return deref(faulty), err
	}
	return v.keepNote(ctx, Note{Prompt: prompt, Item: item, Words: answers["words"]}, mark)
}

func (v *visit) keepNote(ctx context.Context, n Note, mark string) (Reply, error) {
	n.At, n.Date = v.now, v.today()
	e := v.event(streak.Event{Key: "journal/" + mark, Kind: streak.Journal, Item: n.Item})
	if o, ok := v.ed.Offer(n.Item); ok {
		e.Step = o.Step
	}
	line, err := v.applyPractice(ctx, e, Change{AddNotes: []Note{n}})
	if err != nil {
		return Reply{}, err
	}
	sections := append([]Section{{Text: v.say.text("*Kept.* Only you can read it here, any time, with `/rapport journal`.")}}, line...)
	return answer("", sections, v.button("Your journal", Do("journal")), v.button("Remind me in a month", Do("keep", "month", mark)), v.button("Home", Do("home"))), nil
}

func noteCommand() Command { return Command{Verb: "note", Hidden: true, Run: runNote} }

// runNote shows one entry whole, or deletes it.
func runNote(ctx context.Context, v *visit) (Reply, error) {
	id, err := strconv.ParseInt(v.Arg(0), 10, 64)
	if err != nil || id <= 0 {
		return Reply{}, v.gone()
	}
	notes, err := v.Store.Notes(ctx, v.From, id+1, 1)
	if err != nil {
		return Reply{}, fmt.Errorf("notes: %w", err)
	}
	if len(notes) == 0 || notes[0].ID != id {
		return Reply{}, v.mistake("That entry is not here any more.")
	}
	n := notes[0]
	switch v.Arg(1) {
	case "delete":
		return answer("", []Section{{Text: v.say.text("Delete the entry of *%s*? It cannot be brought back. Your weeks stay as they are.", v.dayOf(n.Date))}},
			Button{Label: v.say.line("Delete this entry"), Action: Do("note", v.Arg(0), "yes"), Danger: true},
			v.button("Keep it", Do("note", v.Arg(0)))), nil
	case "yes":
		if _, err := v.apply(ctx, Change{DropNotes: []int64{id}}); err != nil {
			return Reply{}, err
		}
		return answer("", []Section{{Text: v.say.text("Deleted.")}}, v.primary("Your journal", Do("journal"))), nil
	}
	sections := []Section{}
	if p, ok := v.ed.Prompt(n.Prompt); ok && n.Item == "" {
		sections = append(sections, Section{Quiet: true, Text: Q(p.Text)})
	}
	for _, piece := range pieces(shownLines(n.Words), 900) {
		sections = append(sections, Section{Text: P(piece)})
	}
	r := answer(v.dayOf(n.Date), sections, v.primary("Your journal", Do("journal")), v.button("Delete", Do("note", v.Arg(0), "delete")))
	r.Message.Notice = v.say.line("Your journal")
	return r, nil
}

// pieces cuts s into parts of at most n characters as a surface counts them.
func pieces(s string, n int) []string {
	var out []string
	var b strings.Builder
	used := 0
	for _, r := range s {
		if w := weight(string(r)); used+w > n {
			out = append(out, b.String())
			b.Reset()
			used = 0
		}
		b.WriteRune(r)
		used += weight(string(r))
	}
	return append(out, b.String())
}
