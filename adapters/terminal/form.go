package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"rapport/coach"
)

// What a form's questions understand besides answers.
const (
	cancelWord = "cancel" // on a line of its own: leave
	emptyWord  = "-"      // empties an answer that is there
)

// errLeft says that a form was left.
var errLeft = errors.New("form left")

// fill asks the questions of f one after another and sends the answers. What
// the coach finds at fault is asked again, and the rest is kept. Somebody who
// leaves gets what the coach last said about their answers, if anything.
func (t *talk) fill(ctx context.Context, r coach.Request, f coach.Form) (coach.Reply, error) {
	if err := t.leadIn(f); err != nil {
		return coach.Reply{}, err
	}
	answers := make(map[string]string)
	for _, in := range f.Inputs {
		answers[in.Name] = in.Value
	}
	var last coach.Reply
	for ask := f.Inputs; ; {
		err := t.askAll(f, ask, answers, last.Faults)
		if errors.Is(err, errLeft) && last.Message != nil {
			return coach.Reply{Message: last.Message}, nil
		}
		if err != nil {
			return coach.Reply{}, err
		}
		send := t.request(r.At, f.Action)
		send.Answers = maps.Clone(answers)
		if last, err = t.answer(ctx, send); err != nil {
			return coach.Reply{}, err
		}
		ask = slices.DeleteFunc(slices.Clone(f.Inputs), func(in coach.Input) bool { return len(last.Faults[in.Name]) == 0 })
		if len(ask) == 0 {
			return last, nil
		}
		if err := t.note("Not sent yet: %s to put right. The rest is kept.", countOf(len(ask), "answer")); err != nil {
			return coach.Reply{}, err
		}
	}
}

func countOf(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// leadIn shows what stands above the questions.
func (t *talk) leadIn(f coach.Form) error {
	s := t.sheet()
	s.head(oneLine(f.Title)+" (only you)", tintBold)
	if len(f.Lead) > 0 {
		s.text(f.Lead, tintPlain)
	}
	s.row(cellsOf(fmt.Sprintf("(%s, then: %s. %s leaves.)", countOf(len(f.Inputs), "question"), oneLine(f.Submit), cancelWord), tintDim))
	s.blank()
	return t.screen.write(s.b.String())
}

// askAll asks some of a form's inputs and writes their answers.
func (t *talk) askAll(f coach.Form, ask []coach.Input, answers map[string]string, faults map[string]coach.Text) error {
	past := t.keys.past
	past.asks = true
	defer func() { past.asks, past.form = false, nil }()
	for _, in := range ask {
		number := ""
		if len(f.Inputs) > 1 {
			at := slices.IndexFunc(f.Inputs, func(other coach.Input) bool { return other.Name == in.Name })
			number = fmt.Sprintf("%d/%d ", at+1, len(f.Inputs))
		}
		in.Value = answers[in.Name]
		answer, err := t.question(t.asked(in, number), faults[in.Name])
		switch {
		case errors.Is(err, errLeft), errors.Is(err, io.EOF):
			return errors.Join(err, t.note("Left the form. Nothing was sent."))
		case err != nil:
			return err
		}
		answers[in.Name] = answer
	}
	return nil
}

// An asked is an input as it is asked here.
type asked struct {
	coach.Input
	number  string         // "1/3 ", or "" for the only question
	options []coach.Option // what can be picked; nil for words
}

func (t *talk) asked(in coach.Input, number string) asked {
	q := asked{in, number, in.Options}
	if in.Kind == coach.PickChannel {
		for _, c := range t.Channels {
			q.options = append(q.options, coach.Option{Label: "#" + c.Name, Value: c.ID})
		}
	}
	return q
}

// question asks until there is an answer that can be sent.
func (t *talk) question(q asked, fault coach.Text) (string, error) {
	for {
		if err := t.pose(q, fault); err != nil {
			return "", err
		}
		t.keys.past.form = nil
		if q.Value != "" && q.options == nil {
			t.keys.past.form = strings.Split(q.Value, "\n")
		}
		typed, err := t.typed(q)
		if err != nil {
			return "", err
		}
		answer, why := q.read(typed)
		if why == "" {
			return answer, nil
		}
		if fault = coach.P(why); q.options == nil && answer != "" {
			q.Value = answer // to be shortened, not typed again
		}
	}
}

// pose shows a question.
func (t *talk) pose(q asked, fault coach.Text) error {
	s := t.sheet()
	s.row(cellsOf(q.number+oneLine(q.Label), tintBold))
	if len(fault) > 0 {
		s.text(coach.Join(coach.P("! "), fault), tintPlain)
	}
	if q.Hint != "" {
		s.row(cellsOf(oneLine(q.Hint), tintDim))
	}
	s.options(q)
	if q.options == nil && q.Value != "" {
		gap := " "
		if q.Kind == coach.Long {
			gap = "\n"
		}
		s.text(coach.P("Now:"+gap+q.Value), tintPlain)
	}
	if guide := q.guide(); guide != "" {
		s.row(cellsOf("("+guide+")", tintDim))
	}
	return t.screen.write(s.b.String())
}

// manyOptions is from how many options on they share rows.
const manyOptions = 8

// options shows what can be picked, with its numbers.
func (s *sheet) options(q asked) {
	var all [][]cell
	for i, o := range q.options {
		words := fmt.Sprintf("[%d] %s", i+1, oneLine(o.Label))
		if q.chosen(o) {
			words += " (chosen)"
		}
		all = append(all, cellsOf(words, tintPlain))
	}
	if len(all) >= manyOptions {
		s.flow(all)
		return
	}
	for _, option := range all {
		s.row(option)
	}
}

// chosen reports whether o is part of the answer so far.
func (q asked) chosen(o coach.Option) bool {
	if q.Kind == coach.PickMany {
		return slices.Contains(strings.Split(q.Value, ","), o.Value)
	}
	return o.Value == q.Value
}

// guide says what can be typed.
func (q asked) guide() string {
	var parts []string
	switch q.Kind {
	case coach.Long:
		parts = append(parts, "several lines; an empty line ends")
	case coach.PickOne, coach.PickChannel:
		parts = append(parts, "a number")
	case coach.PickMany:
		parts = append(parts, "numbers, as in 1,3")
	}
	switch {
	case q.Value != "" && q.Optional:
		parts = append(parts, "Enter keeps it, "+emptyWord+" empties it")
	case q.Value != "":
		parts = append(parts, "Enter keeps it")
	case q.Optional:
		parts = append(parts, "Enter leaves it empty")
	}
	return strings.Join(parts, "; ")
}

// typed reads the lines of one answer.
func (t *talk) typed(q asked) (string, error) {
	var lines []string
	for {
		s, err := t.keys.read("> ")
		switch word := strings.TrimSpace(s); {
		case err != nil:
			return "", err
		case strings.EqualFold(word, cancelWord):
			return "", errLeft
		case q.Kind != coach.Long:
			return word, nil
		case word == "", len(lines) == 0 && word == emptyWord && q.Optional:
			return strings.TrimSpace(strings.Join(append(lines, s), "\n")), nil
		}
		lines = append(lines, s)
	}
}
